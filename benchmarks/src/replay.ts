/**
 * OPS-08: what a replay costs at a million prefixes over ten thousand gateways, and what calls notice of it: routing as a process of its
 * own, asked a hundred times a second by another one; before, while the tables of both configurations are built, and while calls are
 * replayed. Needs root, and Redis (`make stores-start`). usage: node src/replay.ts [PREFIXES] [GATEWAYS] [SECONDS]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Origin } from '@tandem/proto/auth';
import { ReplayedCall, ReplayRequest, RoutingServiceService } from '@tandem/proto/routing';
import { unaryClient } from '@tandem/service';
import { cpuTimeMs } from './cpu-time.ts';
import { Asking, p99 } from './tables/asking.ts';
import { LargeSwitch, sheetOf } from './tables/large-switch.ts';
import type { Asked } from './tables/route-load.ts';
import { digits, documentOf, generator, rulesOf } from './tables/rules.ts';

const BEFORE_MS = 15_000;
/** As many as the api asks for at a time. */
const AT_ONCE = 100;

const prefixes = Number(process.argv[2] ?? 1_000_000);
const gateways = Number(process.argv[3] ?? 10_000);
const replayMs = Number(process.argv[4] ?? 20) * 1000;

const random = generator(20_260_603);
const rules = rulesOf(random, prefixes, gateways);
const codes = [...new Set(rules.map(([prefix]) => prefix))];
const large = await LargeSwitch.start(documentOf(rules, gateways, sheetOf(prefixes)), {
  hasApi: false,
});
const client = unaryClient(RoutingServiceService, large.address, { deadlineMs: 60_000 });
let asking: Asking | undefined;

try {
  asking = await Asking.start(large.address, codes, large.folder);
  // The draft: the same with another parameter.
  await large.put(2, 'document');
  await sleep(5000);
  const { residentBytes: before } = await large.routingStalls();
  const cpuMs = cpuTimeMs(large.routing.pid ?? 0);
  asking.begin();
  const beganMs = Date.now();
  await sleep(BEFORE_MS);
  const calmCpuMs = cpuTimeMs(large.routing.pid ?? 0);
  const askedMs = Date.now();
  while (!(await replay([])).isReady) await sleep(100);
  const readyMs = Date.now();
  const readyCpuMs = cpuTimeMs(large.routing.pid ?? 0);
  const { residentBytes: built, longestCpuMs } = await large.routingStalls();
  let replayed = 0;
  while (Date.now() < readyMs + replayMs) {
    const { routes } = await replay(Array.from({ length: AT_ONCE }, pastCall));
    replayed += routes.length;
  }
  const endMs = Date.now();
  const endCpuMs = cpuTimeMs(large.routing.pid ?? 0);
  const { residentBytes: most, longestCpuMs: laterCpuMs } = await large.routingStalls();
  const { all, failures } = await asking.end();
  const calmShare = (calmCpuMs - cpuMs) / (askedMs - beganMs);
  const during = (from: number, until: number): readonly Asked[] =>
    all.filter(({ atMs }) => atMs >= from && atMs < until);
  const own = endCpuMs - readyCpuMs - calmShare * (endMs - readyMs);
  process.stdout.write(
    `${String(prefixes)} prefixes over ${String(gateways)} gateways, ${String(prefixes)} rates; 100 calls a second; ${String(failures.length)} wrong\n\n` +
      '| | seconds | p99 of routing, ms | most CPU of one turn of the calls’ thread, ms | RSS, MB |\n| --- | ---: | ---: | ---: | ---: |\n' +
      `| before | ${seconds(askedMs - beganMs)} | ${p99(during(beganMs, askedMs)).toFixed(1)} | | ${megabytes(before)} |\n` +
      `| while both tables are built | ${seconds(readyMs - askedMs)} | ${p99(during(askedMs, readyMs)).toFixed(1)} | ${longestCpuMs.toFixed(0)} | ${megabytes(built)} |\n` +
      `| while calls are replayed | ${seconds(endMs - readyMs)} | ${p99(during(readyMs, endMs)).toFixed(1)} | ${laterCpuMs.toFixed(0)} | ${megabytes(most)} |\n\n` +
      `${String(replayed)} calls replayed, ${(replayed / ((endMs - readyMs) / 1000)).toFixed(0)} a second, ${(own / replayed).toFixed(2)} ms of CPU each by both configurations; both tables took ${seconds(readyCpuMs - calmCpuMs)} s of CPU\n`,
  );
} finally {
  client.close();
  asking?.stop();
  await large.stop();
}

function replay(calls: ReplayedCall[]) {
  const draft = { $case: 'draftVersion', value: 2 } as const;
  return client.replay(ReplayRequest.create({ version: 1, draft, calls, rates: [] }));
}

function pastCall(): ReplayedCall {
  const code = codes[random(codes.length)] ?? '';
  return ReplayedCall.create({
    origin: Origin.create({ kind: 'phone', name: '1', account: 'customer' }),
    caller: '1',
    callee: code + digits(random, Math.max(0, 12 - code.length)),
    atMs: Date.now() - 3_600_000,
    durationMs: 60_000,
    seed: String(random(1e9)),
  });
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
