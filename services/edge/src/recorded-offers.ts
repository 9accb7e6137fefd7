import { createHash } from 'node:crypto';
import type { Logger } from '@tandem/service';
import type { AnchoredBody, BodyStep, OfferStore, PassingBody, PassingMedia } from './ports.ts';

const DIGEST_BYTES = 8;

/**
 * The body step of messages in a dialog whose media is anchored (CALL-08). A peer repeats a request to any pod, and pods do not agree on
 * which relays live: what the first of them has made of an offer is kept in the store before it leaves (edge.md §4), and all others
 * send the same; what answers it goes to the relay that has it. Where the store is away each pod goes by what it sees itself.
 */
export class RecordedOffers implements BodyStep {
  readonly #step: BodyStep;
  readonly #store: OfferStore;
  readonly #logger: Logger;

  constructor(step: BodyStep, store: OfferStore, logger: Logger) {
    this.#step = step;
    this.#store = store;
    this.#logger = logger;
  }

  pass(passing: PassingBody): Buffer | Promise<AnchoredBody> {
    const { media } = passing;
    if (media === undefined || media.exchange === '') return this.#step.pass(passing);
    return media.kind === 'offer' ? this.#offer(passing, media) : this.#answer(passing, media);
  }

  async #offer(passing: PassingBody, media: PassingMedia): Promise<AnchoredBody> {
    const { bytes, callId } = passing;
    const digest = createHash('sha256').update(bytes).digest().subarray(0, DIGEST_BYTES);
    const kept = await this.#kept(callId, media);
    if (kept?.digest.equals(digest) === true) return kept;
    const relay = kept?.relay ?? 0;
    const own = await this.#pass(relay === 0 ? passing : givenTo(relay, passing, media));
    // An exchange has one offer: whatever else is described in it (RFC 6337 §3.1) goes where that is.
    if (kept !== undefined) return own;
    return this.#or(own, this.#store.keepOffer(callId, media.exchange, { ...own, digest }), callId);
  }

  async #answer(passing: PassingBody, media: PassingMedia): Promise<AnchoredBody> {
    const kept = await this.#kept(passing.callId, media);
    if (kept === undefined) return this.#pass(passing);
    if (kept.relay === 0) return { bytes: passing.bytes, relay: 0 };
    return this.#pass(givenTo(kept.relay, passing, media));
  }

  async #pass(passing: PassingBody): Promise<AnchoredBody> {
    const passed = await this.#step.pass(passing);
    return Buffer.isBuffer(passed) ? { bytes: passed, relay: 0 } : passed;
  }

  #kept(callId: string, { exchange }: PassingMedia): ReturnType<OfferStore['keptOffer']> {
    return this.#or(undefined, this.#store.keptOffer(callId, exchange), callId);
  }

  async #or<T, U>(otherwise: U, asked: Promise<T>, callId: string): Promise<T | U> {
    try {
      return await asked;
    } catch (error) {
      this.#logger.debug({ err: error, callId }, 'offer not agreed on');
      return otherwise;
    }
  }
}

/** The same, with another relay to be asked first. */
function givenTo(relay: number, passing: PassingBody, media: PassingMedia): PassingBody {
  return { ...passing, media: { ...media, terms: { ...media.terms, relay } } };
}
