import { transportOf } from '@tandem/sip';
import type { TransportName } from '@tandem/sip';
import type { Flow } from './flow.ts';
import { isIPv4, isIPv6 } from './ip-literal.ts';

/** Where messages come from and go to. */
export interface PeerAddress {
  /** IPv4 or IPv6 literal, without brackets. */
  readonly address: string;
  readonly port: number;
  /** @default 'udp' */
  readonly transport?: TransportName | undefined;
  /** How the peer was heard; unset where it has not been: any gate may reach it. */
  readonly flow?: Flow | undefined;
  /**
   * Id of the advertised address of the listener by which messages to it leave (core/network/local-addresses.ts): unset where
   * that is the one its network is told anyway.
   */
  readonly listener?: number | undefined;
  /**
   * Names of its certificate, with commas: those that it has proved, which it must prove again where a connection to it is
   * opened; '' where any certificate will do. Unset where it is to prove the host of the Request-URI.
   */
  readonly certificate?: string | undefined;
}

/**
 * Whether what it was heard by is gone for good once it is closed (RFC 5626 §5.3): nobody listens where a browser sent from
 * (RFC 7118 §5), and who has proved no name could not prove one where we connect to it (RFC 5922 §7.3).
 */
export function isFlowOnly(peer: PeerAddress): boolean {
  const { isSecure, unit } = transportOf(peer);
  if (unit === 'frame') return true;
  return isSecure && peer.certificate === undefined && (peer.flow?.connection ?? 0) !== 0;
}

/** The same few addresses of gateways are read in every call. */
const known = new Map<string, PeerAddress>();
const MOST_KNOWN = 2000;

/** Reads `192.0.2.1:5060` or `[2001:db8::1]:5060`; the port may be left out and is 5060 then. What it gives is shared. */
export function parsePeerAddress(text: string): PeerAddress | undefined {
  const before = known.get(text);
  if (before !== undefined) return before;
  const address = readPeerAddress(text);
  if (address === undefined) return undefined;
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, address);
  return address;
}

function readPeerAddress(text: string): PeerAddress | undefined {
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    if (end < 0) return undefined;
    return peerAddress(text.slice(1, end), text.slice(end + 2));
  }
  const colon = text.lastIndexOf(':');
  if (colon < 0) return peerAddress(text, '');
  return peerAddress(text.slice(0, colon), text.slice(colon + 1));
}

/** Writes an address so that `parsePeerAddress` reads it back. */
export function formatPeerAddress(peer: PeerAddress): string {
  return `${hostOf(peer)}:${String(peer.port)}`;
}

/** The host as it stands in a URI or Via: IPv6 in brackets. */
export function hostOf(peer: PeerAddress): string {
  return peer.address.includes(':') ? `[${peer.address}]` : peer.address;
}

/** The address without an IPv4-mapped prefix or brackets, or undefined where the host is a name. */
export function ipLiteral(host: string): string | undefined {
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  if (isIPv4(bare)) return bare;
  if (isIPv6(bare))
    return bare.startsWith('::ffff:') && isIPv4(bare.slice(7)) ? bare.slice(7) : bare;
  return undefined;
}

function peerAddress(host: string, portText: string): PeerAddress | undefined {
  const address = ipLiteral(host);
  const port = portText === '' ? 5060 : Number(portText);
  if (address === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) {
    return undefined;
  }
  return { address, port };
}
