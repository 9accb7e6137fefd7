/**
 * ROUTE-13: what calls notice of another version with a million prefixes over ten thousand gateways and a sheet of a million rates:
 * routing and api as processes of their own, routing asked a hundred times a second by another one. For each change: until it is in force,
 * delay of the answers before and meanwhile, the longest time for which the event loop stood still, memory. The last column is CPU of
 * the thread that has the calls, so it holds on a busy machine, too. Needs root, and Redis and Kafka (`make stores-start`).
 * usage: node src/table-swap.ts [PREFIXES] [GATEWAYS] [FOLDER of another checkout, to compare with]
 *   STORE_NICE=19: PostgreSQL takes what nobody else wants, as if it had a machine of its own
 */
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '@tandem/e2e';
import { cpuTimeMs, processTree } from './cpu-time.ts';
import { Asking, p99 } from './tables/asking.ts';
import { LargeSwitch, PARAMETER, sheetOf } from './tables/large-switch.ts';
import { documentOf, generator, rulesOf, type Rule } from './tables/rules.ts';

const BEFORE_MS = 10_000;

const prefixes = Number(process.argv[2] ?? 1_000_000);
const gateways = Number(process.argv[3] ?? 10_000);
const storeNice = Number(process.env['STORE_NICE'] ?? 0);

const rules = rulesOf(generator(20_260_601), prefixes, gateways);
const startMs = Date.now();
const large = await LargeSwitch.start(documentOf(rules, gateways, sheetOf(prefixes)), {
  checkout: process.argv[4],
  hasApi: true,
});
/** What tells one version from another: the parameter goes up to 300. */
let marks = 1;
let asking: Asking | undefined;

try {
  asking = await Asking.start(
    large.address,
    new Set(rules.map(([prefix]) => prefix)),
    large.folder,
  );
  process.stdout.write(
    `${String(prefixes)} prefixes over ${String(gateways)} gateways, ${String(prefixes)} rates; in force within ${seconds(Date.now() - startMs)} s after the database was started, PostgreSQL at nice ${String(storeNice)}\n\n` +
      '| change | in force after, s | CPU until 2 s later, s: routing with calls, PostgreSQL | p99 before, ms | p99 meanwhile, ms | ratio | longest stall, ms: routing, api | RSS before, MB | RSS, most, MB | wrong | most CPU of one turn, ms |\n' +
      '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n',
  );
  // It reads the version first, in a thread.
  await until('the api answers', () => large.overApi('GET', `/parameters/${PARAMETER}`), {
    timeoutMs: 300_000,
    everyMs: 100,
  });
  await sleep(2000);
  await change('nothing but a parameter, by the api', byApi());
  await change('one gateway has another limit, by the api', byApi({ lineLimit: 7 }));
  await change('one gateway has other prefixes, by the api', byApi({ prefixes: ['49'] }));
  await change('one gateway has other prefixes, as a whole document', whole(`jsonb_set(document, '{routingGateways,0,prefixes}', '["49"]')`)); // prettier-ignore
  await change('nothing but a parameter, as a whole document', whole('document'));
  await large.stage(documentOf(rules, gateways, sheetOf(prefixes, 1)));
  await change('every rate of the sheet is another', whole('document'));
  await large.stage(documentOf(rules.map(moved), gateways, sheetOf(prefixes, 1)));
  await change('every gateway has the prefixes of another', whole('document'));
} finally {
  asking?.stop();
  await large.stop();
}

/** @param make puts the version into effect, and says when that began */
async function change(name: string, make: (mark: number) => Promise<number>): Promise<void> {
  if (asking === undefined) return;
  marks += 1;
  for (const pid of storeNice === 0 ? [] : processTree(large.databasePid))
    setPriority(pid, storeNice);
  asking.begin();
  await sleep(BEFORE_MS);
  const { residentBytes: before } = await large.routingStalls();
  await large.apiStalls();
  const changedMs = await make(marks);
  const cpuMs = [large.routing.pid ?? 0, large.databasePid].map(cpuTimeMs);
  const watching = watch(before);
  const inForce = await asking.seen(marks);
  // What is let go of, and what comes a moment later, is part of it.
  await sleep(2000);
  const { all, failures } = await asking.end();
  const seen = await watching.end();
  const [ownMs = 0, storeMs = 0] = [large.routing.pid ?? 0, large.databasePid].map(
    (pid, at) => cpuTimeMs(pid) - (cpuMs[at] ?? 0),
  );
  const calm = p99(all.filter(({ atMs }) => atMs < changedMs - 2000));
  const during = p99(all.filter(({ atMs }) => atMs >= changedMs));
  const cells = [
    name,
    seconds(inForce.atMs + inForce.ms - changedMs),
    `${seconds(ownMs)}, ${seconds(storeMs)}`,
    calm.toFixed(1),
    during.toFixed(1),
    (during / calm).toFixed(1),
    `${seen.longestMs.toFixed(0)}, ${seen.apiLongestMs.toFixed(0)}`,
    megabytes(before),
    megabytes(seen.most),
    String(failures.length),
    seen.longestCpuMs.toFixed(0),
  ];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
  for (const failure of failures.slice(0, 3)) process.stderr.write(`${failure}\n`);
}

/** Looks at both processes until told otherwise. */
function watch(before: number) {
  const seen = { most: before, longestMs: 0, longestCpuMs: 0, apiLongestMs: 0 };
  const state = { isOver: false };
  const looking = (async () => {
    while (!state.isOver) {
      const own = await large.routingStalls();
      seen.apiLongestMs = Math.max(seen.apiLongestMs, (await large.apiStalls()).longestMs);
      seen.most = Math.max(seen.most, own.residentBytes);
      seen.longestMs = Math.max(seen.longestMs, own.longestMs);
      seen.longestCpuMs = Math.max(seen.longestCpuMs, own.longestCpuMs);
      await sleep(50);
    }
    return seen;
  })();
  return {
    end: () => {
      state.isOver = true;
      return looking;
    },
  };
}

/** The same prefix, by the next gateway. */
function moved([prefix, name]: Rule): Rule {
  const next = (Number(name.slice('gateway-'.length)) + 1) % gateways;
  return [prefix, `gateway-${String(next)}`];
}

/** By the whole document. */
function whole(expression: string): (mark: number) => Promise<number> {
  return (mark) => large.put(mark, expression);
}

/**
 * A change of the first gateway, where there is one, and of the parameter that tells the version, one request after the other.
 * It began with the first.
 */
function byApi(patch?: object): (mark: number) => Promise<number> {
  return async (mark) => {
    const beganMs = Date.now();
    if (patch !== undefined) {
      await large.overApi('PATCH', '/configuration/routing-gateways/gateway-0', patch);
    }
    await large.overApi('PUT', `/parameters/${PARAMETER}`, { value: mark });
    return beganMs;
  };
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
