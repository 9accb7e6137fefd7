import type { RequestRefusalReason } from '@tandem/domain';
import type { RequestFault } from '@tandem/sip';
import { SHORTEST_SESSION_S } from '../dialog/session-timers.ts';
import type { RequestAnswer } from './caller-response.ts';

/** RFC 4028 §8.1: the answer to an interval that is too short, of a call or in one. */
export const tooBrief = {
  answer: 'SessionTooBrief',
  minSeSeconds: SHORTEST_SESSION_S,
} as const satisfies RequestAnswer;

/** The answer to a request that cannot be served as far as the message goes. */
export function faultAnswer({ code, warning, unsupported }: RequestFault): RequestAnswer {
  return { answer: faults[code], warning, unsupported };
}

const faults = {
  400: 'Malformed',
  416: 'SchemeUnknown',
  420: 'ExtensionUnknown',
  483: 'TooManyHops',
  505: 'VersionUnknown',
} as const satisfies Record<RequestFault['code'], RequestRefusalReason>;
