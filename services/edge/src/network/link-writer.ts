import { parseEndpoint } from '@tandem/pod-link';
import type { LinkDatagram, LinkEndpoint, LinkKind, PodLinkSocket } from '@tandem/pod-link';
import { transportOf } from '@tandem/sip';
import type { PeerAddress } from '../core/network/peer-address.ts';

/** What a datagram between pods has besides its kind. */
export interface LinkParts {
  readonly bytes: Buffer;
  readonly peer: PeerAddress;
  /** Link address of the pod or front at whose sockets the peer is; '' where it is at none. */
  readonly gate: string;
  /** 0: none. */
  readonly connection: number;
}

export const nowhere: LinkEndpoint = { address: '0.0.0.0', port: 0 };
const MOST_ENDPOINTS = 10_000;

/** Writes datagrams to other pods. */
export class LinkWriter {
  readonly #link: Pick<PodLinkSocket, 'send'>;
  readonly #own: string;
  readonly #endpoints = new Map<string, LinkEndpoint | undefined>();

  /** @param own link address of this pod */
  constructor(link: Pick<PodLinkSocket, 'send'>, own: string) {
    this.#link = link;
    this.#own = own;
  }

  /** Gives what came from a peer to another pod, with where it was heard. */
  relay(
    kind: LinkKind,
    bytes: Buffer,
    { from, to }: { readonly from: PeerAddress; readonly to: string },
  ): void {
    const { gate = '', connection = 0 } = from.flow ?? {};
    const heardBy = gate === '' ? this.#own : gate;
    this.put(kind, { bytes, peer: from, gate: heardBy, connection }, to);
  }

  /** @param address of the other pod's link; nothing is sent where it is none */
  put(kind: LinkKind, parts: LinkParts, address: string): void {
    const to = this.#endpoint(address);
    if (to === undefined) return;
    const { bytes: payload, peer, connection } = parts;
    const gate = this.#endpoint(parts.gate) ?? nowhere;
    const { id: transport } = transportOf(peer);
    const { certificate, listener } = peer;
    const datagram = { kind, peer, gate, transport, connection, certificate, listener, payload };
    this.#link.send(datagram, to);
  }

  /** Read once per address: there are few. */
  #endpoint(address: string): LinkEndpoint | undefined {
    if (!this.#endpoints.has(address)) {
      if (this.#endpoints.size > MOST_ENDPOINTS) this.#endpoints.clear();
      this.#endpoints.set(address, parseEndpoint(address));
    }
    return this.#endpoints.get(address);
  }
}

/** What few peers have: most messages make no object of it. */
export function toldOf({
  certificate,
  listener,
}: LinkDatagram): { readonly certificate?: string; readonly listener?: number } | undefined {
  if (listener === undefined && certificate === undefined) return undefined;
  return {
    ...(listener === undefined ? {} : { listener }),
    ...(certificate === undefined ? {} : { certificate }),
  };
}
