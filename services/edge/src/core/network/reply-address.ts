import { topVia, transportOf } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import { ipLiteral } from './peer-address.ts';
import type { PeerAddress } from './peer-address.ts';

/**
 * Where a gateway takes answers (CALL-07): at the socket it sent from, at its Via's host and port, or at its Via's
 * port. Tokens have the place of one in this list: further ones go to its end.
 */
export const replyModes = ['socket', 'via', 'via-port'] as const;
export type ReplyMode = (typeof replyModes)[number];

/** The mode of this name; that of the socket for what a later version may name. */
export function replyModeOf(name: string | undefined): ReplyMode {
  return replyModes.find((mode) => mode === name) ?? 'socket';
}

/**
 * Where answers to a request go. Over a connection they go back by it, whatever is set (RFC 3261 §18.2.2). A Via that names a host
 * by name, or of the other IP version, has only its port taken: no answer waits for a look-up.
 */
export function replyAddress(
  request: SipRequest,
  source: PeerAddress,
  mode: ReplyMode,
): PeerAddress {
  if (mode === 'socket' || transportOf(source).isConnectionBound) return source;
  const { host, port: named } = topVia(request);
  const port = named === undefined || named === 0 ? transportOf(source).defaultPort : named;
  const literal = mode === 'via' ? ipLiteral(host) : undefined;
  const isReachable = literal?.includes(':') === source.address.includes(':');
  const address = isReachable ? literal : undefined;
  return { ...source, address: address ?? source.address, port };
}
