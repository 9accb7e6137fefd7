import type { JournalEntry, JournalMessage, Tally } from '@tandem/proto/journal';

/** A count of a writer, of one minute or hour. */
export interface Count {
  readonly startMs: number;
  readonly writer: string;
  readonly name: string;
  readonly network: string;
  readonly device: string;
  readonly count: number;
}

/** Messages as they are kept: each entry and each count once, with its highest number, in an order that all readers share. */
export interface JournalBatch {
  readonly entries: readonly JournalEntry[];
  readonly minutes: readonly Count[];
  readonly hours: readonly Count[];
  /** Of a time that is not kept any more, or has not come. */
  readonly strays: number;
}

/** The times that are kept: from, until. */
export interface Kept {
  readonly entries: readonly [number, number];
  readonly hours: readonly [number, number];
}

export function batchOf(messages: readonly JournalMessage[], kept: Kept): JournalBatch {
  const entries = new Map<string, JournalEntry>();
  const minutes = new Map<string, Count>();
  const hours = new Map<string, Count>();
  let strays = 0;
  for (const { content } of messages) {
    if (content === undefined) continue;
    if (content.$case === 'entry') {
      const { value } = content;
      if (isIn(kept.entries, value.firstMs)) keepHighest(entries, entryKey(value), value);
      else strays += 1;
      continue;
    }
    const isMinute = content.value.seconds === 60;
    if (!isIn(isMinute ? kept.entries : kept.hours, content.value.startMs)) {
      strays += 1;
      continue;
    }
    for (const count of countsOf(content.value)) {
      keepHighest(isMinute ? minutes : hours, countKey(count), count);
    }
  }
  return { entries: sorted(entries), minutes: sorted(minutes), hours: sorted(hours), strays };
}

function isIn([from, until]: readonly [number, number], ms: number): boolean {
  return ms >= from && ms < until;
}

function countsOf({ rows, startMs, writer }: Tally): readonly Count[] {
  return rows.map((row) => ({ startMs, writer, ...row }));
}

function entryKey({ firstMs, id }: JournalEntry): string {
  return `${String(firstMs)}\n${id}`;
}

function countKey({ device, name, network, startMs, writer }: Count): string {
  return [startMs, name, network, device, writer].join('\n');
}

function keepHighest<Row extends { readonly count: number }>(
  rows: Map<string, Row>,
  key: string,
  row: Row,
): void {
  const before = rows.get(key);
  if (before === undefined || before.count < row.count) rows.set(key, row);
}

/** Two writers of the same rows take their locks in the same order. */
function sorted<Row>(rows: Map<string, Row>): readonly Row[] {
  return [...rows].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
}
