import type { CallType } from '@tandem/config';
import { PrefixTable } from '@tandem/domain';

/** The types of call by their prefixes (DENY-04); undefined where there are none. */
export function callTypeTable(types: readonly CallType[]): PrefixTable<string> | undefined {
  return types.length === 0 ? undefined : new PrefixTable(entriesOf(types));
}

function* entriesOf(types: readonly CallType[]): Iterable<readonly [string, string]> {
  for (const { name, prefixes } of types) {
    for (const prefix of prefixes) yield [prefix, name];
  }
}
