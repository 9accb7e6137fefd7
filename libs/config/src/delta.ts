import { isDeepStrictEqual } from 'node:util';
import { isBlock } from './blocks.ts';
import type { Block } from './blocks.ts';
import { completeConfiguration } from './complete-configuration.ts';
import type { Configuration } from './document.ts';

/** What one version of the configuration changes in the version before it (ADR 80). As JSON it is the same. */
export interface ConfigurationDelta {
  /** What stands at the top of the document, other than lists of entries. */
  readonly values: Block;
  /** What is not there any more. */
  readonly gone: readonly string[];
  /** Done one after the other. */
  readonly splices: readonly Splice[];
}

/** Entries of a list that others took the place of. */
interface Splice {
  readonly list: string;
  readonly at: number;
  /** Names of those that go. */
  readonly removed: readonly string[];
  /** One without its long list has that of the removed entry of its name. */
  readonly added: readonly Block[];
}

/** The long lists of entries: a delta has them where they change alone. */
const longLists: Readonly<Record<string, string>> = {
  rateGroups: 'rates',
  routingGateways: 'prefixes',
};

/** The long list that an entry of the list has; undefined where there is none. */
export function longListOf(list: string): string | undefined {
  return longLists[list];
}

/** The name that tells an entry of a list from others. */
export function nameOfEntry(entry: Block): string {
  return String(entry['name'] ?? entry['username']);
}

/** What makes one configuration of another. What both have in common by reference is not looked at. */
export function deltaBetween(before: Configuration, after: Configuration): ConfigurationDelta {
  const values: Record<string, unknown> = {};
  const gone: string[] = [];
  const splices: Splice[] = [];
  const [old, next] = [before as Block, after as Block];
  for (const key of new Set([...Object.keys(old), ...Object.keys(next)])) {
    const [was, is] = [old[key], next[key]];
    if (areEntries(was) && areEntries(is)) splices.push(...splicesOf(key, was, is));
    else if (is === undefined && was !== undefined) gone.push(key);
    else if (!isSame(was, is)) values[key] = is;
  }
  return { values, gone, splices };
}

/**
 * The document after a change of it.
 * @throws RangeError where the change is not of this document
 */
export function applyDelta(before: Configuration, delta: ConfigurationDelta): Configuration {
  return changed(before, delta, (list, entry, replaced) => {
    const long = longLists[list];
    if (long === undefined || entry[long] !== undefined) return entry;
    return { ...entry, [long]: replaced?.[long] };
  }) as Configuration;
}

/**
 * The same for a document whose entries are others than those of the delta.
 * @param finish makes an entry of the document of one of the delta, and of that in whose place it comes, by its name
 * @throws RangeError where the change is not of this document
 */
export function changed(
  before: Block,
  { gone, splices, values }: ConfigurationDelta,
  finish: (list: string, entry: Block, replaced: Block | undefined) => Block,
): Block {
  const after: Record<string, unknown> = { ...before, ...values };
  for (const key of gone) Reflect.deleteProperty(after, key);
  for (const { added, at, list, removed } of splices) {
    const entries = (after[list] ?? []) as readonly Block[];
    const replaced = new Map(
      entries.slice(at, at + removed.length).map((entry) => [nameOfEntry(entry), entry]),
    );
    if (replaced.size !== removed.length || removed.some((name) => !replaced.has(name))) {
      throw new RangeError(`a change of ${list}, ${removed.join(', ')}, is of another document`);
    }
    const placed = added.map((entry) => finish(list, entry, replaced.get(nameOfEntry(entry))));
    after[list] = entries.toSpliced(at, removed.length, ...placed);
  }
  return after;
}

/**
 * A stored delta as one of this release.
 * @param storedShape what `configurationShape` was when it was stored
 * @throws ZodError where it does not fit
 */
export function completeDelta(delta: ConfigurationDelta, storedShape: string): ConfigurationDelta {
  const complete = (part: Block): Block => completeConfiguration(part, storedShape);
  const values: Record<string, unknown> = {};
  for (const key of Object.keys(delta.values)) values[key] = complete(delta.values)[key];
  return {
    ...delta,
    values,
    splices: delta.splices.map((splice) => ({
      ...splice,
      added: splice.added.map((entry) => {
        const long = longLists[splice.list];
        const isShort = long !== undefined && entry[long] === undefined;
        // Without its long list it would be a mistake.
        const whole = isShort ? { ...entry, [long]: long === 'rates' ? [] : ['0'] } : entry;
        const [made] = complete({ [splice.list]: [whole] })[splice.list] as readonly Block[];
        if (made === undefined || !isShort) return made ?? entry;
        return Object.fromEntries(Object.entries(made).filter(([name]) => name !== long));
      }),
    })),
  };
}

function splicesOf(list: string, was: readonly Block[], is: readonly Block[]): Splice[] {
  const splice = (at: number, removed: readonly Block[], added: readonly Block[]): Splice => {
    const replaced = new Map(removed.map((entry) => [nameOfEntry(entry), entry]));
    return {
      list,
      at,
      removed: removed.map(nameOfEntry),
      added: added.map((entry) => shortened(list, entry, replaced.get(nameOfEntry(entry)))),
    };
  };
  if (was.length !== is.length) {
    const least = Math.min(was.length, is.length);
    let first = 0;
    while (first < least && isSame(was[first], is[first])) first += 1;
    let last = 0;
    while (last < least - first && isSame(was.at(-1 - last), is.at(-1 - last))) last += 1;
    return [splice(first, was.slice(first, was.length - last), is.slice(first, is.length - last))];
  }
  const splices: Splice[] = [];
  for (let at = 0; at < was.length; at++) {
    const start = at;
    while (at < was.length && !isSame(was[at], is[at])) at += 1;
    if (at > start) splices.push(splice(start, was.slice(start, at), is.slice(start, at)));
  }
  return splices;
}

/** Without its long list where that is as it was; prefixes are packed by priority, so it must be the same. */
function shortened(list: string, entry: Block, replaced: Block | undefined): Block {
  const long = longLists[list];
  if (long === undefined || replaced === undefined) return entry;
  if (!isSame(entry[long], replaced[long]) || entry['priority'] !== replaced['priority']) {
    return entry;
  }
  return Object.fromEntries(Object.entries(entry).filter(([name]) => name !== long));
}

function areEntries(value: unknown): value is readonly Block[] {
  return Array.isArray(value) && value.every((each) => isBlock(each));
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || isDeepStrictEqual(one, other);
}
