import { transportNamed, transportOf } from '@tandem/sip';
import type { Flow } from './flow.ts';
import { formatPeerAddress, parsePeerAddress } from './peer-address.ts';
import type { PeerAddress } from './peer-address.ts';

/**
 * Writes a peer with its transport, flow and, where it has them, listener and certificate: `192.0.2.1:5060`, or
 * `192.0.2.1:5060;tcp;10.0.0.3:7000;17`.
 */
export function formatFlowAddress(peer: PeerAddress): string {
  const { certificate, flow, listener } = peer;
  const { name, isConnectionBound } = transportOf(peer);
  const address = formatPeerAddress(peer);
  const hasGate = flow !== undefined && flow.gate !== '';
  if (!isConnectionBound && !hasGate && listener === undefined) return address;
  const parts = [address, name, flow?.gate ?? '', String(flow?.connection ?? 0)];
  if (certificate !== undefined) parts.push(String(listener ?? ''), certificate);
  else if (listener !== undefined) parts.push(String(listener));
  return parts.join(';');
}

/** Reads what `formatFlowAddress` wrote. */
export function parseFlowAddress(text: string): PeerAddress | undefined {
  const [addressText = '', transport, gate = '', connection = '0', listener = '', certificate] =
    text.split(';');
  const address = parsePeerAddress(addressText);
  if (address === undefined || transport === undefined) return address;
  const peer = {
    ...address,
    transport: transportNamed(transport)?.name ?? 'udp',
    flow: { gate, connection: Number(connection) },
  };
  return {
    ...peer,
    ...(listener === '' ? {} : { listener: Number(listener) }),
    ...(certificate === undefined ? {} : { certificate }),
  };
}

/** A flow as the registrar has it: `parseFlow` reads it back. */
export function formatFlow({ connection, gate }: Flow): string {
  return `${gate};${String(connection)}`;
}

/** Reads the gate and the connection of a flow, `10.0.0.3:7000;17`; undefined where there is none. */
export function parseFlow(text: string): Flow | undefined {
  if (text === '') return undefined;
  const [gate = '', connection = ''] = text.split(';');
  const number = Number(connection);
  return { gate, connection: Number.isSafeInteger(number) ? number : 0 };
}
