/**
 * CPU a call of every process: Tandem as separate processes on real Redis, Kafka and PostgreSQL, and beside
 * it Kamailio with PostgreSQL doing the same job, under the same SIPp scenarios on the same machine.
 * usage: node src/call.ts [CALLS_PER_SECOND,…] [SECONDS]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Carrier,
  configuration,
  demo,
  freePorts,
  placeCalls,
  startReal,
  until,
  type RunningSwitch,
} from '@tandem/e2e';
import { testKafkaBrokers, testPostgresUrl, testRedisUrl } from '@tandem/testing';
import { type CallRun, type ProcessCost, callTable } from './call-table.ts';
import { cpuTimeMs, listenerOf, machineCpuTimeMs } from './cpu-time.ts';
import { type KamailioPeer, startKamailioPeer } from './kamailio-peer.ts';

const rates = (process.argv[2] ?? '200,500').split(',').map(Number);
const seconds = Number(process.argv[3] ?? '15');

const CALLEE = '442079460000';
const LINES = 100_000;
// Until the compiler of Node has seen each path often enough; slower than what is measured.
const WARM_UP_CALLS = 2000;
const WARM_UP_RATE = 100;
/** What is still to be written when the last call has ended belongs to the calls as well. */
const SETTLE_MS = 2000;

/** A switch as the measurement sees it. */
interface Subject {
  readonly sipPort: number;
  readonly own: ReadonlyMap<string, number>;
  readonly stores: ReadonlyMap<string, number>;
  countCdrs(): Promise<number>;
}

const [carrierPort = 0, otherPort = 0, callerPort = 0] = await freePorts(3);
const carrier = await Carrier.start({ scenario: 'carrier-answers', port: carrierPort });
const tandem = await startReal();
const peer = await startKamailioPeer(carrierPort);
try {
  await tandem.configure(benchConfiguration());
  const subjects = { tandem: tandemSubject(tandem), peer: peerSubject(peer) };
  for (const subject of Object.values(subjects)) await load(subject, WARM_UP_RATE, WARM_UP_CALLS);
  const comparisons = [];
  for (const rate of rates) {
    const calls = rate * seconds;
    comparisons.push({
      tandem: await measure(subjects.tandem, rate, calls),
      peer: await measure(subjects.peer, rate, calls),
    });
  }
  process.stdout.write(`${callTable(comparisons)}\n`);
} finally {
  await peer.stop();
  await tandem.stop();
  await carrier.stop();
}

function benchConfiguration(): object {
  const document = configuration(carrierPort, otherPort);
  // Two limits that never bite: the account's and the gateway's lines are counted, as by the peer.
  for (const account of document.accounts) Object.assign(account, { lineLimit: LINES });
  for (const gateway of document.routingGateways) Object.assign(gateway, { lineLimit: LINES });
  for (const account of document.accounts) Object.assign(account, { openingBalance: '1000000' });
  return document;
}

function tandemSubject(running: RunningSwitch): Subject {
  const stores = {
    Redis: new URL(testRedisUrl()),
    Kafka: new URL(`tcp://${testKafkaBrokers()[0] ?? ''}`),
    PostgreSQL: new URL(testPostgresUrl()),
  };
  return {
    sipPort: running.sip.port,
    own: new Map([...running.processes].map(([name, process_]) => [name, process_.pid])),
    stores: new Map(
      Object.entries(stores).map(([name, { port }]) => [name, listenerOf(Number(port))]),
    ),
    countCdrs: async () => (await running.api.cdrs()).length,
  };
}

function peerSubject(running: KamailioPeer): Subject {
  const { sipPort, kamailioPid, postgresPid } = running;
  return {
    sipPort,
    own: new Map([['Kamailio', kamailioPid]]),
    stores: new Map([['PostgreSQL of Kamailio', postgresPid]]),
    countCdrs: () => running.countCdrs(),
  };
}

async function measure(subject: Subject, rate: number, calls: number): Promise<CallRun> {
  const cdrsBefore = await subject.countCdrs();
  const before = snapshot(subject);
  const othersBefore = othersCpuTimeMs(subject);
  const startedAt = performance.now();
  const result = await load(subject, rate, calls);
  const otherCores = (othersCpuTimeMs(subject) - othersBefore) / (performance.now() - startedAt);
  const after = snapshot(subject);
  const costs = (pids: ReadonlyMap<string, number>): ProcessCost[] =>
    [...pids].map(([name, pid]) => ({
      name,
      cpuMs: ((after.get(pid) ?? 0) - (before.get(pid) ?? 0)) / Math.max(result.successful, 1),
    }));
  const cdrs = (): Promise<number> => subject.countCdrs().then((count) => count - cdrsBefore);
  // Fewer than answered is shown, not hidden.
  await until('a CDR of every call', async () => (await cdrs()) >= result.successful).catch(
    () => undefined,
  );
  return {
    rate,
    placed: calls,
    answered: result.successful,
    retransmissions: result.retransmissions,
    cdrs: await cdrs(),
    otherCores,
    own: costs(subject.own),
    stores: costs(subject.stores),
  };
}

function snapshot(subject: Subject): ReadonlyMap<number, number> {
  const pids = [...subject.own.values(), ...subject.stores.values()];
  return new Map(pids.map((pid) => [pid, cpuTimeMs(pid)]));
}

/** Both switches and SIPp are below this process; the stores are not. */
function othersCpuTimeMs({ stores }: Subject): number {
  const below = cpuTimeMs(process.pid);
  return (
    machineCpuTimeMs() - below - [...stores.values()].reduce((sum, pid) => sum + cpuTimeMs(pid), 0)
  );
}

async function load(subject: Subject, rate: number, calls: number) {
  const result = await placeCalls({
    scenario: 'caller-digest',
    port: callerPort,
    target: { address: '127.0.0.1', port: subject.sipPort },
    callee: CALLEE,
    username: demo.phone,
    password: demo.password,
    calls,
    rate,
    timeoutMs: (calls / rate) * 1000 + 20_000,
  });
  await sleep(SETTLE_MS);
  return result;
}
