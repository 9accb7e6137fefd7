/**
 * ROUTE-14: one million prefixes over ten thousand gateways. Time and memory of loading them, and the CPU of a route:
 * of the prefix table alone, beside the same lookup in a Map from text to gateways and beside a scan of all
 * prefixes, and of a whole decision (account, rate, order by cost, terms, answer), its lines granted at once.
 * usage: node src/route-lookup.ts [PREFIXES] [GATEWAYS]
 */
import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { configurationSchema, memorySnapshots, secretKeyFrom } from '@tandem/config';
import type { Configuration } from '@tandem/config';
import { PrefixTable, parseMoney } from '@tandem/domain';
import { memoryLimits, type LineLedger } from '@tandem/limits';
import { Origin } from '@tandem/proto/auth';
import { RouteRequest } from '@tandem/proto/routing';
import { createRoutingApp } from '@tandem/routing';
import { silentLogger } from '@tandem/service';

/** What one run measured. */
export interface RouteLookupResult {
  readonly prefixes: number;
  readonly gateways: number;
  /** Seconds to check the document, and to build the tables from it. */
  readonly checkSeconds: number;
  readonly loadSeconds: number;
  readonly bytesPerRule: number;
  /** CPU of one lookup of every matching prefix, µs. */
  readonly tableMicros: number;
  readonly mapMicros: number;
  readonly scanMicros: number;
  readonly mapBytesPerRule: number;
  /** CPU of one whole decision, µs, and the candidates that it had to put in order. */
  readonly routeMicros: number;
  readonly candidates: number;
}

/** Gateways that serve one destination, on average. */
const GATEWAYS_A_CODE = 4;
const LOOKUPS = 100_000;
const SCANS = 20;
const ROUTES = 20_000;

export async function measureRouteLookup(
  prefixes: number,
  gateways: number,
): Promise<RouteLookupResult> {
  const random = generator(20_260_601);
  const rules = rulesOf(random, prefixes, gateways);
  const numbers = Array.from({ length: LOOKUPS }, () => {
    const code = rules[random(rules.length)]?.[0] ?? '';
    return code + digits(random, Math.max(0, 12 - code.length));
  });
  const document = documentOf(rules, gateways);
  const checkStart = performance.now();
  const configuration = configurationSchema.parse(document);
  const checkSeconds = (performance.now() - checkStart) / 1000;

  const routing = await openRouting();
  const before = bytesInUse();
  const loadStart = performance.now();
  routing.use(configuration);
  const loadSeconds = (performance.now() - loadStart) / 1000;
  const bytesPerRule = (bytesInUse() - before) / prefixes;
  const { routeMicros, candidates } = await measureRoutes(routing, numbers);
  await routing.app.stop();

  const table = new PrefixTable(rules);
  const tableMicros = micros(numbers, (number) => table.matches(number).length);
  const beforeMap = bytesInUse();
  const map = textMap(rules);
  const mapBytesPerRule = (bytesInUse() - beforeMap) / prefixes;
  const mapMicros = micros(numbers, (number) => mapMatches(map, number).length);
  const scanMicros = micros(numbers.slice(0, SCANS), (number) => scan(rules, number).length);
  return {
    prefixes,
    gateways,
    checkSeconds,
    loadSeconds,
    bytesPerRule,
    tableMicros,
    mapMicros,
    scanMicros,
    mapBytesPerRule,
    routeMicros,
    candidates,
  };
}

type Rule = readonly [prefix: string, gateway: string];
type Random = (below: number) => number;

/** Codes of 3 to 9 digits, as an A-to-Z price list has them, each sold by several gateways. */
function rulesOf(random: Random, prefixes: number, gateways: number): Rule[] {
  const codes = new Set<string>();
  while (codes.size < Math.ceil(prefixes / GATEWAYS_A_CODE)) {
    codes.add(String(1 + random(9)) + digits(random, 2 + random(3) + random(5)));
  }
  const rules: Rule[] = [];
  for (const code of codes) {
    const first = random(gateways);
    for (let copy = 0; copy < GATEWAYS_A_CODE && rules.length < prefixes; copy++) {
      rules.push([code, `gateway-${String((first + copy * 37) % gateways)}`]);
    }
  }
  return rules;
}

function documentOf(rules: readonly Rule[], gateways: number): unknown {
  const byGateway = new Map<string, string[]>();
  for (const [prefix, gateway] of rules) {
    const prefixes = byGateway.get(gateway);
    if (prefixes === undefined) byGateway.set(gateway, [prefix]);
    else prefixes.push(prefix);
  }
  const price = (pricePerMinute: string) => [{ prefix: '', pricePerMinute }];
  const vendors = Array.from({ length: 100 }, (_, index) => `vendor-${String(index)}`);
  return {
    rateGroups: [
      { name: 'standard', currency: 'USD', rates: price('0.02') },
      ...vendors.map((name, index) => ({
        name,
        currency: 'USD',
        rates: price(`0.0${String(100 + index)}`),
      })),
    ],
    accounts: [
      { name: 'customer', rateGroup: 'standard' },
      ...vendors.map((name) => ({ name, type: 'vendor', rateGroup: name })),
    ],
    phones: [{ username: '1', password: 'x', account: 'customer' }],
    routingGateways: Array.from({ length: gateways }, (_, index) => ({
      name: `gateway-${String(index)}`,
      addresses: ['192.0.2.1'],
      prefixes: byGateway.get(`gateway-${String(index)}`) ?? ['0'],
      priority: index % 3,
      lineLimit: 100,
      account: vendors[index % vendors.length],
    })),
  };
}

