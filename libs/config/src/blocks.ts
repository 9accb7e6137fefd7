import { formatPath, type Path } from './mistake.ts';

// A document as it was written, with its mistakes of form, for checks that no single field shows.

export type Block = Readonly<Record<string, unknown>>;

export interface Entry {
  readonly path: Path;
  readonly block: Block;
}

export type Report = (path: Path, message: string) => void;

/** Whether it has keys. */
export function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The blocks of a list, with their places. `path` is that of the block which has the list. */
export function entriesOf(block: Block, key: string, path: Path = []): Entry[] {
  const list = block[key];
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown, index) =>
    isBlock(item) ? [{ path: [...path, key, index], block: item }] : [],
  );
}

/** The texts of a list, with their places. */
export function entriesOfTexts(
  block: Block,
  key: string,
  path: Path,
): { path: Path; value: string }[] {
  const list = block[key];
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown, index) =>
    typeof item === 'string' ? [{ path: [...path, key, index], value: item }] : [],
  );
}

/** The names of the entries of a list, of one type where that is said. */
export function namesOf(document: Block, list: string, type?: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { block } of entriesOf(document, list)) {
    const isWanted = type === undefined || (block['type'] ?? 'customer') === type;
    if (isWanted && typeof block['name'] === 'string') names.add(block['name']);
  }
  return names;
}

/**
 * Values that are there twice.
 * @param compared what is compared of each value. @default the value itself
 */
export function reportDuplicates(
  entries: readonly { path: Path; value: unknown }[],
  report: Report,
  compared = (value: string) => value,
): void {
  const seen = new Map<string, Path>();
  for (const { path, value } of entries) {
    if (typeof value !== 'string') continue;
    const key = compared(value);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, path);
    else report(path, `"${value}" is there already, at ${formatPath(first)}`);
  }
}
