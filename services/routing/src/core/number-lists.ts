import { decided } from '@tandem/domain';
import type { DecisionRecord, FactsOf, NumberList } from '@tandem/domain';
import type { Numbers } from './number-rules.ts';
import type { ListHolder } from './number-tables.ts';

/** The numberLists that have been imported, by name. */
export type NumberLists = ReadonlyMap<string, NumberList>;

/** What keeps a number out. */
export interface BarredNumber {
  readonly subject: string;
  readonly facts: FactsOf<'number-barred'>;
}

/** What lists say of the numbers of a call. */
export interface ListVerdict {
  readonly barred: BarredNumber | undefined;
  /** For each number that had to be in a list: in which it is. */
  readonly allowed: readonly {
    readonly subject: string;
    readonly facts: FactsOf<'number-allowed'>;
  }[];
}

const nothing: ListVerdict = { barred: undefined, allowed: [] };

/**
 * Holds numbers against lists, those of each holder in turn, callers before callees; denied lists come before allowed ones.
 * A caller without a number is in no list.
 */
export function checkLists(
  holders: readonly ListHolder[],
  numbers: Numbers,
  lists: NumberLists,
): ListVerdict {
  if (holders.length === 0) return nothing;
  const allowed: ListVerdict['allowed'][number][] = [];
  for (const { subject, terms } of holders) {
    const sides = [
      { side: 'caller', deny: terms.denyCallers, allow: terms.allowCallers },
      { side: 'callee', deny: terms.denyCallees, allow: terms.allowCallees },
    ] as const;
    for (const { side, deny, allow } of sides) {
      const number = numbers[side];
      const denied = found(deny, number, lists);
      if (denied !== undefined) {
        return {
          barred: { subject, facts: { side, number, verdict: 'denied', ...denied } },
          allowed,
        };
      }
      if (allow.length === 0) continue;
      const permitted = found(allow, number, lists);
      if (permitted === undefined) {
        const facts = { side, number, verdict: 'not-allowed', list: allow.join(', ') } as const;
        return { barred: { subject, facts }, allowed };
      }
      allowed.push({ subject, facts: { side, number, ...permitted } });
    }
  }
  return { barred: undefined, allowed };
}

function found(
  names: readonly string[],
  number: string,
  lists: NumberLists,
): { readonly list: string; readonly entry: string } | undefined {
  for (const list of names) {
    const entry = lists.get(list)?.find(number);
    if (entry !== undefined) return { list, entry };
  }
  return undefined;
}

export function barredNumberDecision(
  { subject, facts }: BarredNumber,
  atMs: number,
): DecisionRecord {
  return decided('number-barred', { subject, facts, atMs });
}

export function allowedDecisions({ allowed }: ListVerdict, atMs: number): DecisionRecord[] {
  return allowed.map(({ subject, facts }) => decided('number-allowed', { subject, facts, atMs }));
}
