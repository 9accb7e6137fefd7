/**
 * What it costs that any pod takes any packet: CPU of the edges a call, and how long an answer takes, with one edge that owns
 * the public address at one rate, and with three at three times that rate, behind a distributor that picks one at random for every
 * packet: each pod has the same number of calls, since it is waking up that costs. Beside them a process that passes the same
 * packets on and does nothing else. All are up at the same time and take turns, so that a busy machine is busy for all.
 * usage: node src/pods.ts [CALLS_PER_SECOND_AND_POD] [SECONDS] [ROUNDS]
 *   SHAPE=pod       call pods in place of edges with services beside them
 *   PROFILE=folder  has the one edge write a CPU profile there at its end
 */
import { join } from 'node:path';
import {
  Carrier,
  freePorts,
  ManagedProcess,
  startTestCluster,
  type TestCluster,
} from '@tandem/e2e';
import { testRedisUrl } from '@tandem/testing';
import { load } from './call-load.ts';
import { endlessConfiguration } from './call-subjects.ts';
import { cpuTimeMs, listenerOf, machineCpuTimeMs } from './cpu-time.ts';
import { podsTable, type PodsRound } from './pods-table.ts';

const rate = Number(process.argv[2] ?? '100');
const seconds = Number(process.argv[3] ?? '15');
const roundCount = Number(process.argv[4] ?? '3');
const profile = process.env['PROFILE'];
const layout = process.env['SHAPE'] === 'pod' ? 'pod' : 'split';

/**
 * Until the compiler of Node has seen each path often enough, in each of the edges: the first calls cost twice as much as
 * those after some thousands. Slower than what is measured.
 */
const WARM_UP_CALLS_PER_POD = 4000;
const WARM_UP_RATE = 150;

/** Who takes the calls of a round. */
interface Subject {
  readonly title: string;
  /** How many share the calls. */
  readonly pods: number;
  readonly sip: { readonly address: string; readonly port: number };
  /** Of the processes whose CPU is counted. */
  readonly pids: readonly number[];
  readonly rounds: PodsRound[];
}

const [carrierPort = 0, otherPort = 0, callerPort = 0] = await freePorts(3);
const carrier = await Carrier.start({ scenario: 'carrier-answers', port: carrierPort });
const nodeArgs =
  profile === undefined ? {} : { nodeArgs: { edge: ['--cpu-prof', `--cpu-prof-dir=${profile}`] } };
const one = await startTestCluster({ layout, pods: 1, mode: 'direct', ...nodeArgs });
const three = await startTestCluster({ layout, pods: 3, mode: 'random' });
const redisPort = Number(new URL(testRedisUrl()).port);
const redisPid = listenerOf(redisPort);
const bare = await startBareRelay();
try {
  const subjects: Subject[] = [
    bare.subject,
    subjectOf('one pod', one),
    subjectOf('three pods, random packets', three),
  ];
  for (const cluster of [one, three])
    await cluster.configure(endlessConfiguration({ carrier: carrierPort, other: otherPort }));
  for (const subject of subjects) {
    await load(subject, {
      callerPort,
      rate: WARM_UP_RATE,
      calls: WARM_UP_CALLS_PER_POD * subject.pods,
    });
  }
  for (let round = 0; round < roundCount; round += 1) {
    for (const subject of subjects) subject.rounds.push(await measure(subject));
  }
  process.stdout.write(`${podsTable(rate, subjects)}\n`);
} finally {
  await bare.relay.stop();
  await three.stop();
  await one.stop();
  await carrier.stop();
}

async function startBareRelay(): Promise<{ relay: ManagedProcess; subject: Subject }> {
  const relay = new ManagedProcess({
    name: 'bare relay',
    command: process.execPath,
    args: [join(import.meta.dirname, 'bare-relay.ts'), String(carrierPort), String(redisPort)],
  });
  const [, port] = await relay.line(/^(\d+)\n/, 5000);
  const sip = { address: '127.0.0.1', port: Number(port) };
  return { relay, subject: { title: 'Node alone', pods: 1, sip, pids: [relay.pid], rounds: [] } };
}

function subjectOf(title: string, cluster: TestCluster): Subject {
  const pids = cluster.cluster.edges.map((name) => cluster.processes.get(name)?.pid ?? 0);
  return { title, pods: pids.length, sip: cluster.sip, pids, rounds: [] };
}

async function measure(subject: Subject): Promise<PodsRound> {
  const edgeMs = (): number => subject.pids.reduce((sum, pid) => sum + cpuTimeMs(pid), 0);
  const otherMs = (): number => machineCpuTimeMs() - cpuTimeMs(process.pid) - cpuTimeMs(redisPid);
  const before = { edge: edgeMs(), redis: cpuTimeMs(redisPid), other: otherMs() };
  const startedAt = performance.now();
  const placed = rate * subject.pods * seconds;
  const result = await load(subject, { callerPort, rate: rate * subject.pods, calls: placed });
  const answered = Math.max(result.successful, 1);
  return {
    placed,
    answered: result.successful,
    retransmissions: result.retransmissions,
    edgeMs: (edgeMs() - before.edge) / answered,
    redisMs: (cpuTimeMs(redisPid) - before.redis) / answered,
    answerTimesMs: result.answerTimesMs,
    otherCores: (otherMs() - before.other) / (performance.now() - startedAt),
  };
}
