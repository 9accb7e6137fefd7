import { hash } from 'node:crypto';
import { bareNumber } from '@tandem/domain';

const callIdLine = /\n(?:call-id|i)[ \t]*:[ \t]*([^\r\n]*)/i;
const fromLine = /\n(?:from|f)[ \t]*:([^\r\n]*)/i;
const tagParameter = /;[ \t]*tag[ \t]*=[ \t]*([^;,\s]+)/i;
const uriUser = /(?:sips?|tel):([^@;:>\s?]+)/gi;
const credentialsUser = /username[ \t]*=[ \t]*"([^"\r\n]*)"/gi;

/** The head of a message as text; a message that is broken has one too. */
export function headOf(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  const end = text.search(/\r?\n\r?\n/);
  return end < 0 ? text : text.slice(0, end + 1);
}

/** '' where there is none. */
export function callIdIn(head: string): string {
  return callIdLine.exec(head)?.[1]?.trimEnd() ?? '';
}

/** The tag of From: both legs of a call have it, as the caller gave it. '' where there is none. */
export function fromTagIn(head: string): string {
  const from = fromLine.exec(head)?.[1] ?? '';
  return tagParameter.exec(from.slice(from.lastIndexOf('>') + 1))?.[1] ?? '';
}

/** Whom a message names: user parts of all its URIs, and of its credentials; numbers without +. */
export function usersIn(head: string): ReadonlySet<string> {
  const users = new Set<string>();
  for (const pattern of [uriUser, credentialsUser]) {
    for (const [, user = ''] of head.matchAll(pattern)) users.add(bareNumber(user));
  }
  return users;
}

/** By what a Call-ID is found: 64 bits of its hash, as a decimal number. What is found may have another one all the same. */
export function keyOf(callId: string): string {
  return hash('sha1', callId, 'buffer').readBigInt64BE().toString();
}
