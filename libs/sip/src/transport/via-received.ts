import type { SipRequest } from '../message/message.ts';
import { splitList } from '../message/split-list.ts';
import type { Endpoint } from './transport.ts';

/**
 * Notes in the top Via of a received request where it really came from: `received` when the host named there is
 * another (RFC 3261 §18.2.1), `received` and `rport` when the client asked for them (RFC 3581 §4). Values that
 * the client put there itself are overwritten: they would send our responses to somebody else.
 */
export function noteSource(request: SipRequest, source: Endpoint): void {
  const { headers } = request;
  const line = headers.get('via');
  if (line === undefined) return;
  const isList = line.includes(',');
  const top = isList ? splitList(line)[0] : line;
  if (top === undefined) return;
  const noted = viaWithSource(top, source);
  if (noted === top) return;
  headers.removeFirst('via');
  headers.prepend('Via', isList ? noted + line.slice(line.indexOf(top) + top.length) : noted);
}

/** One Via value with `received` and `rport` as RFC 3581 §4 wants them; the same string when nothing is due. */
export function viaWithSource(via: string, source: Endpoint): string {
  const host = sentByHost(via);
  const isSameHost = host === source.address;
  if (isSameHost && !mayHoldSource(via)) return via;
  let hasReportedPort = false;
  let text = '';
  for (const [at, part] of via.split(';').entries()) {
    const name = at === 0 ? '' : parameterName(part);
    if (name === 'received') continue;
    if (name === 'rport') {
      if (!hasReportedPort) text += `;rport=${String(source.port)}`;
      hasReportedPort = true;
      continue;
    }
    text += at === 0 ? part : ';' + part;
  }
  return hasReportedPort || !isSameHost ? `${text};received=${source.address}` : text;
}

/** A quick look that most Vias without these parameters do not pass. */
function mayHoldSource(via: string): boolean {
  const lower = via.toLowerCase();
  return lower.includes('rport') || lower.includes('received');
}

function parameterName(part: string): string {
  const equals = part.indexOf('=');
  return (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
}

/** Host of the sent-by, without brackets; empty when there is none. */
function sentByHost(via: string): string {
  const semicolon = via.indexOf(';');
  const head = (semicolon < 0 ? via : via.slice(0, semicolon)).trim();
  const sentBy = head.slice(Math.max(head.lastIndexOf(' '), head.lastIndexOf('\t')) + 1);
  if (sentBy.startsWith('[')) return sentBy.slice(1, Math.max(sentBy.indexOf(']'), 1));
  const colon = sentBy.indexOf(':');
  return colon < 0 ? sentBy : sentBy.slice(0, colon);
}
