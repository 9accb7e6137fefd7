/**
 * What five pages of the console that are told as things change cost the calls, and whether they keep up (OPS-02): calls come at a steady
 * rate, each is up for as long as makes so many at once, and turns with and without the pages take turns (ABBA) under that one load.
 * usage: node src/live-pages.ts [CALLS_PER_SECOND] [CALLS_UP] [SECONDS_OF_A_TURN] [PAIRS] [GATEWAYS], by default 200 5000 10 6 1000
 *   SHAPE=split       as separate processes
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Carrier, demo, freePorts, placeCalls, startTestCluster, until } from '@tandem/e2e';
import { cpuTimeMs, listenerOf, residentBytes } from './cpu-time.ts';
import { endlessConfiguration } from './call-subjects.ts';
import { LivePages } from './live-page.ts';
import { testKafkaBrokers, testPostgresUrl, testRedisUrl } from '@tandem/testing';

const numbers = process.argv.slice(2).map(Number);
const [rate = 200, up = 5000, seconds = 10, pairs = 6, gateways = 1000] = numbers;
/** Until V8 has compiled what a call uses, and gateways, balances and pages have been asked for once. */
const WARM_UP_SECONDS = 20;
const PAGES_SETTLE_MS = 2000;

const [carrierPort = 0, other = 0, callerPort = 0] = await freePorts(3);
const carrier = await Carrier.start({ scenario: 'carrier-answers', port: carrierPort });
const running = await startTestCluster({
  layout: process.env['SHAPE'] === 'split' ? 'split' : 'pod',
  pods: 1,
  mode: 'direct',
  isRespawning: false,
});
try {
  await running.configure(document());
  const holdSeconds = up / rate;
  const turns = pairs * 2;
  const total = holdSeconds + WARM_UP_SECONDS + turns * (seconds + PAGES_SETTLE_MS / 1000) + 10;
  const load = placeCalls({
    scenario: 'caller-digest',
    port: callerPort,
    target: running.sip,
    callee: '442079460000',
    username: demo.phone,
    password: demo.password,
    calls: Math.ceil(rate * total),
    rate,
    pauseMs: holdSeconds * 1000,
    timeoutMs: (total + holdSeconds) * 1000 + 60_000,
  });
  const warmUp = new LivePages(running.api);
  await sleep(WARM_UP_SECONDS * 1000);
  await warmUp.close();
  await sleep(holdSeconds * 1000);
  const pids = processes();
  const costs: Cost[] = [];
  const seen: LivePages[] = [];
  const memoryBefore = apiMemory();
  for (let turn = 0; turn < turns; turn += 1) {
    // Without, with, with, without: what gets slowly cheaper or dearer weighs on both.
    const isWatched = turn % 4 === 1 || turn % 4 === 2;
    const pages = isWatched ? new LivePages(running.api) : undefined;
    await sleep(PAGES_SETTLE_MS);
    const cost = { isWatched, ...(await costOf(pids)) };
    await pages?.close();
    if (pages !== undefined) seen.push(pages);
    costs.push(cost);
    process.stdout.write(`${lineOf(cost)}\n`);
  }
  const memoryAfter = apiMemory();
  const result = await load;
  process.stdout.write(`${String(result.successful)} calls of ${String(result.successful + result.failed)} as they should be; api ${megabytes(memoryBefore)} before, ${megabytes(memoryAfter)} after\n`); // prettier-ignore
  for (const name of ['pod', 'own', 'all'] as const) sayRatios(name, costs);
  for (const line of LivePages.summary(seen)) process.stdout.write(`${line}\n`);
} finally {
  await running.stop();
  await carrier.stop();
}

interface Cost {
  readonly isWatched: boolean;
  /** Ms of CPU a call: of what has the call, of all own processes, and with the stores. */
  readonly pod: number;
  readonly own: number;
  readonly all: number;
  readonly perCall: ReadonlyMap<string, number>;
  readonly callsPerSecond: number;
  readonly callsUp: number;
}

function document(): object {
  const base = endlessConfiguration({ carrier: carrierPort, other });
  const addresses = [`127.0.0.1:${String(other)}`];
  const more = Array.from({ length: gateways }, (_, at) => ({
    name: `gateway-${String(at)}`,
    addresses,
    prefixes: [String(2000 + (at % 5000))],
    lineLimit: 30,
  }));
  return { ...base, routingGateways: [...base.routingGateways, ...more] };
}

