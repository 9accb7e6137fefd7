import { SwitchError, readNumber } from '@tandem/domain';
import type { ListCdrsRequest } from '@tandem/proto/billing';
import { readCursor } from '../core/cdr-cursor.ts';
import type { CdrFilter } from '../ports.ts';

/** Rows of a page of any list, where none is asked for, and at most. */
export const DEFAULT_LIMIT = 100;
export const MOST_LISTED = 1000;

/** Which CDRs a request asks for. @throws SwitchError SWITCH_CONFIGURATION_INVALID where it is wrong */
export function filterOf(
  request: ListCdrsRequest,
  { limit, most }: { readonly limit: number; readonly most: number } = { limit: DEFAULT_LIMIT, most: MOST_LISTED }, // prettier-ignore
): CdrFilter {
  const after = request.cursor === '' ? undefined : readCursor(request.cursor);
  if (request.cursor !== '' && after === undefined) {
    throw wrong(`cursor "${request.cursor}" is not one of ours`);
  }
  return {
    fromMs: timeGiven(request.fromMs),
    untilMs: timeGiven(request.untilMs),
    account: given(request.account),
    gateway: given(request.gateway),
    caller: numberGiven(request.caller),
    callee: numberGiven(request.callee),
    callerPrefix: prefixGiven('callerPrefix', request.callerPrefix),
    calleePrefix: prefixGiven('calleePrefix', request.calleePrefix),
    reason: given(request.reason),
    code: request.code === 0 ? undefined : request.code,
    address: given(request.address),
    isFailed: request.failed,
    isOldestFirst: request.oldestFirst,
    after,
    limit: request.limit === 0 ? limit : Math.min(request.limit, most),
  };
}

/** As the switch reads numbers; what is none may still stand in the CDR of a call that was refused for it. */
function numberGiven(text: string): string | undefined {
  const reading = readNumber(text);
  return reading.kind === 'number' ? reading.number : given(text);
}

/** An empty prefix is that of all numbers. */
function prefixGiven(name: string, text: string): string | undefined {
  const prefix = text.replace(/^\+/, '');
  if (prefix === '') return undefined;
  if (!/^[\d*#]{1,32}$/.test(prefix)) {
    throw wrong(
      `${name} is "${text}": write digits, such as 4420, with or without a + before them`,
    );
  }
  return prefix;
}

/** What is set of a request; empty = not. */
export function given(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** A time of a request; 0 = not set. */
export function timeGiven(ms: number): number | undefined {
  return ms === 0 ? undefined : ms;
}

/** The cursor of a list that goes by numbers; undefined: from the begin. @throws where it is none */
export function numberedCursor(text: string): number | undefined {
  if (text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw wrong(`cursor "${text}" is not one of ours`);
  return Number(text);
}

/** A request that is wrong in itself. */
export function wrong(message: string): SwitchError {
  return new SwitchError('SWITCH_CONFIGURATION_INVALID', message);
}
