/**
 * What `make prove` runs: calls through a cluster of edges, of which one is killed every few seconds; then every call is held
 * against its CDR. Prints a table and writes a picture.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type TestCluster, startTestCluster } from '../cluster/test-cluster.ts';
import { RandomKiller } from '../kill/random-killer.ts';
import { everyKind, planCalls } from '../load/call-plan.ts';
import { startConfiguredLoad } from '../load/configured-load.ts';
import type { Load } from '../load/start-load.ts';
import { faultCounts, judgeSwitch } from '../verdict/judge-switch.ts';
import { pictureOf, tableOf } from './prove-report.ts';
import { type ProveSettings, readProveSettings } from './prove-settings.ts';
import { Sampler } from './samples.ts';

const SAMPLE_MS = 500;
const TABLE_S = 5;
/** Calls that went wrong and are told one by one. */
const SHOWN_CALLS = 10;
const FINISH_MS = 60_000;
/** What the picture shows after all is over. */
const AFTER_MS = 5000;
/** Enough for a long run. */
const OPENING_BALANCE = '1000000';

try {
  process.exitCode = (await prove(readProveSettings(process.env))) ? 0 : 1;
} catch (error) {
  process.stderr.write(`prove: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function prove(asked: ProveSettings): Promise<boolean> {
  const { layout, pods, mode, lossPercent, seed } = asked;
  say(
    `starting ${String(pods)} edges, ${layout}, ${mode}, ${String(lossPercent)} % loss, seed ${String(seed)}`,
  );
  const running = await startTestCluster({ layout, pods, mode, lossPercent, seed });
  try {
    return await run(running, asked);
  } finally {
    await running.stop();
  }
}

async function run(running: TestCluster, asked: ProveSettings): Promise<boolean> {
  const load = await startConfiguredLoad(running, { openingBalance: OPENING_BALANCE });
  try {
    return await measure(running, load, asked);
  } finally {
    await load.stop();
  }
}

async function measure(running: TestCluster, load: Load, asked: ProveSettings): Promise<boolean> {
  const { rate, seconds, killEvery, seed } = asked;
  const killsAt: number[] = [];
  const { api, stores } = running;
  const kills = (): number => killsAt.length;
  const sampler = new Sampler({ load, api, postgresUrl: stores.postgresUrl, kills });
  const plans = planCalls({ count: rate * seconds, seed, mix: everyKind });
  say(
    `${String(rate)} calls a second for ${String(seconds)} s, an edge killed every ${String(killEvery)} s`,
  );
  await sampler.start(SAMPLE_MS);
  const killer = new RandomKiller({
    names: running.cluster.edges,
    everyMs: killEvery * 1000,
    seed,
    kill: (name) => {
      running.cluster.kill(name, 'SIGKILL');
      killsAt.push(sampler.nowS);
    },
  });
  await load.place(plans, { perSecond: rate });
  killer.stop();
  const report = await load.finish({ timeoutMs: FINISH_MS });
  const verdict = await judgeSwitch({
    report,
    api,
    wereKilled: true,
    openingBalance: OPENING_BALANCE,
  });
  await new Promise((end) => setTimeout(end, AFTER_MS));
  const samples = await sampler.stop();
  say(tableOf(samples, TABLE_S));
  const faults = verdict.faults.length + verdict.faultyCalls.length;
  const picture = pictureOf({ samples, killsAt, terms: termsOf(asked), day: today(), faults });
  await writePicture(asked.picture, picture);
  say(
    [
      `calls ${String(verdict.calls)}, answered ${String(verdict.answered)}, CDRs ${String(verdict.cdrs)}`,
      `kills ${String(kills())}, repeated messages of the endpoints ${String(verdict.retransmissions)}`,
    ].join('; '),
  );
  for (const [kind, count] of faultCounts(verdict)) say(`${String(count)} × ${kind}`);
  for (const call of verdict.faultyCalls.slice(0, SHOWN_CALLS)) {
    // Some faults quote a whole message behind their first line.
    const what = call.faults.map((fault) => fault.split('\n')[0]).join('; ');
    say(`call ${call.number} (${call.callId ?? 'no CDR'}): ${what}`);
  }
  say(
    faults === 0 ? 'proved: no call lost, every CDR right' : `NOT proved: ${String(faults)} faults`,
  );
  return faults === 0;
}

function termsOf({ pods, mode, lossPercent, rate, killEvery }: ProveSettings): string {
  const how = {
    random: 'a random edge for each packet',
    hash: 'an edge by the sender',
    front: 'two fronts',
  };
  const loss = lossPercent === 0 ? '' : `, ${String(lossPercent)} % of packets lost`;
  return `${String(pods)} edges, ${how[mode]}${loss}, ${String(rate)} calls a second, a SIGKILL every ${String(killEvery)} s`;
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

async function writePicture(path: string, picture: string): Promise<void> {
  const file = resolve(import.meta.dirname, '../../..', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, picture);
  say(`wrote ${path}, ${String(Math.round(picture.length / 1024))} KiB`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
