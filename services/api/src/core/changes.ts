import { isDeepStrictEqual } from 'node:util';
import type { Configuration } from '@tandem/config';
import { entryLists, type EntryList } from './entries.ts';

/** One difference between two configurations, in the words of the document. */
export interface Change {
  /** `phone 1001`, `routing gateway carrier-a`, `realm`. */
  readonly subject: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** The fields that differ, where something changed: `priority: 1 → 2`. Never a password. */
  readonly fields: readonly string[];
}

type Item = Readonly<Record<string, unknown>>;

/** All differences, in the order of the document. Equal passwords must be equal text in both. */
export function changesBetween(before: Configuration, after: Configuration): Change[] {
  const changes: Change[] = [];
  for (const parameter of namesOf(before.parameters, after.parameters)) {
    changes.push(
      ...compare(
        `parameter ${parameter}`,
        { value: before.parameters[parameter] },
        { value: after.parameters[parameter] },
        'value',
      ),
    );
  }
  changes.push(...compare('realm', { realm: before.realm }, { realm: after.realm }, 'realm'));
  changes.push(
    ...compare('routing', { routePolicy: before.routePolicy }, { routePolicy: after.routePolicy }),
  );
  const [certificate, replaced] = [after.stir?.certificate, before.stir?.certificate];
  changes.push(...compare('stir', { certificate: replaced }, { certificate }));
  changes.push(...compare('security', before.security ?? {}, after.security ?? {}));
  changes.push(...compare('lists', before.lists ?? {}, after.lists ?? {}));
  for (const list of entryLists) changes.push(...compareLists(list, before, after));
  if (changes.length === 0 && !isDeepStrictEqual(before, after)) {
    changes.push({ subject: 'order of the entries', kind: 'changed', fields: [] });
  }
  return changes;
}

function compareLists(list: EntryList, before: Configuration, after: Configuration): Change[] {
  const old = new Map(list.entries(before).map((item) => [String(item[list.key]), item]));
  const changes: Change[] = [];
  for (const item of list.entries(after)) {
    const name = String(item[list.key]);
    const previous = old.get(name);
    old.delete(name);
    if (previous === undefined) {
      changes.push({ subject: `${list.kind} ${name}`, kind: 'added', fields: [] });
    } else changes.push(...compare(`${list.kind} ${name}`, previous, item));
  }
  for (const name of old.keys()) {
    changes.push({ subject: `${list.kind} ${name}`, kind: 'removed', fields: [] });
  }
  return changes;
}

/** With `presence`, a value that was or is undefined is something added or removed. */
function compare(subject: string, before: Item, after: Item, presence?: string): Change[] {
  const names = namesOf(before, after).filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  if (names.length === 0) return [];
  if (presence !== undefined && before[presence] === undefined) {
    return [{ subject, kind: 'added', fields: [show(after[presence])] }];
  }
  if (presence !== undefined && after[presence] === undefined) {
    return [{ subject, kind: 'removed', fields: [] }];
  }
  const fields = names.map((name) => describeField(name, before[name], after[name]));
  return [{ subject, kind: 'changed', fields }];
}

function describeField(name: string, before: unknown, after: unknown): string {
  if (name === 'password') return 'password';
  // A list of rates may be a million long; authentication may hold a password.
  if (typeof (before ?? after) === 'object') return name;
  return `${name}: ${show(before)} → ${show(after)}`;
}

function show(value: unknown): string {
  if (value === undefined) return 'not set';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function namesOf(before: Item, after: Item): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])];
}
