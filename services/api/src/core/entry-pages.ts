import type { Entry } from './entries.ts';

/** Which entries of a list are asked for, and how. */
export interface EntryQuery {
  /** In whatever case, anywhere in a text or number of the entry; empty: all. */
  readonly search: string;
  /** These alone. @default all */
  readonly names?: ReadonlySet<string> | undefined;
  /** Values of fields, as text. */
  readonly where: Readonly<Record<string, string>>;
  /** A field; with - before it, from the last. Empty: in the order of the document. */
  readonly sort: string;
  readonly limit: number;
  /** The cursor of the page before; empty: the first. */
  readonly cursor: string;
}

export interface EntryPage {
  readonly entries: readonly Entry[];
  /** Undefined on the last page. */
  readonly nextCursor: string | undefined;
  /** Of all pages. */
  readonly total: number;
}

/** Sorted lists, as long as a version of the configuration is there: a page must not cost a sort each. */
const sortedLists = new WeakMap<readonly Entry[], Map<string, readonly Entry[]>>();

/**
 * One page of a list. A cursor is the name of the last entry that was seen: where that is gone, the page after it begins
 * at the front again.
 */
export function pageOf(list: readonly Entry[], key: string, query: EntryQuery): EntryPage {
  const words = query.search.toLowerCase();
  const where = Object.entries(query.where);
  const found = sorted(list, query.sort).filter(
    (entry) =>
      query.names?.has(String(entry[key])) !== false &&
      where.every(([field, value]) => textOf(entry[field]) === value) &&
      (words === '' || contains(entry, words)),
  );
  const last = found.findIndex((entry) => entry[key] === query.cursor);
  const from = query.cursor === '' ? 0 : last + 1;
  const entries = found.slice(from, from + query.limit);
  const hasMore = from + entries.length < found.length;
  return {
    entries,
    nextCursor: hasMore ? String(entries.at(-1)?.[key]) : undefined,
    total: found.length,
  };
}

function sorted(list: readonly Entry[], sort: string): readonly Entry[] {
  if (sort === '') return list;
  const known = sortedLists.get(list) ?? new Map<string, readonly Entry[]>();
  sortedLists.set(list, known);
  const there = known.get(sort);
  if (there !== undefined) return there;
  const isDescending = sort.startsWith('-');
  const field = isDescending ? sort.slice(1) : sort;
  const made = list.toSorted((a, b) => compare(a[field], b[field]) * (isDescending ? -1 : 1));
  known.set(sort, made);
  return made;
}

const collator = new Intl.Collator('en', { numeric: true });
const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/** Numbers and amounts by their value, texts as people count (`b9` before `b10`); what is not set comes first. */
function compare(a: unknown, b: unknown): number {
  const [left, right] = [textOf(a), textOf(b)];
  // Where they stand in a list is all that is computed with amounts here.
  const areNumbers = DECIMAL.test(left) && DECIMAL.test(right);
  return areNumbers ? Number(left) - Number(right) : collator.compare(left, right);
}

/** Whether a text is anywhere in it but in its passwords. */
function contains(value: unknown, words: string): boolean {
  if (Array.isArray(value)) return value.some((each) => contains(each, words));
  if (typeof value !== 'object' || value === null)
    return textOf(value).toLowerCase().includes(words);
  return Object.entries(value).some(
    ([field, each]) => field !== 'password' && contains(each, words),
  );
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
