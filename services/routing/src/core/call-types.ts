import { INTERNAL_CALLS } from '@tandem/config';
import { decided, prefixName } from '@tandem/domain';
import type { DecisionRecord } from '@tandem/domain';
import { nameCalled } from './routing-tables.ts';
import type { AccountEntry, OriginEntry, RoutingTables } from './routing-tables.ts';

/** Whether a call is of a type that its phone or gateway, its account, or a reseller above that may not make; undefined: it may. */
export function notPermitted(
  tables: RoutingTables,
  sides: readonly [OriginEntry, AccountEntry],
  { callee, nowMs }: { readonly callee: string; readonly nowMs: number },
): DecisionRecord | undefined {
  const [origin, own] = sides;
  const accounts = [own, ...own.resellers];
  // Nearly nobody is kept to types.
  if ([origin, ...accounts].every(({ callTypes }) => callTypes === undefined)) return undefined;
  const { type, prefix } = typeOf(tables, callee);
  const isKept = ({ callTypes }: { readonly callTypes?: ReadonlySet<string> | undefined }) =>
    callTypes?.has(type) === false;
  const account = accounts.find(isKept);
  const side = isKept(origin)
    ? { subject: origin.subject, callTypes: origin.callTypes }
    : account && { subject: `account ${account.name}`, callTypes: account.callTypes };
  if (side === undefined) return undefined;
  const permitted = [...(side.callTypes ?? [])].join(', ');
  const facts = { callee, type, prefix, permitted: permitted === '' ? 'none' : permitted };
  return decided('call-not-permitted', { subject: side.subject, facts, atMs: nowMs });
}

/** The type of call that a number is of, and by which prefix; `none` where it is of none. */
export function typeOf(
  tables: RoutingTables,
  callee: string,
): { readonly type: string; readonly prefix: string } {
  if (nameCalled(tables, callee) !== undefined)
    return { type: INTERNAL_CALLS, prefix: 'of a phone or gateway here' };
  const match = tables.callTypes?.longest(callee);
  const [type] = match?.values ?? [];
  return match === undefined || type === undefined
    ? { type: 'none', prefix: 'none' }
    : { type, prefix: prefixName(match.prefix) };
}
