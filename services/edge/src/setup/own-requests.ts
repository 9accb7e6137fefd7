import { ClientTransaction, timerValues, transportOf } from '@tandem/sip';
import type { SipResponse, TimerValues } from '@tandem/sip';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { Clock, PeerTransport } from '../ports.ts';

const plainTimers = timerValues();
const reliableTimers = timerValues({ isReliable: true });

/** The timers of a transaction over this transport, where nobody sets others (RFC 3261 §17). */
export function timersOver(transport: PeerAddress['transport']): TimerValues {
  return transportOf({ transport }).isReliable ? reliableTimers : plainTimers;
}

/** What becomes of a request of the switch's own. */
export interface OwnRequestUser {
  /** A response that is not a repetition. */
  readonly onResponse?: ((response: SipResponse) => void) | undefined;
  /** No final response comes. */
  readonly onFailure: () => void;
  /** The transaction may be forgotten. */
  readonly onTerminated: () => void;
}

/** The transaction of a request other than INVITE that the switch sends by itself: BYE, CANCEL, OPTIONS. Starts with `start`. */
export function ownRequest(
  { clock, transport }: { readonly clock: Clock; readonly transport: PeerTransport },
  { bytes, to }: { readonly bytes: Buffer; readonly to: PeerAddress },
  { onResponse, onFailure, onTerminated }: OwnRequestUser,
): ClientTransaction<SipResponse> {
  return new ClientTransaction<SipResponse>({
    kind: 'non-invite',
    request: bytes,
    timers: timersOver(to.transport),
    clock,
    user: {
      send: (sent) => {
        transport.send(sent, to);
      },
      acknowledge: () => Buffer.alloc(0),
      onResponse: (response) => onResponse?.(response),
      onFailure,
      onTerminated,
    },
  });
}
