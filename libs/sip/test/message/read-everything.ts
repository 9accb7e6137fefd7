import assert from 'node:assert/strict';
import {
  callId,
  contact,
  contacts,
  cseq,
  from,
  isValidResponse,
  maxForwards,
  parseChallenge,
  parseCredentials,
  parseUri,
  responseTo,
  serialize,
  SipParseError,
  to,
  topVia,
  unescapeUri,
  validateRequest,
  vias,
  type SipMessage,
} from '../../src/index.ts';

/** Calls every typed read. Whatever the message holds, nothing but SipParseError may be thrown. */
export function readEverything(message: SipMessage): void {
  for (const read of [callId, contact, contacts, cseq, from, maxForwards, to, topVia, vias]) {
    orParseError(() => read(message));
  }
  for (const address of [from, to, contact]) {
    orParseError(() => parseUri(address(message)?.uri ?? ''));
  }
  for (const [name, value] of message.headers.entries()) {
    message.headers.list(name);
    orParseError(() => parseCredentials(value));
    orParseError(() => parseChallenge(value));
  }
  if (message.kind === 'request') {
    validateRequest(message);
    orParseError(() => unescapeUri(parseUri(message.uri).user ?? ''));
    serialize(responseTo(message, 400, 'Bad Request', { toTag: 'ours' }));
  } else {
    isValidResponse(message);
  }
  serialize(message);
}

/** Runs `read`; a SipParseError is what it may throw. */
export function orParseError(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof SipParseError)) {
      assert.fail(error instanceof Error ? error : String(error));
    }
  }
}
