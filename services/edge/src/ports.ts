import type { AuthenticateRequest, AuthenticateResponse } from '@tandem/proto/auth';
import type { CallEvent } from '@tandem/proto/events';
import type {
  NextCandidateRequest,
  NextCandidateResponse,
  RouteRequest,
  RouteResponse,
} from '@tandem/proto/routing';

/** Who a request is from; rejects with a SwitchError where the service or its store is away. */
export interface AuthClient {
  authenticate(request: AuthenticateRequest): Promise<AuthenticateResponse>;
}

/** Where a call goes; rejects with a SwitchError where the service or its store is away. */
export interface RoutingClient {
  route(request: RouteRequest): Promise<RouteResponse>;
  nextCandidate(request: NextCandidateRequest): Promise<NextCandidateResponse>;
}

/** Wall clock and timers. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `fire` once, `ms` from now. */
  start(ms: number, fire: () => void): object;
  stop(timer: object): void;
}

/** Who handles an initial INVITE, whatever pod its repetitions reach. */
export interface Claim {
  readonly callId: string;
  /** `slot.epoch` of the pod that claimed it. */
  readonly owner: string;
  /** Whether this claim was the first. */
  readonly isNew: boolean;
}

/** What must be in the store before the INVITE of an attempt leaves (edge.md §4). */
export interface WriteAhead {
  readonly callId: string;
  readonly owner: string;
  /** Encoded tandem.edge.v1.CallRecord. */
  readonly record: Buffer;
  /** Line keys that the call holds. */
  readonly lines: readonly string[];
}

/** What is stored when the callee has answered. */
export interface AnswerWrite {
  readonly callId: string;
  /** Event of type `answered` without its times; the store adds them. */
  readonly event: CallEvent;
  readonly lines: readonly string[];
  readonly leaseMs: number;
  /** Tokens of both sides, encoded, for peers that do not give them back. */
  readonly tokenA: Buffer;
  readonly tokenB: Buffer;
}

/** Why a call ended; fields of an event of type `ended`. */
export interface EndWrite {
  readonly callId: string;
  /** Identity, type and termination; merged over the event that `answer` stored. */
  readonly ending: CallEvent;
  /** The whole event, from a pod that has the call in memory; needed where it was never answered. */
  readonly event?: CallEvent | undefined;
  readonly lines?: readonly string[] | undefined;
}

/** What a first-wins script found. */
export type WriteResult =
  /** This write was the first; the event has its times and is in the outbox. */
  | { readonly kind: 'first'; readonly event: CallEvent }
  /** Another pod, or this one before, wrote it already. */
  | { readonly kind: 'late' }
  /** The store has no such call (any more). */
  | { readonly kind: 'unknown' };

/** Encoded tokens of a call, by the side that holds them. */
export interface StoredTokens {
  readonly a: Buffer;
  readonly b: Buffer;
}

/** A call in progress, as the store has it. */
export interface StoredCall {
  readonly callId: string;
  readonly owner: string;
  /** Before the answer: encoded CallRecord. */
  readonly record: Buffer | undefined;
  /** After the answer. */
  readonly event: CallEvent | undefined;
}

/**
 * Calls and the outbox (edge.md §4). Each method is one atomic step with the store's own clock; each rejects with
 * SwitchError SWITCH_STORE_UNAVAILABLE where the store is away.
 */
export interface CallStore {
  /** Claims a transaction for a call id, unless it is claimed already. */
  claim(transaction: string, callId: string, owner: string): Promise<Claim>;
  writeAhead(write: WriteAhead): Promise<void>;
  /** First wins: time of answer, lines' leases moved, event into the outbox. */
  answer(write: AnswerWrite): Promise<WriteResult>;
  /** First wins: time of end, lines freed, event into the outbox, the record kept 64 s for repetitions. */
  end(write: EndWrite): Promise<WriteResult>;
  tokens(callId: string): Promise<StoredTokens | undefined>;
  saveTokens(callId: string, tokens: StoredTokens): Promise<void>;
  /** Calls in progress, newest first, and how many there are. */
  list(limit: number): Promise<{ readonly calls: readonly StoredCall[]; readonly total: number }>;
  get(callId: string): Promise<StoredCall | undefined>;
  /** Events that were due before now; each is not given again for `forMs`. */
  claimDue(limit: number, forMs: number): Promise<readonly CallEvent[]>;
  /** Takes published events out of the outbox. */
  settle(eventIds: readonly string[]): Promise<void>;
  outboxLength(): Promise<number>;
}

/** The pod's place among the pods (edge.md §3). */
export interface PodRegistry {
  /** Takes a free slot and a new epoch, and keeps them until `leave`. */
  join(pod: {
    readonly name: string;
    readonly address: string;
  }): Promise<{ slot: number; epoch: number }>;
  leave(): Promise<void>;
}
