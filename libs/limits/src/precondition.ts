import { SwitchError } from '@tandem/domain';

/**
 * What the store must hold for a script to do anything. Who asks several things of one store in one turn, over one connection,
 * says so of those that depend on the ones before, and waits once for all of them.
 */
export interface Precondition {
  /** Whole name of the key, in the hash slot of the script. */
  readonly key: string;
  /** Of a hash; '' = the key holds a string. */
  readonly field: string;
  readonly value: string;
}

/** Lua function over a precondition as a script gets it: key, field, value; '' as value = none. */
export const preconditionLua = `
local function is_met(key, field, value)
  if value == '' then return true end
  if field == '' then return redis.call('GET', key) == value end
  return redis.call('HGET', key, field) == value
end
`;

/** A script did nothing, since the store did not hold what was asked for. */
export function unmet(): SwitchError {
  return new SwitchError('SWITCH_PRECONDITION_UNMET', 'what was asked ahead of its turn is not so');
}

/** A script's key and arguments for a precondition; `anyKey` stands where there is none. */
export function preconditionOf(
  precondition: Precondition | undefined,
  anyKey: string,
): { readonly key: string; readonly args: readonly [field: string, value: string] } {
  if (precondition === undefined) return { key: anyKey, args: ['', ''] };
  const { key, field, value } = precondition;
  return { key, args: [field, value] };
}
