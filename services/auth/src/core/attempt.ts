import type { AuthenticateRequest } from '@tandem/proto/auth';
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
}

type Lack = 'no credentials' | 'credentials that cannot be read' | 'a nonce that is good';

const MOST_CHARACTERS = 64;

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
  };
}

/** As the store keeps it, with whose it is said to be. */
export function encodeAttempt(attempt: Attempt, { user, place }: Terminal): string {
  const { atMs, cseq, method, address, port, userAgent, lack } = attempt;
  return JSON.stringify([user, place, atMs, cseq, method, address, port, userAgent, lack]);
}

/** Reads what `encodeAttempt` wrote. */
export function decodeAttempt(text: string): {
  readonly attempt: Attempt;
  readonly terminal: Terminal;
} {
  const [user, place, atMs, cseq, ...rest] = JSON.parse(text) as [
    ...[user: string, place: string, atMs: number, cseq: number, method: string],
    ...[address: string, port: number, userAgent: string, lack: Lack],
  ];
  const [method, address, port, userAgent, lack] = rest;
  return {
    terminal: { user, place },
    attempt: { atMs, cseq, method, address, port, userAgent, lack },
  };
}
