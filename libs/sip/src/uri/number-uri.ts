import { toWire } from '../message/characters.ts';
import { escapeUser } from './sip-uri.ts';

/**
 * The SIP URI of a number or name, with the escapes that RFC 3261 §25.1 demands, and no other.
 * @param hostPort host, with a port where one is to stand there
 */
export function numberUri(number: string, hostPort: string): string {
  return `sip:${escapeUser(toWire(number))}@${hostPort}`;
}
