/**
 * How many calls an rtpengine holds on one core, in user space: calls are anchored over its NG protocol with the commands of the edge,
 * both sides send 50 packets a second, and the highest number of calls is looked for at which no packet is lost. The relay
 * has one thread and one core, the endpoints the others. Twenty calls make a chain: the callee of each is the caller of the next, so
 * that the endpoints, which are slower than the relay, have a twentieth of its work.
 * usage: node src/relay.ts [FROM] [STEP] [TO] [SECONDS]
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { NgClient, UdpWire, type NgCommand } from '@tandem/rtpengine';
import { systemTimers } from '@tandem/sip';
import { OwnRtpengine, mediaPlace, sdpBody } from '@tandem/testing';
import { cpuTimeMs } from './cpu-time.ts';
import { RtpLoad, type RtpCounts, type RtpPath } from './rtp-load.ts';

const [from = 100, step = 100, to = 1000, seconds = 8] = process.argv.slice(2).map(Number);
/** The first packets of a call cost more. */
const WARM_UP_MS = 1000;
const CHAIN = 20;

const cores = availableParallelism();
if (cores < 2) throw new Error('needs a core for the relay and another one for the endpoints');
const relay = await OwnRtpengine.start({ ports: [10_000, 10_000 + 4 * to + 99] });
const relayPid = relay.pid ?? 0;
onCores(relayPid, '0');
onCores(process.pid, cores === 2 ? '1' : `1-${String(cores - 1)}`);
const wire: UdpWire = new UdpWire((bytes) => {
  client.receive(bytes);
});
const clock = { now: Date.now, ...systemTimers };
const client: NgClient = new NgClient({ wire, clock, prefix: `${String(Date.now())}_` });
const load = await RtpLoad.open();
const chains: RtpPath[] = [];
try {
  process.stdout.write(
    '| calls | packets/s in | lost | late | core of the relay | ms of CPU a call and second |\n',
  );
  process.stdout.write('| ---: | ---: | ---: | ---: | ---: | ---: |\n');
  for (let count = from; count <= to; count += step) {
    while (chains.length * CHAIN < count) chains.push(await chainOf(chains.length));
    // The first loss may be another program's: it is tried once more.
    if (!(await holds(count)) && !(await holds(count))) break;
  }
} finally {
  load.close();
  client.close();
  wire.close();
  await relay.kill();
}

async function holds(count: number): Promise<boolean> {
  await load.run(chains, WARM_UP_MS);
  const before = cpuTimeMs(relayPid);
  const counts = await load.run(chains, seconds * 1000);
  const cpuMs = cpuTimeMs(relayPid) - before;
  process.stdout.write(`${rowOf(count, counts, cpuMs)}\n`);
  return counts.late === 0 && counts.received + counts.missedHere >= counts.sent;
}

function rowOf(
  count: number,
  { sent, received, late, missedHere }: RtpCounts,
  cpuMs: number,
): string {
  const lost = sent - received - missedHere;
  const cells = [
    String(count),
    ((sent / seconds) * CHAIN).toFixed(0),
    missedHere === 0 ? String(lost) : `${String(lost)} (${String(missedHere)} by the endpoints)`,
    String(late),
    `${((cpuMs / (seconds * 1000)) * 100).toFixed(0)} %`,
    (cpuMs / seconds / count).toFixed(2),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Twenty calls from one end to the other, each as the edge asks for it where neither gateway needs anything of its own. */
async function chainOf(index: number): Promise<RtpPath> {
  const ends = load.ports(index);
  // Where the caller of each is: the port that the relay has for the callee of the one before.
  let portForB = ends.a;
  for (let call = 0; call < CHAIN; call++) {
    portForB = await portOf({
      ...common(index, call),
      command: 'offer',
      sdp: sdpBody({ port: portForB }),
    });
  }
  let portForA = ends.b;
  for (let call = CHAIN - 1; call >= 0; call--) {
    const sdp = sdpBody({ port: portForA });
    portForA = await portOf({ ...common(index, call), command: 'answer', 'to-tag': 'b.1', sdp });
  }
  return { portForA, portForB };
}

function common(chain: number, call: number): Omit<NgCommand, 'command'> {
  return {
    'call-id': `relay-${String(chain)}-${String(call)}`,
    'from-tag': 'a',
    replace: ['origin', 'session-connection'],
    flags: ['trust address'],
  };
}

async function portOf(command: NgCommand): Promise<number> {
  const outcome = await client.ask({ host: '127.0.0.1', port: relay.port }, command);
  const sdp = outcome.kind === 'ok' ? outcome.reply['sdp'] : undefined;
  if (typeof sdp !== 'string') throw new Error(`not anchored: ${JSON.stringify(outcome)}`);
  return mediaPlace(sdp).port;
}

/** All threads of a process. */
function onCores(pid: number, list: string): void {
  execFileSync('taskset', ['-a', '-c', '-p', list, String(pid)], { stdio: 'ignore' });
}
