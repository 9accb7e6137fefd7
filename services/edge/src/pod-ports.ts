import type { AdvertisedAddress } from '@tandem/proto/edge';
import type { SipRequest, SipResponse, TransportName } from '@tandem/sip';
import type { ProbeSeries } from './core/network/network-verdict.ts';
import type { PeerAddress } from './core/network/peer-address.ts';

/** A pod or front that lives. */
export interface Pod {
  readonly name: string;
  readonly slot: number;
  readonly epoch: number;
  readonly role: EdgeRole;
  /** `ip:port` at which it takes datagrams of other pods; '' where it takes none. */
  readonly address: string;
  readonly isDraining: boolean;
  /** As of its last renewal; undefined where it told none. */
  readonly figures?: PodFigures | undefined;
}

/** What a pod tells operators of itself with each renewal of its lease. Counts are since its start. */
export interface PodFigures {
  readonly startedMs: number;
  /** `host:port` that it writes into Via and Contact. */
  readonly advertised: string;
  /** What which peers are told (CALL-07). @default a pod of the version before does not say */
  readonly advertisedTo?: readonly AdvertisedAddress[] | undefined;
  /** Calls that have no final answer yet. An answered call belongs to no pod. */
  readonly pendingCalls: number;
  /** Calls begun. */
  readonly calls: number;
  readonly answers: number;
  /** Calls taken over from pods that died or drained. */
  readonly adoptions: number;
  /** Messages given to the pod that has their call. */
  readonly handedMessages: number;
  /** Calls given away while draining. */
  readonly handedCalls: number;
  readonly dropped: number;
  /** Open connections of peers. */
  readonly connections: number;
  readonly lostSlots: number;
  /** What the test of its network found (CALL-07). */
  readonly source: SourceVerdict;
  /** Transports on which sources are hidden: holds for all peers that were heard by this gate. */
  readonly hiddenTransports: readonly TransportName[];
  /** Whether it begins no more new calls than it can see through, and how many it has refused for that (CALL-11). */
  readonly isShedding: boolean;
  readonly refused: number;
}

/**
 * Whether the network lets the switch see where clients send from (CALL-07). `undecided`: tested, but nothing came back that
 * tells.
 */
export type SourceVerdict = 'untested' | 'preserved' | 'hidden' | 'undecided';

/** What an edge does: own the public address, handle calls, or both. */
export type EdgeRole = 'front' | 'worker' | 'both';

/** The pod's place among the pods (edge.md §3). */
export interface PodRegistry {
  /** Reads who lives before this pod is one of them: from then on `pods` tells. @throws where the registry cannot be read */
  look(): Promise<void>;
  /** Takes a free slot and a new epoch, and keeps them until `leave`. */
  join(pod: {
    readonly name: string;
    readonly role: EdgeRole;
    readonly address: string;
    /** Read at each renewal, so that every pod can tell of all (`Pod.figures`). */
    readonly figures?: (() => PodFigures) | undefined;
  }): Promise<{ readonly slot: number; readonly epoch: number }>;
  /** Milliseconds since the epoch, with fractions, by the clock that all pods share. @default this machine's clock */
  now?(): number;
  /** Whether two renewals at least were not answered. @default it never is */
  isAway?(): boolean;
  /** All that live, as of the last renewal (at most 400 ms ago): good for choosing, not for taking a call over. */
  pods(): readonly Pod[];
  /** Tells the others that this pod takes nothing new and gives its calls away. */
  drain(): Promise<void>;
  leave(): Promise<void>;
  /**
   * Called when this pod finds that its lease had run out (it was paused too long, or the store away): any call that it has
   * may have been adopted. Its place is the same where nobody has taken it, else a new slot and epoch.
   */
  onLost(listener: (place: { readonly slot: number; readonly epoch: number }) => void): void;
}

/** Sends messages to peers, by whatever socket, connection or gate leads there. Never waits, never throws. */
export interface PeerTransport {
  send(bytes: Buffer, to: PeerAddress): void;
}

/** Datagrams between pods (edge.md §3). */
export interface PodLink {
  /**
   * Gives a message, or a response as it came in, to the pod that has its call. `from` is the peer; the answer leaves through the
   * peer's gate.
   */
  hand(message: SipRequest | SipResponse | Buffer, from: PeerAddress, to: Pod): void;
  /** Asks a pod to adopt a call of this one, which drains. */
  offer(callId: string, to: Pod): void;
  /** Asks a pod to end a call that it sets up: an operator wants it (OPS-02). */
  hangUp(callId: string, operator: string, to: Pod): void;
}

/** What comes over the link. */
export interface PodLinkListener {
  /** A message that another pod handed over: it must not be handed on to that pod again. */
  onHanded(message: SipRequest | SipResponse, from: PeerAddress): void;
  onOffer(callId: string): void;
  onHangUp(callId: string, operator: string): void;
}

/** An advertised address, as it is reached by one transport. */
export interface ProbeTarget {
  readonly transport: TransportName;
  /** IP literal without brackets, or a name. */
  readonly host: string;
  readonly port: number;
}

/** Sends probes to an advertised address from sockets of its own, and waits some seconds for answers (CALL-07). Never rejects. */
export type NetworkProber = (target: ProbeTarget) => Promise<ProbeSeries>;

/** What the edge knows of its own network (CALL-07). */
export interface NetworkView {
  /** Whether the network hides where this peer sent from: its address proves nothing then. */
  isSourceHidden(peer: PeerAddress): boolean;
}
