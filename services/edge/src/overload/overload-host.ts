import type { SipRequest } from '@tandem/sip';
import type { Logger } from '@tandem/service';
import type { Barrier } from '../barrier.ts';
import type { OverloadRefusal } from '../core/call/overload-refusal.ts';
import type { AdmissionState } from '../core/overload/admission.ts';
import type { CallSource } from '../core/overload/fair-shares.ts';
import type { LocalIdentity } from '../core/network/local-identity.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { Clock, PeerTransport, PodRegistry } from '../ports.ts';
import type { LoadGaugeParts } from './load-gauge.ts';
import type { UnreadDrops } from '../unread-drops.ts';

/** What the process was told, and what it sees of itself. */
export interface OverloadSettings extends LoadGaugeParts {
  readonly isOn: boolean;
  readonly mostRate: number;
}

/** What the guard works with. */
export interface OverloadGuardParts {
  readonly settings: OverloadSettings;
  readonly barrier: Barrier;
  readonly local: LocalIdentity;
  readonly transport: PeerTransport;
  readonly pods: Pick<PodRegistry, 'pods'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly unread: UnreadDrops;
}

/** What the guard asks of the pod. */
export interface OverloadHost {
  /** Whether the INVITE of this transaction is known here: one that is repeated. */
  isKnown(transactionKey: string): boolean;
  /** Whether a new call with this Call-ID that came to a socket of this pod is another one's. */
  isElsewhere(callId: string, from: PeerAddress): boolean;
  /** Whether no other pod could have a call that comes to a socket of this one. */
  readonly isAlone: boolean;
  /** Whether its repetition may come to another pod, which may have begun its call. */
  isScattered(from: PeerAddress): boolean;
  /** Whether some pod has claimed an INVITE. Rejects where the store is away. */
  isClaimed(invite: SipRequest): Promise<boolean>;
  /** Goes on with an INVITE that has been claimed: it belongs to a call. */
  begin(invite: SipRequest, from: PeerAddress): void;
  /** Calls that wait for auth, the store or routing, and since when the first does. */
  readonly undecided: { readonly count: number; readonly sinceMs: number | undefined };
}

/** What becomes of a new INVITE. */
export type Entry =
  | { readonly kind: 'begin' }
  /** It is begun only to be refused, so that somebody who is known finds in a CDR what happens to his calls. */
  | { readonly kind: 'record'; readonly overload: OverloadRefusal }
  /** `isTold`: he gets a 503; else nothing, as if it were lost. */
  | { readonly kind: 'refused'; readonly isTold: boolean };

/** How an edge is loaded, for operators. */
export interface OverloadView {
  readonly state: AdmissionState;
  readonly sources: readonly (CallSource & { readonly share: number })[];
}
