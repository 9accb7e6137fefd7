import { bareHost, contact, parseUri, topVia } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import { isIPv4, isIPv6 } from '../network/ip-literal.ts';
import { formatPeerAddress } from '../network/peer-address.ts';
import type { CallState } from './call-state.ts';
import { edgeDecision } from './decisions.ts';

/**
 * Keeps where the caller believes to be, where that is not where it was heard: behind NAT, what is sent there by others is lost
 * (CALL-07). A name says nothing, nor does the port of a connection.
 */
export function noteElsewhere(call: CallState, subject: string, atMs: number): void {
  const { invite, replyMode, source } = call;
  const via = viaOf(invite);
  const own = contactOf(invite);
  const isElsewhere = [via, own].some(
    (host) => host !== undefined && isLiteral(host.address) && host.address !== source.address,
  );
  if (!isElsewhere) return;
  const facts = {
    source: formatPeerAddress(source),
    via: via.text,
    contact: own?.text ?? '',
    replyAddress: replyMode,
  };
  call.decisions.push(edgeDecision('caller-elsewhere', { subject, facts, atMs }));
}

interface Believed {
  readonly address: string;
  readonly text: string;
}

function viaOf(invite: SipRequest): Believed {
  const { host, port } = topVia(invite);
  return believed(host, port);
}

function contactOf(invite: SipRequest): Believed | undefined {
  const uri = contact(invite)?.uri;
  if (uri === undefined || !/^sips?:/i.test(uri)) return undefined;
  const { host, port } = parseUri(uri);
  return believed(host, port);
}

function believed(host: string, port: number | undefined): Believed {
  return {
    address: bareHost(host),
    text: port === undefined ? host : `${host}:${String(port)}`,
  };
}

function isLiteral(host: string): boolean {
  return isIPv4(host) || isIPv6(host);
}
