import { transportNamed, transportOf } from '@tandem/sip';
import type { Flow } from './flow.ts';
import { formatPeerAddress, parsePeerAddress } from './peer-address.ts';
import type { PeerAddress } from './peer-address.ts';

/** Writes a peer with its transport and flow: `192.0.2.1:5060`, or `192.0.2.1:5060;tcp;10.0.0.3:7000;17`. */
export function formatFlowAddress(peer: PeerAddress): string {
  const { flow } = peer;
  const { name, isConnectionBound } = transportOf(peer);
  const address = formatPeerAddress(peer);
  if (!isConnectionBound && (flow === undefined || flow.gate === '')) return address;
  return [address, name, flow?.gate ?? '', String(flow?.connection ?? 0)].join(';');
}

/** Reads what `formatFlowAddress` wrote. */
export function parseFlowAddress(text: string): PeerAddress | undefined {
  const [addressText = '', transport, gate = '', connection = '0'] = text.split(';');
  const address = parsePeerAddress(addressText);
  if (address === undefined || transport === undefined) return address;
  return {
    ...address,
    transport: transportNamed(transport)?.name ?? 'udp',
    flow: { gate, connection: Number(connection) },
  };
}

/** Reads the gate and the connection of a flow, `10.0.0.3:7000;17`; undefined where there is none. */
export function parseFlow(text: string): Flow | undefined {
  if (text === '') return undefined;
  const [gate = '', connection = ''] = text.split(';');
  const number = Number(connection);
  return { gate, connection: Number.isSafeInteger(number) ? number : 0 };
}
