import { createHash } from 'node:crypto';
import { didYouMean, maskPasswords, type Configuration } from '@tandem/config';
import { entriesAt, type Entry, type EntryList, type EntryPlace } from './entries.ts';
import { EMPTY } from './prepare-version.ts';

/** What is to become of one entry of a list. */
export type EntryChange =
  | { readonly kind: 'create'; readonly entry: unknown }
  /** By another key: the entry is renamed. */
  | { readonly kind: 'replace'; readonly name: string; readonly entry: unknown }
  /** RFC 7396: what is null is taken away, what is not there stays. */
  | { readonly kind: 'merge'; readonly name: string; readonly patch: unknown }
  | { readonly kind: 'remove'; readonly name: string };

/**
 * The change that a text makes.
 * @throws SyntaxError where it is no JSON
 */
export function entryChangeOf(
  wanted:
    { readonly kind: 'create' } | { readonly kind: 'replace' | 'merge'; readonly name: string },
  text: string,
): EntryChange {
  const value: unknown = JSON.parse(text);
  if (wanted.kind === 'create') return { kind: 'create', entry: value };
  const { name } = wanted;
  return wanted.kind === 'merge'
    ? { kind: 'merge', name, patch: value }
    : { kind: 'replace', name, entry: value };
}

/** The change does not fit what there is. */
export type EntryRefusal =
  | { readonly kind: 'no-such-entry'; readonly hint: string }
  | { readonly kind: 'entry-exists'; readonly name: string };

/** A document, not checked yet, in which what does not change is the same object as before; and where in its list the entry stands: undefined where it was removed. */
export interface ChangedDocument {
  readonly kind: 'changed';
  readonly document: Readonly<Record<string, unknown>>;
  readonly index: number | undefined;
}

/** Lists that stand in the document by themselves. */
export type PlacedList = EntryList & { readonly place: EntryPlace };

/** Changes one entry of a list, in which passwords are masked then; a new one comes last. */
export function changeEntry(
  configuration: Configuration,
  { key, place }: PlacedList,
  change: EntryChange,
): ChangedDocument | EntryRefusal {
  const entries = entriesAt(configuration, place);
  if (change.kind === 'create') {
    const name = nameOf(change.entry, key);
    const isThere = name !== undefined && entries.some((each) => each[key] === name);
    if (isThere) return { kind: 'entry-exists', name };
    return changed([...entries, change.entry], entries.length);
  }
  const at = entries.findIndex((each) => each[key] === change.name);
  const before = entries[at];
  if (before === undefined) {
    const names = entries.map((each) => String(each[key]));
    return { kind: 'no-such-entry', hint: didYouMean(change.name, names) };
  }
  if (change.kind === 'remove') return changed(entries.toSpliced(at, 1), undefined);
  const entry =
    change.kind === 'replace' ? change.entry : merge(maskEntry(place, before), change.patch);
  return changed(entries.with(at, entry as Entry), at);

  function changed(list: readonly unknown[], index: number | undefined): ChangedDocument {
    return { kind: 'changed', document: { ...configuration, [place]: list }, index };
  }
}

/** @returns undefined where there is none of that name */
export function findEntry(
  configuration: Configuration,
  { key, place }: PlacedList,
  name: string,
): Entry | undefined {
  const entries = entriesAt(configuration, place);
  return entries.find((each) => each[key] === name);
}

/**
 * What tells one state of an entry from another, for `If-Match`. Equal entries have the same, in whatever process.
 * @param entry as it is stored
 */
export function entryTag(entry: Entry): string {
  return createHash('sha256').update(sortedText(entry)).digest('base64url').slice(0, 22);
}

/** The entry as it is shown, its passwords hidden. */
export function maskEntry(place: EntryPlace, entry: Entry): Entry {
  const [masked = entry] = entriesAt(maskPasswords({ ...EMPTY, [place]: [entry] }), place);
  return masked;
}

function nameOf(entry: unknown, key: string): string | undefined {
  const name = isObject(entry) ? entry[key] : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** RFC 7396. */
function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, name);
    else merged[name] = merge(merged[name], value);
  }
  return merged;
}

/** JSON with the keys of objects in order. */
function sortedText(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    isObject(each) ? Object.fromEntries(Object.entries(each).toSorted(byName)) : each,
  );
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
