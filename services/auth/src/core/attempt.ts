import type { AuthenticateRequest } from '@tandem/proto/auth';
import { userOf } from '@tandem/sip';
import type { Terminal } from './terminal.ts';

/** What is kept of a request while its challenge waits for an answer (AUTH-14, AUTH-15). */
export interface Attempt {
  /** By the clock of the pod that was asked. */
  readonly atMs: number;
  /** Tells a request that is sent again from its retransmission. */
  readonly cseq: number;
  readonly method: string;
  readonly address: string;
  readonly port: number;
  readonly userAgent: string;
  /** What it lacked. */
  readonly lack: Lack;
  /** Of a call, for its CDR; '' of any other request. */
  readonly call: AttemptedCall;
}

/** What a CDR has of a call besides. */
interface AttemptedCall {
  readonly sipCallId: string;
  readonly transport: string;
  /** User parts, as received. */
  readonly caller: string;
  readonly callee: string;
  /** The address in its Via, where it came from another one; '' else. */
  readonly sentBy: string;
}

/** What people ask after by its Call-ID: calls and registrations. */
const asked: ReadonlySet<string> = new Set(['INVITE', 'REGISTER']);

const noCall: AttemptedCall = { sipCallId: '', transport: '', caller: '', callee: '', sentBy: '' };

export type Lack =
  | 'no credentials'
  /** With which parameter is wrong. */
  | `credentials that cannot be read (${string})`
  | 'credentials of another scheme than Digest'
  | 'a nonce that is good';

const MOST_CHARACTERS = 64;
const LONGEST_CALL_ID = 128;

export function attemptOf(
  request: AuthenticateRequest,
  { lack, atMs }: Pick<Attempt, 'lack' | 'atMs'>,
): Attempt {
  const { cseq, method, sourceAddress: address, sourcePort: port, userAgent } = request;
  return {
    atMs,
    cseq,
    method,
    address,
    port,
    userAgent: userAgent.slice(0, MOST_CHARACTERS),
    lack,
    call: asked.has(method) ? callOf(request) : noCall,
  };
}

function callOf({
  fromUser,
  requestUri,
  sentBy = '',
  sipCallId,
  transport,
}: AuthenticateRequest): AttemptedCall {
  return {
    sipCallId: sipCallId.slice(0, LONGEST_CALL_ID),
    transport,
    caller: fromUser.slice(0, MOST_CHARACTERS),
    callee: userOf(requestUri).slice(0, MOST_CHARACTERS),
    sentBy: sentBy.slice(0, MOST_CHARACTERS),
  };
}

/** As the store keeps it, with whose it is said to be. */
export function encodeAttempt(attempt: Attempt, { user, place }: Terminal): string {
  const { atMs, cseq, method, address, port, userAgent, lack, call } = attempt;
  const { sipCallId, transport, caller, callee, sentBy } = call;
  const ofCall = sipCallId === '' ? [] : [sipCallId, transport, caller, callee, sentBy];
  const told = [user, place, atMs, cseq, method, address, port, userAgent, lack, ...ofCall];
  return JSON.stringify(told);
}

/** Reads what `encodeAttempt` wrote. */
export function decodeAttempt(text: string): {
  readonly attempt: Attempt;
  readonly terminal: Terminal;
} {
  const [user, place, atMs, cseq, ...rest] = JSON.parse(text) as [
    ...[user: string, place: string, atMs: number, cseq: number, method: string],
    ...[address: string, port: number, userAgent: string, lack: Lack],
    ...[sipCallId?: string, transport?: string, caller?: string, callee?: string, sentBy?: string],
  ];
  const [method, address, port, userAgent, lack, ...ofCall] = rest;
  // Earlier versions do not say where it believes to be.
  const [sipCallId = '', transport = '', caller = '', callee = '', sentBy = ''] = ofCall;
  const call = { sipCallId, transport, caller, callee, sentBy };
  return {
    terminal: { user, place },
    attempt: { atMs, cseq, method, address, port, userAgent, lack, call },
  };
}
