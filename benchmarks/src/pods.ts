/**
 * What it costs that any pod takes any packet: CPU of the edges a call, and how long an answer takes, with one edge that owns
 * the public address and with three behind a distributor that picks one at random for every packet. Both are up at the same
 * time and take turns, so that a busy machine is busy for both.
 * usage: node src/pods.ts [CALLS_PER_SECOND] [SECONDS] [ROUNDS]
 *   PROFILE=folder  has the one edge write a CPU profile there at its end
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Carrier,
  configuration,
  demo,
  freePorts,
  placeCalls,
  startTestCluster,
  type TestCluster,
} from '@tandem/e2e';
import { testRedisUrl } from '@tandem/testing';
import { cpuTimeMs, listenerOf, machineCpuTimeMs } from './cpu-time.ts';
import { podsTable, type PodsRound } from './pods-table.ts';

const rate = Number(process.argv[2] ?? '200');
const seconds = Number(process.argv[3] ?? '15');
const roundCount = Number(process.argv[4] ?? '3');
const profile = process.env['PROFILE'];

const CALLEE = '442079460000';
const LINES = 100_000;
/**
 * Until the compiler of Node has seen each path often enough, in each of the edges: the first calls cost twice as much as
 * those after some thousands. Slower than what is measured.
 */
const WARM_UP_CALLS_PER_POD = 4000;
const WARM_UP_RATE = 150;
/** What is still to be written when the last call has ended belongs to the calls as well. */
const SETTLE_MS = 2000;

const [carrierPort = 0, otherPort = 0, callerPort = 0] = await freePorts(3);
const carrier = await Carrier.start({ scenario: 'carrier-answers', port: carrierPort });
const nodeArgs =
  profile === undefined ? {} : { nodeArgs: { edge: ['--cpu-prof', `--cpu-prof-dir=${profile}`] } };
const one = await startTestCluster({ pods: 1, mode: 'direct', ...nodeArgs });
const three = await startTestCluster({ pods: 3, mode: 'random' });
const redisPid = listenerOf(Number(new URL(testRedisUrl()).port));
try {
  const subjects = [
    { title: 'one pod', cluster: one, rounds: [] as PodsRound[] },
    { title: 'three pods, random packets', cluster: three, rounds: [] as PodsRound[] },
  ];
  for (const { cluster } of subjects) {
    await cluster.configure(benchConfiguration());
    await load(cluster, WARM_UP_RATE, WARM_UP_CALLS_PER_POD * edgesOf(cluster).length);
  }
  for (let round = 0; round < roundCount; round += 1) {
    for (const { cluster, rounds } of subjects) rounds.push(await measure(cluster));
  }
  process.stdout.write(`${podsTable(rate, subjects)}\n`);
} finally {
  await three.stop();
  await one.stop();
  await carrier.stop();
}

function benchConfiguration(): object {
  const document = configuration(carrierPort, otherPort);
  // Limits that never bite.
  for (const account of document.accounts) {
    Object.assign(account, { lineLimit: LINES, openingBalance: '1000000' });
  }
  for (const gateway of document.routingGateways) Object.assign(gateway, { lineLimit: LINES });
  return document;
}

/** Process ids of the edges. */
function edgesOf(cluster: TestCluster): number[] {
  return [...cluster.processes]
    .filter(([name]) => name.startsWith('edge'))
    .map(([, process_]) => process_.pid);
}

async function measure(cluster: TestCluster): Promise<PodsRound> {
  const edges = edgesOf(cluster);
  const edgeMs = (): number => edges.reduce((sum, pid) => sum + cpuTimeMs(pid), 0);
  const otherMs = (): number => machineCpuTimeMs() - cpuTimeMs(process.pid) - cpuTimeMs(redisPid);
  const before = { edge: edgeMs(), redis: cpuTimeMs(redisPid), other: otherMs() };
  const startedAt = performance.now();
  const result = await load(cluster, rate, rate * seconds);
  const answered = Math.max(result.successful, 1);
  return {
    placed: rate * seconds,
    answered: result.successful,
    retransmissions: result.retransmissions,
    edgeMs: (edgeMs() - before.edge) / answered,
    redisMs: (cpuTimeMs(redisPid) - before.redis) / answered,
    answerTimesMs: result.answerTimesMs,
    otherCores: (otherMs() - before.other) / (performance.now() - startedAt),
  };
}

async function load(cluster: TestCluster, callsPerSecond: number, calls: number) {
  const result = await placeCalls({
    scenario: 'caller-digest',
    port: callerPort,
    target: cluster.sip,
    callee: CALLEE,
    username: demo.phone,
    password: demo.password,
    calls,
    rate: callsPerSecond,
    timeoutMs: (calls / callsPerSecond) * 1000 + 20_000,
    times: true,
  });
  await sleep(SETTLE_MS);
  return result;
}
