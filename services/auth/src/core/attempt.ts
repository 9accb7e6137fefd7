import type { AuthenticateRequest } from '@tandem/proto/auth';
import type { Terminal } from './terminal.ts';

/** What is kept of a request while its challenge waits for an answer (AUTH-14, AUTH-15). */
export interface Attempt {
  /** Tells a request that is sent again from its retransmission. */
  readonly cseq: number;
  readonly method: string;
  readonly address: string;
  readonly port: number;
  readonly userAgent: string;
  /** What it lacked. */
  readonly lack: Lack;
}

export type Lack = 'no credentials' | 'credentials that cannot be read' | 'a nonce that is good';

const MOST_CHARACTERS = 64;

export function attemptOf(request: AuthenticateRequest, lack: Lack): Attempt {
  const { cseq, method, sourceAddress: address, sourcePort: port, userAgent } = request;
  return { cseq, method, address, port, userAgent: userAgent.slice(0, MOST_CHARACTERS), lack };
}

/** As the store keeps it, with whose it is said to be. */
export function encodeAttempt(attempt: Attempt, { user, place }: Terminal): string {
  const { cseq, method, address, port, userAgent, lack } = attempt;
  return JSON.stringify([user, place, cseq, method, address, port, userAgent, lack]);
}

/** Reads what `encodeAttempt` wrote. */
export function decodeAttempt(text: string): {
  readonly attempt: Attempt;
  readonly terminal: Terminal;
} {
  const [user, place, cseq, method, address, port, userAgent, lack] = JSON.parse(text) as [
    ...[user: string, place: string, cseq: number, method: string],
    ...[address: string, port: number, userAgent: string, lack: Lack],
  ];
  return { terminal: { user, place }, attempt: { cseq, method, address, port, userAgent, lack } };
}
