import type { Question } from './plan.ts';
import { plainCaller, readCaller } from './read-caller.ts';
import type { CallerReading } from './read-caller.ts';
import type { OriginEntry, RoutingTables } from './routing-tables.ts';

/** Who calls, as the configuration has it. */
export function originOf(tables: RoutingTables, { origin }: Question): OriginEntry | undefined {
  return origin.kind === 'phone'
    ? tables.phones.get(origin.name)
    : tables.mappingGateways.get(origin.name);
}

/** Which number stands for the caller (CALL-12). @param rewrite what rules make of those that headers name */
export function callerOf(
  tables: RoutingTables,
  question: Question,
  rewrite?: (number: string) => string,
): CallerReading {
  const origin = originOf(tables, question);
  const account = tables.accounts.get(question.origin.account);
  if (origin === undefined || account === undefined) return plainCaller;
  const { caller: from, identity, nowMs } = question;
  return readCaller({ from, identity, origin, account, nowMs, rewrite });
}
