import { createHash } from 'node:crypto';
import { hashOfKey, hashWithPlace } from '@tandem/rendezvous';

/** Where a media relay takes commands, and how much of the calls it gets beside the others. */
export interface RelayAddress {
  /** An IP literal, without brackets. */
  readonly host: string;
  readonly port: number;
  /** @default 1 */
  readonly weight?: number | undefined;
}

/** `host:port`, an IPv6 literal in brackets. */
export function relayName({ host, port }: RelayAddress): string {
  return host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}

/** Four bytes that stand for a relay where there is little room: the same on every pod, whatever the order of its list. Never 0. */
export function relayId(address: RelayAddress): number {
  const id = createHash('sha256').update(relayName(address)).digest().readUInt32BE(0);
  return id === 0 ? 1 : id;
}

/**
 * Relays in the order in which a call is offered to them: the same on every pod (weighted rendezvous hashing), so that one
 * that comes or goes moves only the calls that are or were its own.
 */
export function inOrderFor<R extends { readonly id: number; readonly weight: number }>(
  callId: string,
  relays: readonly R[],
): R[] {
  if (relays.length < 2) return relays.slice();
  const seed = hashOfKey(callId);
  return relays
    .map((relay) => ({ relay, score: scoreOf(seed, relay) }))
    .sort((a, b) => b.score - a.score || a.relay.id - b.relay.id)
    .map(({ relay }) => relay);
}

/** A uniform number u in (0, 1) for each relay; the highest u^(1/weight) wins in proportion to the weights. */
function scoreOf(seed: number, { id, weight }: { readonly id: number; readonly weight: number }) {
  const uniform = (hashWithPlace(seed, id) + 1) / 0x1_0000_0001;
  return Math.log(uniform) / weight;
}
