import { quantile } from './call-load.ts';

/** One switch under load for one round. */
export interface PodsRound {
  readonly placed: number;
  readonly answered: number;
  readonly retransmissions: number;
  /** Milliseconds of CPU a call of all edges. */
  readonly edgeMs: number;
  /** The same of Redis. */
  readonly redisMs: number;
  /** From the first INVITE to the 200, 407 and digest in between; one of each call. */
  readonly answerTimesMs: readonly number[];
  /** Cores that programs kept busy which have nothing to do with the run. */
  readonly otherCores: number;
}

/** All rounds of one number of pods at one rate. */
export interface PodsRun {
  readonly title: string;
  readonly rounds: readonly PodsRound[];
}

/** A Markdown table: a column for each number of pods, and what the last costs beside the one before it. */
export function podsTable(rate: number, runs: readonly PodsRun[]): string {
  const row = (title: string, cell: (run: PodsRun) => string, last = ''): string =>
    `| ${title} | ${runs.map(cell).join(' | ')} | ${last} |`;
  const ratio = (value: (run: PodsRun) => number): string => {
    const [one, last] = runs.slice(-2);
    if (one === undefined || last === undefined) return '';
    return (value(last) / value(one)).toFixed(2);
  };
  const figure = (title: string, value: (run: PodsRun) => number, digits: number): string =>
    row(title, (run) => value(run).toFixed(digits), ratio(value));
  return [
    row(`${String(rate)} calls/s a pod`, ({ title }) => title, 'ratio'),
    `| --- |${' ---: |'.repeat(runs.length + 1)}`,
    figure('**edge CPU, ms a call**', (run) => median(run, ({ edgeMs }) => edgeMs), 3),
    figure('Redis CPU, ms a call', (run) => median(run, ({ redisMs }) => redisMs), 3),
    figure('INVITE to 200, median, ms', (run) => time(run, 0.5), 1),
    figure('INVITE to 200, 95 %, ms', (run) => time(run, 0.95), 1),
    figure('INVITE to 200, 99 %, ms', (run) => time(run, 0.99), 1),
    row('answered of placed, retransmissions', ({ rounds }) => outcome(rounds)),
    row('cores busy with other things', (run) =>
      median(run, ({ otherCores }) => otherCores).toFixed(1),
    ),
  ].join('\n');
}

function median({ rounds }: PodsRun, value: (round: PodsRound) => number): number {
  return quantile(rounds.map(value), 0.5);
}

function time({ rounds }: PodsRun, share: number): number {
  return quantile(
    rounds.flatMap(({ answerTimesMs }) => answerTimesMs),
    share,
  );
}

function outcome(rounds: readonly PodsRound[]): string {
  const sum = (value: (round: PodsRound) => number): number =>
    rounds.reduce((total, round) => total + value(round), 0);
  const answered = String(sum((round) => round.answered));
  const placed = String(sum((round) => round.placed));
  return `${answered} of ${placed}, ${String(sum((round) => round.retransmissions))}`;
}
