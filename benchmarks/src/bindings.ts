/**
 * REG-05: what bindings cost in Redis, and how long lists of them take. Phones register through the registrar's own handlers
 * into a Redis of the run's own; then pages are asked for, first and last, in each order and by each filter.
 * usage: node src/bindings.ts [PHONES]
 */
import { configurationSchema, memorySnapshots } from '@tandem/config';
import type { Configuration } from '@tandem/config';
import { silentJournal } from '@tandem/events';
import {
  ListRegistrationsRequest,
  RegisterRequest,
  RegistrationFilter,
  RequestedContact,
} from '@tandem/proto/registrar';
import { createRegistrarApp } from '@tandem/registrar';
import type { RegistrarApp } from '@tandem/registrar';
import { silentLogger } from '@tandem/service';
import { eventually, OwnRedis, seededRandom } from '@tandem/testing';

const FIRST_PHONE = 4_420_000_000;
/** What is under way at once: a registrar has a few hundred at its limit. */
const AT_ONCE = 200;
const ROWS = 50;
const REPETITIONS = 20;
const ACCOUNTS = 1000;
/** One in so many has two telephones that keep taking each other's place. */
const FLAPS_EVERY = 500;
const TAKEOVERS = 4;

/** Of real clients, the frequent ones first. */
const AGENTS = [
  'Yealink SIP-T46S 66.86.0.15',
  'Grandstream GXP2170 1.0.11.64',
  'PolycomVVX-VVX_411-UA/6.4.3.5814',
  'Linphone-Desktop/5.1.2 (Debian) LinphoneSDK/5.2.45',
  'Zoiper rv2.10.19.9',
  'snomD785/10.1.159.12',
  'baresip v1.0.0 (x86_64/linux)',
  'JsSIP 3.13.8',
];

const [phones = 1_000_000] = process.argv.slice(2).map(Number);
const nameOf = (at: number): string => String(FIRST_PHONE + at);

function configurationOf(count: number): Configuration {
  const document = configurationSchema.parse({
    // None expires meanwhile.
    parameters: {
      SS_ENDPOINT_EXPIRE_MAX: 7200,
      SS_ENDPOINT_NAT_EXPIRE: 3600,
      SS_ENDPOINT_EXPIRE_SPREAD: 20,
    },
    rateGroups: [{ name: 'standard', currency: 'USD' }],
    accounts: Array.from({ length: ACCOUNTS }, (_, at) => ({
      name: `account-${String(at)}`,
      rateGroup: 'standard',
    })),
    phones: [
      { username: 'x', password: 'p', account: 'account-0', registration: { maxBindings: 1 } },
    ],
  });
  const [pattern] = document.phones;
  if (pattern === undefined) throw new Error('the pattern of a phone is missing');
  const all = Array.from({ length: count }, (_, at) => ({
    ...pattern,
    username: nameOf(at),
    account: `account-${String(at % ACCOUNTS)}`,
  }));
  return { ...document, phones: all };
}

/** Two of three are behind a NAT, sixteen phones to an address. */
function requestOf(at: number, random: () => number, phone = nameOf(at)): RegisterRequest {
  const isBehindNat = at % 3 !== 0;
  const site = at >> 4;
  const address = `${String(11 + (site >> 16))}.${String((site >> 8) & 255)}.${String(site & 255)}.${isBehindNat ? '1' : String(2 + (at & 15))}`;
  const host = isBehindNat ? `192.168.1.${String(10 + (at & 15))}` : address;
  const id = Math.floor(random() * 2 ** 48).toString(16);
  return RegisterRequest.create({
    phone,
    sipCallId: `${id}@${host}`,
    cseq: 1 + Math.floor(random() * 5000),
    branch: `z9hG4bK${id}`,
    contacts: [RequestedContact.create({ uri: `sip:${phone}@${host}:5060;ob` })],
    source: `${address}:${String(isBehindNat ? 1024 + Math.floor(random() * 60_000) : 5060)}`,
    transport: 'udp',
    flow: '10.0.0.3:7000;0',
    userAgent: AGENTS[Math.floor(random() ** 2 * AGENTS.length)] ?? '',
    edge: 'edge-7f6d5b-abcde',
  });
}