async function openRouting() {
  const { lines, ...others } = memoryLimits();
  const granted = { kind: 'taken', choice: 0, skipped: [], balance: parseMoney('100') } as const;
  const granting: LineLedger = {
    acquire: () => Promise.resolve(granted),
    peek: (request) => lines.peek(request),
    advance: (request) => lines.advance(request),
    renew: (callId, keys, leaseMs) => lines.renew(callId, keys, leaseMs),
    release: (callId, keys) => lines.release(callId, keys),
    list: (key) => lines.list(key),
    count: (keys) => lines.count(keys),
  };
  const snapshots = memorySnapshots();
  const app = await createRoutingApp(
    { redisPrefix: 'benchmark' },
    {
      logger: silentLogger(),
      snapshots,
      limits: { lines: granting, ...others },
      secretKey: secretKeyFrom(randomBytes(32).toString('base64')),
    },
  );
  await app.start();
  return { app, use: (next: Configuration) => snapshots.set(next) };
}

async function measureRoutes(
  { app }: Awaited<ReturnType<typeof openRouting>>,
  numbers: readonly string[],
): Promise<{ routeMicros: number; candidates: number }> {
  const origin = Origin.create({ kind: 'phone', name: '1', account: 'customer' });
  const requests = numbers
    .slice(0, ROUTES)
    .map((callee, index) => RouteRequest.create({ callId: String(index), origin, callee }));
  let candidates = 0;
  let routeMicros = Infinity;
  // The best of three: the first one compiles.
  for (let round = 0; round < 3; round++) {
    const cpu = process.cpuUsage();
    candidates = 0;
    for (const request of requests) {
      const { outcome } = await app.handlers.route(request);
      if (outcome?.$case !== 'routed') throw new Error(`${request.callee} was not routed`);
      candidates += outcome.value.candidates.length;
    }
    const { user, system } = process.cpuUsage(cpu);
    routeMicros = Math.min(routeMicros, (user + system) / requests.length);
  }
  return { routeMicros, candidates: candidates / requests.length };
}

function textMap(rules: readonly Rule[]): Map<string, string[]> {
  const map = new Map<string, string[]>();
  for (const [prefix, gateway] of rules) {
    const known = map.get(prefix);
    if (known === undefined) map.set(prefix, [gateway]);
    else known.push(gateway);
  }
  return map;
}

function mapMatches(map: ReadonlyMap<string, string[]>, number: string): string[][] {
  const found: string[][] = [];
  for (let length = number.length; length >= 0; length--) {
    const gateways = map.get(number.slice(0, length));
    if (gateways !== undefined) found.push(gateways);
  }
  return found;
}

function scan(rules: readonly Rule[], number: string): Rule[] {
  return rules.filter(([prefix]) => number.startsWith(prefix));
}

/** CPU of one call, the best of three rounds over all numbers. */
function micros(numbers: readonly string[], lookUp: (number: string) => number): number {
  let best = Infinity;
  let found = 0;
  for (let round = 0; round < 3; round++) {
    const cpu = process.cpuUsage();
    for (const number of numbers) found += lookUp(number);
    const { user, system } = process.cpuUsage(cpu);
    best = Math.min(best, (user + system) / numbers.length);
  }
  if (found === 0) throw new Error('nothing was found');
  return best;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function bytesInUse(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function digits(random: Random, count: number): string {
  let text = '';
  for (let index = 0; index < count; index++) text += String(random(10));
  return text;
}

/** The same rules in every run: xorshift. */
function generator(seed: number): Random {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

if (import.meta.main) {
  const prefixes = Number(process.argv[2] ?? 1_000_000);
  const gateways = Number(process.argv[3] ?? 10_000);
  const result = await measureRouteLookup(prefixes, gateways);
  const one = (value: number): string => value.toFixed(1);
  process.stdout.write(
    [
      `${String(prefixes)} prefixes over ${String(gateways)} gateways`,
      `load ${one(result.loadSeconds)} s after ${one(result.checkSeconds)} s to check the document`,
      `memory ${one(result.bytesPerRule)} bytes a rule (a Map of text: ${one(result.mapBytesPerRule)})`,
      `lookup ${one(result.tableMicros)} µs of CPU: ${(result.mapMicros / result.tableMicros).toFixed(2)} times as fast as a Map of text (${one(result.mapMicros)} µs), ${String(Math.round(result.scanMicros / result.tableMicros))} times as fast as a scan`,
      `route ${one(result.routeMicros)} µs of CPU, whole decision, ${one(result.candidates)} candidates in order`,
      '',
    ].join('\n'),
  );
}
