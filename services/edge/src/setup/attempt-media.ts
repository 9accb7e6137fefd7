import { mediaLeft, mediaTermsOf } from '../core/call/anchoring.ts';
import type { Call, CallAttempt } from '../core/call/call-state.ts';
import type { MediaRelays } from '../ports.ts';
import { AnchoredAnswer } from './anchored-answer.ts';

/**
 * The media of a call's attempts. It lets go of that of attempts that have failed, or were not needed: once each. A relay forgets by
 * itself what is left.
 */
export class AttemptMedia {
  readonly answer = new AnchoredAnswer();
  readonly #relays: Pick<MediaRelays, 'release'>;
  #released: Set<CallAttempt> | undefined;

  constructor(relays: Pick<MediaRelays, 'release'>) {
    this.#relays = relays;
  }

  /** What of `call` is not needed after its last step. */
  settle(call: Call): void {
    for (const attempt of mediaLeft(call)) {
      if (this.#released?.has(attempt) === true) continue;
      (this.#released ??= new Set()).add(attempt);
      const terms = mediaTermsOf(call, attempt);
      if (terms !== undefined) this.#relays.release({ callId: call.callId, terms });
    }
  }
}
