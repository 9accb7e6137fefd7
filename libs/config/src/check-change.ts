import type { Steps } from '@tandem/domain';
import type { z } from 'zod';
import { isBlock, type Block } from './blocks.ts';
import { crossCheckInSteps } from './cross-check.ts';
import { longListOf } from './delta.ts';
import { describeIssue } from './describe-issue.ts';
import { configurationSchema, type Configuration } from './document.ts';
import type { Mistake } from './mistake.ts';
import type { ParseResult } from './parse-configuration.ts';

/**
 * Checks a document that is a configuration but for some of its entries and values: those alone are read; names, duplicates and
 * contradictions are looked for everywhere but among prefixes and rates that stay. What stays is the same object in both.
 * @param before checked by this release
 */
export function* checkChange(before: Configuration, document: Block): Steps<ParseResult> {
  const old = before as Block;
  const mistakes: Mistake[] = [];
  const after: Record<string, unknown> = {};
  const shape: Readonly<Record<string, z.ZodType>> = configurationSchema.shape;
  for (const [key, value] of Object.entries(document)) {
    const was = old[key];
    const schema = shape[key];
    if (value === was && schema !== undefined) {
      after[key] = value;
      continue;
    }
    if (schema === undefined || !Array.isArray(value) || !Array.isArray(was)) {
      after[key] = readValue(key, value, mistakes);
      continue;
    }
    const known = new Set<unknown>(was);
    const lists = longListsOf(key, was);
    after[key] = value.map((entry: unknown, index) => {
      if (known.has(entry)) return entry;
      const read = (each: unknown) => readEntry([key, index], each, mistakes);
      const long = longListOf(key);
      if (long === undefined || !isBlock(entry) || !lists.has(entry[long])) return read(entry);
      const made = read({ ...entry, [long]: PLACEHOLDERS[long] });
      return isBlock(made) ? { ...made, [long]: entry[long] } : made;
    });
    yield;
  }
  mistakes.push(...(yield* crossCheckInSteps(withoutLongLists(old, document))));
  return mistakes.length === 0
    ? { kind: 'valid', configuration: after as Configuration }
    : { kind: 'invalid', mistakes };
}

/** Something right, for the time in which a list that stays is not there. */
const PLACEHOLDERS: Readonly<Record<string, unknown>> = { rates: [], prefixes: ['0'] };

/** The long lists that entries have. */
function longListsOf(list: string, entries: unknown): ReadonlySet<unknown> {
  const long = longListOf(list);
  if (long === undefined || !Array.isArray(entries)) return new Set();
  return new Set(entries.map((entry: Block) => entry[long]));
}

function readValue(key: string, value: unknown, mistakes: Mistake[]): unknown {
  const parsed = configurationSchema.safeParse({ [key]: value }, { reportInput: true });
  for (const issue of parsed.error?.issues ?? []) mistakes.push(...describeIssue(issue));
  return (parsed.data as Block | undefined)?.[key];
}

function readEntry([list, index]: [string, number], entry: unknown, mistakes: Mistake[]): unknown {
  const parsed = configurationSchema.safeParse({ [list]: [entry] }, { reportInput: true });
  for (const issue of parsed.error?.issues ?? []) {
    const [, , ...rest] = issue.path;
    mistakes.push(...describeIssue({ ...issue, path: [list, index, ...rest] }));
  }
  return ((parsed.data as Block | undefined)?.[list] as readonly unknown[] | undefined)?.[0];
}

/** What stays has been found right before: of a million rates none is the other's double. */
function withoutLongLists(before: Block, document: Block): Block {
  const slim: Record<string, unknown> = { ...document };
  for (const list of ['rateGroups', 'routingGateways']) {
    const entries = document[list];
    const long = longListOf(list);
    if (long === undefined || !Array.isArray(entries)) continue;
    const known = longListsOf(list, before[list]);
    slim[list] = entries.map((entry: unknown) =>
      isBlock(entry) && known.has(entry[long]) ? { ...entry, [long]: [] } : entry,
    );
  }
  return slim;
}
