/** CPU of one process over one run. */
export interface ProcessCost {
  readonly name: string;
  /** Milliseconds of CPU a call. */
  readonly cpuMs: number;
}

/** One switch under one load. */
export interface CallRun {
  readonly rate: number;
  readonly placed: number;
  readonly answered: number;
  readonly retransmissions: number;
  readonly cdrs: number;
  /** Cores that programs kept busy which have nothing to do with the run: the less, the better the figures. */
  readonly otherCores: number;
  /** The switch's own processes. */
  readonly own: readonly ProcessCost[];
  /** What it needs beside itself. */
  readonly stores: readonly ProcessCost[];
}

/** Tandem and its peer under the same load. */
export interface CallComparison {
  readonly tandem: CallRun;
  readonly peer: CallRun;
}

/** Milliseconds of CPU a call of all of these processes. */
export function total(costs: readonly ProcessCost[]): number {
  return costs.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

/** A Markdown table: one column for each load, one row for each process, the ratios at the end. */
export function callTable(comparisons: readonly CallComparison[]): string {
  const row = (title: string, cell: (comparison: CallComparison) => string): string =>
    `| ${title} | ${comparisons.map(cell).join(' | ')} |`;
  const cost = (title: string, value: (comparison: CallComparison) => number): string =>
    row(title, (comparison) => value(comparison).toFixed(3));
  const each = (costs: (comparison: CallComparison) => readonly ProcessCost[]): string[] => {
    const [first] = comparisons;
    const names = first === undefined ? [] : costs(first).map(({ name }) => name);
    return names.map((name) =>
      cost(name, (comparison) => costs(comparison).find((c) => c.name === name)?.cpuMs ?? 0),
    );
  };
  return [
    row('CPU, ms a call', ({ tandem }) => `${String(tandem.rate)} calls/s`),
    `| --- |${' ---: |'.repeat(comparisons.length)}`,
    ...each(({ tandem }) => tandem.own),
    cost('**Tandem’s own processes**', ({ tandem }) => total(tandem.own)),
    ...each(({ tandem }) => tandem.stores),
    cost('**Tandem with its stores**', ({ tandem }) => all(tandem)),
    ...each(({ peer }) => [...peer.own, ...peer.stores]),
    cost('**Kamailio with PostgreSQL**', ({ peer }) => all(peer)),
    cost('ratio, own processes', ({ tandem, peer }) => total(tandem.own) / all(peer)),
    cost('**ratio, all together**', ({ tandem, peer }) => all(tandem) / all(peer)),
    row('answered / CDRs, Tandem', ({ tandem }) => outcome(tandem)),
    row('answered / CDRs, Kamailio', ({ peer }) => outcome(peer)),
    row('cores busy with other things', ({ tandem, peer }) =>
      [tandem, peer].map(({ otherCores }) => otherCores.toFixed(1)).join(' / '),
    ),
  ].join('\n');
}

function all(run: CallRun): number {
  return total(run.own) + total(run.stores);
}

function outcome({ placed, answered, cdrs, retransmissions }: CallRun): string {
  const lost = retransmissions === 0 ? '' : `, ${String(retransmissions)} retransmissions`;
  return `${String(answered)} of ${String(placed)} / ${String(cdrs)}${lost}`;
}
