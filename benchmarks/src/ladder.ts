/**
 * The highest rate at which a switch answers at least 99.9 % of all calls and has a CDR of each: Tandem in both shapes and Kamailio,
 * one after the other, on cores that they share with SIPp and their stores. Each step is a rate; the first that fails is tried once
 * more, and ends the ladder of its switch when it fails again.
 * usage: node src/ladder.ts [FROM] [STEP] [TO] [SECONDS]
 */
import { Carrier, freePorts } from '@tandem/e2e';
import { measure, quantile, warmUp, type CallRun } from './call-load.ts';
import { startKamailio, startTandem, type Subject } from './call-subjects.ts';

const [from = 600, step = 200, to = 3000, seconds = 10] = process.argv.slice(2).map(Number);
const ENOUGH = 0.999;

const [carrierPort = 0, other = 0, callerPort = 0] = await freePorts(3);
const carrier = await Carrier.start({ scenario: 'carrier-answers', port: carrierPort });
const starts: (() => Promise<Subject>)[] = [
  () => startTandem('pod', { carrier: carrierPort, other }),
  () => startTandem('split', { carrier: carrierPort, other }),
  () => startKamailio(carrierPort),
];
try {
  process.stdout.write(
    '| switch | calls/s held | answered | median, 99 % ms | first that failed |\n',
  );
  process.stdout.write('| --- | ---: | ---: | ---: | --- |\n');
  for (const start of starts) {
    const subject = await start();
    try {
      await warmUp(subject, callerPort);
      process.stdout.write(`${rowOf(subject.title, await climb(subject))}\n`);
    } finally {
      await subject.stop();
    }
  }
} finally {
  await carrier.stop();
}

interface Climb {
  readonly held: readonly [rate: number, run: CallRun] | undefined;
  readonly failed: readonly [rate: number, run: CallRun] | undefined;
}

async function climb(subject: Subject): Promise<Climb> {
  let held: Climb['held'];
  for (let rate = from; rate <= to; rate += step) {
    let run = await measure(subject, { callerPort, rate, calls: rate * seconds });
    if (!isHeld(run)) run = await measure(subject, { callerPort, rate, calls: rate * seconds });
    if (!isHeld(run)) return { held, failed: [rate, run] };
    held = [rate, run];
  }
  return { held, failed: undefined };
}

function isHeld({ answered, placed, cdrs }: CallRun): boolean {
  return answered >= placed * ENOUGH && cdrs >= answered;
}

function rowOf(title: string, { held, failed }: Climb): string {
  const [rate, run] = held ?? [];
  const times = run?.answerTimesMs ?? [];
  const cells = [
    title,
    rate === undefined ? `below ${String(from)}` : String(rate),
    run === undefined ? '' : `${String(run.answered)} of ${String(run.placed)}`,
    [0.5, 0.99].map((share) => quantile(times, share).toFixed(0)).join(', '),
    failed === undefined ? `none up to ${String(to)}` : failureOf(...failed),
  ];
  return `| ${cells.join(' | ')} |`;
}

function failureOf(rate: number, { answered, placed, cdrs, retransmissions }: CallRun): string {
  return (
    `${String(rate)}: ${String(answered)} of ${String(placed)} answered, ` +
    `${String(cdrs)} CDRs, ${String(retransmissions)} repetitions`
  );
}