function processes(): ReadonlyMap<string, number> {
  const stores = { Redis: testRedisUrl(), Kafka: `tcp://${testKafkaBrokers()[0] ?? ''}`, PostgreSQL: testPostgresUrl() }; // prettier-ignore
  return new Map([
    ...[...running.processes].map(([name, { pid }]) => [name, pid] as const),
    ...Object.entries(stores).map(([name, url]) => [name, listenerOf(Number(new URL(url).port))] as const), // prettier-ignore
  ]);
}

async function costOf(pids: ReadonlyMap<string, number>): Promise<Omit<Cost, 'isWatched'>> {
  const before = await sample(pids);
  await sleep(seconds * 1000);
  const after = await sample(pids);
  const calls = after.calls - before.calls;
  const perCall = new Map([...pids.keys()].map((name) => [name, ((after.cpu.get(name) ?? 0) - (before.cpu.get(name) ?? 0)) / calls])); // prettier-ignore
  const sum = (wanted: (name: string) => boolean): number =>
    [...perCall].reduce((ms, [name, each]) => ms + (wanted(name) ? each : 0), 0);
  return {
    pod: sum((name) => /^(pod|edge|auth|routing)/.test(name)),
    own: sum((name) => running.processes.has(name)),
    all: sum(() => true),
    perCall,
    callsPerSecond: calls / ((after.atMs - before.atMs) / 1000),
    callsUp: after.up,
  };
}

async function sample(pids: ReadonlyMap<string, number>) {
  const { pods } = await until('the pods answer', async () => {
    return (await running.api.get('/api/v1/pods').catch(() => undefined)) as
      { readonly pods: readonly { readonly calls: number }[] } | undefined;
  });
  const cpu = new Map([...pids].map(([name, pid]) => [name, cpuTimeMs(pid)]));
  const atMs = performance.now();
  return {
    cpu,
    atMs,
    up: await running.api.callsInProgress(),
    calls: pods.reduce((sum, { calls }) => sum + calls, 0),
  };
}

function apiMemory(): number {
  return residentBytes(processes().get('api') ?? 0);
}

function megabytes(bytes: number): string {
  return `${String(Math.round(bytes / 1e6))} MB`;
}

function lineOf({ callsPerSecond, callsUp, isWatched, perCall }: Cost): string {
  const parts = [...perCall].map(([name, ms]) => `${name} ${ms.toFixed(3)}`);
  return `${isWatched ? 'with   ' : 'without'} ${callsPerSecond.toFixed(0)} calls/s, ${String(callsUp)} up; ms a call: ${parts.join(', ')}`;
}

function sayRatios(name: 'pod' | 'own' | 'all', costs: readonly Cost[]): void {
  const ratios: number[] = [];
  for (let pair = 0; pair < costs.length; pair += 2) {
    const both = costs.slice(pair, pair + 2);
    const withPages = both.find(({ isWatched }) => isWatched)?.[name] ?? Number.NaN;
    const without = both.find(({ isWatched }) => !isWatched)?.[name] ?? Number.NaN;
    ratios.push(withPages / without);
  }
  const mean = (isWatched: boolean): number => {
    const those = costs.filter((each) => each.isWatched === isWatched).map((each) => each[name]);
    return those.reduce((sum, each) => sum + each, 0) / those.length;
  };
  // Of a page a second costs the same whatever the calls: at another rate their share is another.
  const perSecond = costs.map((each) => each[name] * each.callsPerSecond * (each.isWatched ? 1 : -1)).reduce((sum, each) => sum + each, 0) / (costs.length / 2); // prettier-ignore
  const titles = { pod: 'what has the call', own: 'own processes', all: 'with the stores' };
  const sorted = ratios.toSorted((one, another) => one - another);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  process.stdout.write(
    `${titles[name]}: ${mean(false).toFixed(3)} ms a call without, ${mean(true).toFixed(3)} with: ${(mean(true) / mean(false)).toFixed(3)} ×; by pairs ${median.toFixed(3)} (${ratios.map((each) => each.toFixed(3)).join(', ')}); ${perSecond.toFixed(0)} ms of CPU a second more with them\n`,
  );
}
