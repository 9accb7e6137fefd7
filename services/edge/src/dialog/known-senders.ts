import { CallRecord } from '@tandem/proto/edge';
import { decodeToken } from '../core/dialog/dialog-token.ts';
import type { DialogToken } from '../core/dialog/dialog-token.ts';
import type { RelayedRequest } from '../core/dialog/relayed-request.ts';
import type { RequestAnswer } from '../core/messages/caller-response.ts';
import { isAmong } from '../core/network/caller-addresses.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { challengeStateless } from '../setup/calls.ts';
import { messagesDropped } from '../telemetry.ts';
import { MovedCaller } from './moved-caller.ts';
import type { MoverVerdict } from './moved-caller.ts';

type Resources = Pick<
  EdgeResources,
  'auth' | 'barrier' | 'local' | 'logger' | 'network' | 'store' | 'transport'
>;

/** What becomes of a request in a dialog. */
interface SenderVerdict {
  /** It is from whoever holds its token. */
  known(relayed: RelayedRequest): void;
  refused(answer: RequestAnswer): void;
}

const foreign = { answer: 'ForeignSource' } as const;
const noStore = { answer: 'Unavailable' } as const;

/** Whether requests are from those who hold their tokens, though they come from where those have not been heard yet. */
export class KnownSenders {
  readonly #edge: Resources;
  readonly #moved: MovedCaller;

  constructor(edge: Resources) {
    this.#edge = edge;
    this.#moved = new MovedCaller(edge);
  }

  /** Calls one of `on`, now or later, unless the sender is challenged. */
  ask(relayed: RelayedRequest, on: SenderVerdict): void {
    const { request, source, token } = relayed;
    const { barrier, logger } = this.#edge;
    const done = (isKnown: boolean): void => {
      if (isKnown) on.known(relayed);
      else this.#askElsewhere(relayed, on);
    };
    const failed = (error: unknown): void => {
      logger.warn({ err: error, callId: token.callId }, 'token not at hand');
      this.#refuse(on);
    };
    // The carrier's token was made before it answered: its Contact and Record-Route are in the stored one.
    const asked = this.#isKnownSource(token, source);
    barrier.settled(asked, { done, failed }, { message: request, from: source });
  }

  /** A caller that is known by its password may have moved. */
  #askElsewhere(relayed: RelayedRequest, on: SenderVerdict): void {
    const { request, source, token } = relayed;
    const { barrier, logger } = this.#edge;
    const done = (verdict: MoverVerdict): void => {
      if (verdict.kind === 'caller') {
        on.known({ ...relayed, token: verdict.token });
      } else if (verdict.kind === 'challenged') {
        challengeStateless(this.#edge, { invite: request, source, challenge: verdict.challenge });
      } else {
        this.#refuse(on);
      }
    };
    const failed = (error: unknown): void => {
      const { callId } = token;
      logger.warn({ err: error, callId }, 'not known whether the caller has moved');
      on.refused(noStore);
    };
    const asked = this.#moved.ask(request, token, source);
    barrier.settled(asked, { done, failed }, { message: request, from: source });
  }

  async #isKnownSource({ callId, holder }: DialogToken, source: PeerAddress): Promise<boolean> {
    const { store } = this.#edge;
    const stored = (await store.tokens(callId))?.[holder];
    const isStored =
      stored !== undefined &&
      stored.length > 0 &&
      isAmong(decodeToken(stored).holderAddresses, source.address);
    if (isStored || holder === 'b') return isStored;
    // A token has no room for a long list, and that of an early dialog is not in the store.
    const record = (await store.get(callId))?.record;
    return (
      record !== undefined && isAmong(CallRecord.decode(record).callerAddresses, source.address)
    );
  }

  #refuse(on: SenderVerdict): void {
    messagesDropped.add(1, { cause: 'foreign-source' });
    on.refused(foreign);
  }
}
