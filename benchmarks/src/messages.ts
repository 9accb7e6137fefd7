/**
 * CPU of a call with its SIP messages kept, and without: two call pods on the same stores take turns, under the same load. What counts is
 * the ratio of each pair of turns in which all calls were answered, and the median of these: what else the machine does weighs on both.
 * usage: node src/messages.ts [CALLS_PER_SECOND] [SECONDS] [TURNS]
 */
import { Carrier, freePorts } from '@tandem/e2e';
import { measure, total, warmUp, type CallRun } from './call-load.ts';
import { startTandem, type Subject } from './call-subjects.ts';

const [rate = 50, seconds = 10, turns = 5] = process.argv.slice(2).map(Number);

/** Until the compiler of Node has seen each path often enough. */
const WARM_UP_CALLS = 1000;

const costs = {
  'the pod that has the call': ({ own }: CallRun) => own.find(isPod)?.cpuMs ?? 0,
  'all own processes': ({ own }: CallRun) => total(own),
  'with Redis, Kafka and PostgreSQL': ({ own, stores }: CallRun) => total(own) + total(stores),
} as const;

const [carrierPort = 0, other = 0, callerPort = 0] = await freePorts(3);
const carrier = await Carrier.start({ scenario: 'carrier-answers', port: carrierPort });
const subjects = new Map<string, Subject>();
const runs = new Map<string, CallRun[]>();
try {
  for (const kept of ['off', 'on']) {
    const env = { TANDEM_MESSAGES: kept };
    const subject = await startTandem('pod', { carrier: carrierPort, other }, { env });
    subjects.set(kept, subject);
    await warmUp(subject, callerPort, { rate, calls: WARM_UP_CALLS });
  }
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [kept, subject] of subjects) {
      const run = await measure(subject, { callerPort, rate, calls: rate * seconds });
      runs.set(kept, [...(runs.get(kept) ?? []), run]);
      process.stdout.write(`${kept.padEnd(4)} ${lineOf(run)}\n`);
    }
  }
  for (const [title, cost] of Object.entries(costs)) {
    const [off = [], on = []] = ['off', 'on'].map((kept) => (runs.get(kept) ?? []).map(cost));
    const ratios = on
      .map((each, turn) => each / (off[turn] ?? Number.NaN))
      .filter((_, turn) => isWhole(turn));
    const figures = `${median(off).toFixed(3)} ms without, ${median(on).toFixed(3)} ms with; by pairs ${median(ratios).toFixed(3)} × (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})`;
    process.stdout.write(`${title}: ${figures}\n`);
  }
} finally {
  for (const subject of [...subjects.values()].toReversed()) await subject.stop();
  await carrier.stop();
}

/** Calls that failed cost something else. */
function isWhole(turn: number): boolean {
  return [...runs.values()].every((each) => each[turn]?.answered === each[turn]?.placed);
}

function isPod({ name }: { readonly name: string }): boolean {
  return name.startsWith('pod') || name.startsWith('edge');
}

function lineOf(run: CallRun): string {
  const parts = [...run.own, ...run.stores].map(({ cpuMs, name }) => `${name} ${cpuMs.toFixed(3)}`);
  return `${String(run.answered)} of ${String(run.placed)}, ms a call: ${parts.join(', ')}`;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, another) => one - another)[Math.floor(values.length / 2)] ?? 0;
}
