/** What a stream of events tells of a list, put together again (ADR 91). */

type LiveRow = Readonly<Record<string, unknown>>;

/** One event of a topic: all of a list, or what is otherwise. */
export interface LiveEvent {
  readonly isWhole: boolean;
  /** The field, or fields with commas, that tell one row from another. */
  readonly key: string;
  readonly rows: readonly LiveRow[];
  readonly removed: readonly string[];
  readonly total: number;
}

/** A list as it was told last. */
export interface LiveList {
  readonly rows: ReadonlyMap<string, LiveRow>;
  readonly total: number;
}

/** The list after an event; a change of a list that nobody has told yet is none. */
export function withEvent(list: LiveList | undefined, event: LiveEvent): LiveList | undefined {
  if (!event.isWhole && list === undefined) return undefined;
  const rows = new Map(event.isWhole ? [] : list?.rows);
  for (const key of event.removed) rows.delete(key);
  for (const row of event.rows) rows.set(keyOf(row, event.key), row);
  return { rows, total: event.total };
}

function keyOf(row: LiveRow, key: string): string {
  return key
    .split(',')
    .map((field) => {
      const value = row[field];
      return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    })
    .join('\n');
}

/** One event of a stream of them (WHATWG HTML §9.2). */
export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

/** The whole events in a text, and what is left of it: the beginning of the next. */
export function readEvents(text: string): {
  readonly events: readonly ServerEvent[];
  readonly rest: string;
} {
  const blocks = text.split(/\r?\n\r?\n/);
  const rest = blocks.pop() ?? '';
  const events = blocks.map(readEvent).filter((event) => event.data !== '');
  return { events, rest };
}

function readEvent(block: string): ServerEvent {
  let name = 'message';
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field, value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (field === 'event') name = value;
    if (field === 'data') data.push(value);
  }
  return { name, data: data.join('\n') };
}
