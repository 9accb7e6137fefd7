import type { OutboundLast, OutboundSettings } from '@tandem/proto/outbound';

/** How a registration with a carrier stands, in the words that operators read. */
export type OutboundState =
  'registering' | 'registered' | 'refused' | 'unreachable' | 'unregistering' | 'unregistered';

/** A REGISTER that binds our contact, removes it, or removes whatever is bound. */
export type OutboundTask = 'register' | 'unregister' | 'clear';

/** The registration of one routing gateway with its carrier (REG-08), as all pods see it. */
export interface Outbound {
  /** What it is registered by; `successor` follows once it is not any more. */
  readonly settings: OutboundSettings;
  readonly successor: OutboundSettings | undefined;
  /** The configuration has it no more. */
  readonly isRemoved: boolean;
  /** Of the configuration that was looked at last, and when that was. */
  readonly version: number;
  readonly versionMs: number;
  readonly state: OutboundState;
  readonly sinceMs: number;
  /** Under way; undefined: nothing. */
  readonly doing: OutboundTask | undefined;
  /** Counts those who have been given it: nobody but the last one may send. */
  readonly turn: number;
  /** The pod that does it, or did it last. */
  readonly edge: string;
  /** It does so now: it sends, or keeps what it is registered over. */
  readonly isHeld: boolean;
  /** When the next attempt is due; 0: one is under way. */
  readonly nextMs: number;
  /** Until when the carrier has our contact; 0: it has not. */
  readonly expiresMs: number;
  readonly sipCallId: string;
  /** No REGISTER with this Call-ID has had a higher one. */
  readonly cseq: number;
  /** Attempts that failed one after the other. */
  readonly failures: number;
  readonly last: OutboundLast | undefined;
  readonly contact: string;
  readonly serviceRoute: readonly string[];
  /** It was registered over a connection, and ends with that. */
  readonly isConnection: boolean;
  /** What a registrar wants at least (423); 0: it has not said. */
  readonly minExpires: number;
  /** What others have bound, or we have before, is to be removed first. */
  readonly isToClear: boolean;
}

/** CSeq numbers that one turn may use: for each address of the registrar, with answers to its challenges. */
export const CSEQS_A_TURN = 64;

/** Whether the carrier has our contact, as far as is known. */
export function isBound({ expiresMs }: Outbound, nowMs: number): boolean {
  return expiresMs > nowMs;
}

/** What is registered where: of another one nothing can be taken over. */
export function isSameBinding(one: OutboundSettings, other: OutboundSettings): boolean {
  return identityOf(one) === identityOf(other);
}

export function isSameSettings(one: OutboundSettings, other: OutboundSettings): boolean {
  return (
    isSameBinding(one, other) &&
    one.username === other.username &&
    one.sealedPassword === other.sealedPassword &&
    one.expires === other.expires &&
    one.retrySeconds === other.retrySeconds &&
    one.certificate === other.certificate
  );
}

function identityOf(settings: OutboundSettings): string {
  const { contactUser, domain, local, registrars, transport, user } = settings;
  return JSON.stringify([registrars, transport, user, domain, contactUser, local]);
}
