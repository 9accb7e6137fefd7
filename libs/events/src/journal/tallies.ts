import type { JournalNote } from '@tandem/domain';
import type { Tally, TallyRow } from '@tandem/proto/journal';
import { deviceType, placeOf } from './places.ts';

/** Rows of an hour; what comes past it is told of no network, and of no device. */
export const MOST_ROWS = 2000;

const MINUTE = 60;
const HOUR = 3600;

interface Kept {
  readonly row: TallyRow;
  isChanged: boolean;
}

/** One minute or hour. */
interface Span {
  readonly startMs: number;
  readonly seconds: number;
  readonly rows: Map<string, Kept>;
}

/**
 * How often what happened (REG-06): of each minute by its cause, of each hour by network and device, too. It tells sums that
 * grow, not differences: whoever keeps the highest of each has the right one, whatever comes twice or late.
 */
export class Tallies {
  readonly #writer: string;
  readonly #spans = new Map<string, Span>();

  /** @param writer of this life of this process */
  constructor(writer: string) {
    this.#writer = writer;
  }

  count({ cause: name, count = 1, source, userAgent }: JournalNote, nowMs: number): void {
    add(this.#span(MINUTE, nowMs), { name, network: '', device: '' }, count);
    const hour = this.#span(HOUR, nowMs);
    const row = { name, network: placeOf(source).network, device: deviceType(userAgent) };
    const isRoom = hour.rows.size < MOST_ROWS || hour.rows.has(keyOf(row));
    add(hour, isRoom ? row : { name, network: '', device: '' }, count);
  }

  level(name: string, value: number, nowMs: number): void {
    for (const seconds of [MINUTE, HOUR]) {
      const kept = keptIn(this.#span(seconds, nowMs), { name, network: '', device: '' });
      if (value <= kept.row.count && kept.row.count > 0) continue;
      kept.row.count = value;
      kept.isChanged = true;
    }
  }

  /** What has changed since it was told; spans that are over are forgotten. */
  changed(nowMs: number): readonly Tally[] {
    const tallies: Tally[] = [];
    for (const [key, { rows, seconds, startMs }] of this.#spans) {
      const changed: TallyRow[] = [];
      for (const kept of rows.values()) {
        if (kept.isChanged) changed.push({ ...kept.row });
        kept.isChanged = false;
      }
      if (changed.length > 0) {
        tallies.push({ writer: this.#writer, startMs, seconds, rows: changed });
      }
      if (startMs + seconds * 1000 <= nowMs) this.#spans.delete(key);
    }
    return tallies;
  }

  #span(seconds: number, nowMs: number): Span {
    const startMs = nowMs - (nowMs % (seconds * 1000));
    const key = `${String(seconds)} ${String(startMs)}`;
    let span = this.#spans.get(key);
    if (span === undefined) {
      span = { startMs, seconds, rows: new Map() };
      this.#spans.set(key, span);
    }
    return span;
  }
}

type Row = Omit<TallyRow, 'count'>;

function add(span: Span, row: Row, count: number): void {
  const kept = keptIn(span, row);
  kept.row.count += count;
  kept.isChanged = true;
}

function keptIn({ rows }: Span, row: Row): Kept {
  const key = keyOf(row);
  let kept = rows.get(key);
  if (kept === undefined) {
    kept = { row: { ...row, count: 0 }, isChanged: false };
    rows.set(key, kept);
  }
  return kept;
}

function keyOf({ device, name, network }: Row): string {
  return `${name}\n${network}\n${device}`;
}