async function fill(app: RegistrarApp): Promise<void> {
  const random = seededRandom(20_261_130);
  // Phones come in no order.
  const order = Uint32Array.from({ length: phones }, (_, at) => at);
  for (let at = phones - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
  }
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = order[next++]; at !== undefined; at = order[next++]) {
      const { outcome } = await app.handlers.register(requestOf(at, random));
      if (outcome?.$case !== 'registered') throw new Error(`${nameOf(at)} is not registered`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Two telephones of a phone that may have one register in turn. */
async function flap(app: RegistrarApp): Promise<void> {
  const random = seededRandom(2);
  for (let at = 0; at < phones; at += FLAPS_EVERY) {
    for (let times = 0; times < TAKEOVERS; times++) {
      await app.handlers.register(requestOf(times % 2 === 0 ? at ^ 1 : at, random, nameOf(at)));
    }
  }
}

interface Asked {
  readonly name: string;
  readonly filter?: Partial<RegistrationFilter>;
  readonly sort?: string;
  readonly cursor?: string;
}

const middle = nameOf(Math.floor(phones / 2));
const asked: readonly Asked[] = [
  { name: 'first page' },
  { name: `page ${String(Math.floor(phones / 2 / ROWS))}`, cursor: middle },
  { name: 'by source', sort: 'source' },
  { name: 'by User-Agent', sort: 'user-agent' },
  { name: 'by expiry', sort: 'expires' },
  { name: 'one phone', filter: { phone: middle } },
  { name: 'phones that begin so', filter: { phone: `${middle.slice(0, -3)}*` } },
  { name: 'an address', filter: { source: '11.0.7.1' } },
  { name: 'a block /16', filter: { source: '11.0.0.0/16' } },
  { name: 'a block /16, by expiry', filter: { source: '11.0.0.0/16' }, sort: 'expires' },
  { name: 'a block /27, by expiry', filter: { source: '11.0.7.0/27' }, sort: 'expires' },
  { name: 'a frequent User-Agent', filter: { userAgent: 'yealink' } },
  { name: 'a rare User-Agent', filter: { userAgent: 'JsSIP' } },
  { name: 'an unknown User-Agent', filter: { userAgent: 'friendly-scanner' } },
  { name: 'an account', filter: { account: 'account-7' } },
  { name: 'an account and a User-Agent', filter: { account: 'account-7', userAgent: 'JsSIP' } },
  { name: 'an account, by expiry', filter: { account: 'account-7' }, sort: 'expires' },
  { name: 'registered', filter: { status: 'registered' } },
  { name: 'expiring', filter: { status: 'expiring' } },
  { name: 'unregistered', filter: { status: 'unregistered' } },
  { name: 'flapping', filter: { status: 'flapping' } },
  { name: 'flapping, by source', filter: { status: 'flapping' }, sort: 'source' },
];

async function time(app: RegistrarApp, { cursor = '', filter, sort = '' }: Asked): Promise<string> {
  const request = ListRegistrationsRequest.create({
    filter: RegistrationFilter.create(filter),
    sort,
    limit: ROWS,
    cursor: Buffer.from(cursor).toString('base64url'),
  });
  const times: number[] = [];
  let rows = 0;
  for (let at = 0; at < REPETITIONS; at++) {
    const startedAt = performance.now();
    const page = await app.handlers.listRegistrations(request);
    times.push(performance.now() - startedAt);
    rows = page.registrations.length;
  }
  times.sort((a, b) => a - b);
  const cells = [times[REPETITIONS >> 1] ?? 0, times.at(-1) ?? 0].map((ms) => ms.toFixed(1));
  return `${cells.join(' | ')} | ${String(rows)}`;
}

const redis = await OwnRedis.start();
const app = createRegistrarApp(
  { redisUrl: redis.url, redisPrefix: 'tandem' },
  {
    logger: silentLogger(),
    snapshots: memorySnapshots(configurationOf(phones)),
    journal: silentJournal,
  },
);
try {
  await app.start();
  await eventually('the registrar is ready', () => app.isReady());
  const memory = async (): Promise<number> =>
    Number(/used_memory:(\d+)/.exec(String(await redis.command('INFO', 'memory')))?.[1]);
  const empty = await memory();
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await fill(app);
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(before);
  const bytes = ((await memory()) - empty) / phones;
  process.stdout.write(
    `${String(phones)} bindings: ${bytes.toFixed(0)} bytes each in Redis; filled in ${seconds.toFixed(0)} s, ` +
      `${((user + system) / phones).toFixed(0)} µs of the registrar's CPU each\n\n` +
      '| page of 50 | median, ms | slowest, ms | rows |\n| --- | ---: | ---: | ---: |\n',
  );
  await flap(app);
  for (const each of asked) {
    process.stdout.write(`| ${each.name} | ${await time(app, each)} |\n`);
  }
} finally {
  await app.stop();
  await redis.close();
}
