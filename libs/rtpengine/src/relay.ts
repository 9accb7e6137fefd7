import { createHash } from 'node:crypto';

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
  const seed = hashOf(callId);
  return relays
    .map((relay) => ({ relay, score: scoreOf(seed, relay) }))
    .sort((a, b) => b.score - a.score || a.relay.id - b.relay.id)
    .map(({ relay }) => relay);
}

/** A uniform number u in (0, 1) for each relay; the highest u^(1/weight) wins in proportion to the weights. */
function scoreOf(seed: number, { id, weight }: { readonly id: number; readonly weight: number }) {
  const uniform = (mixed(seed ^ Math.imul(id, 0x9e37_79b1)) + 1) / 0x1_0000_0001;
  return Math.log(uniform) / weight;
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  }
  return hash;
}

/** The last steps of MurmurHash3: each bit of the result depends on all of the input. */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
