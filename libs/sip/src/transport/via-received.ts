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
  const rest = isList ? line.slice(line.indexOf(top) + top.length) : '';
  headers.replaceFirst('Via', noted + rest);
}

/** One Via value with `received` and `rport` as RFC 3581 §4 wants them; the same string when nothing is due. */
export function viaWithSource(via: string, source: Endpoint): string {
  const host = sentByHost(via);
  const isSameHost = host === source.address;
  if (isSameHost && !mayHoldSource(via)) return via;
  let hasReportedPort = false;
  let end = parameterEnd(via, 0);
  let text = via.slice(0, end);
  while (end < via.length) {
    const start = end;
    end = parameterEnd(via, start + 1);
    switch (parameterName(via, start + 1, end)) {
      case 'received':
        break;
      case 'rport':
        if (!hasReportedPort) text += `;rport=${String(source.port)}`;
        hasReportedPort = true;
        break;
      default:
        text += via.slice(start, end);
    }
  }
  return hasReportedPort || !isSameHost ? `${text};received=${source.address}` : text;
}

/** A quick look that most Vias without these parameters do not pass. */
function mayHoldSource(via: string): boolean {
  return /rport|received/i.test(via);
}

function parameterEnd(via: string, start: number): number {
  const semicolon = via.indexOf(';', start);
  return semicolon < 0 ? via.length : semicolon;
}

function parameterName(via: string, start: number, end: number): string {
  const equals = via.indexOf('=', start);
  const name = via.slice(start, equals >= 0 && equals < end ? equals : end);
  return name === 'branch' ? name : name.trim().toLowerCase();
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
