import { CallRecord } from '@tandem/proto/edge';
import { from } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import { tagOfCallee } from '../core/call/early-dialogs.ts';
import type { DialogToken } from '../core/dialog/dialog-token.ts';
import { spokenIn } from '../core/dialog/dialog-tokens.ts';
import { isForkTag } from '../core/marks/dialog-tag.ts';
import type { EdgeResources } from '../edge-resources.ts';
import type { Calls } from '../setup/calls.ts';

type Resources = Pick<EdgeResources, 'logger' | 'store'>;

/**
 * In which of the caller's dialogs a callee speaks. All that one INVITE has rung have the same token, from its Contact: it
 * says what the caller knows the first of them by, and which of them sends, its own tag in From.
 */
export class CalleeDialogs {
  readonly #edge: Resources;
  readonly #calls: Pick<Calls, 'tagOfCallee'>;

  constructor(edge: Resources, calls: Pick<Calls, 'tagOfCallee'>) {
    this.#edge = edge;
    this.#calls = calls;
  }

  /** The token with the caller's To tag of the sender's dialog. Does not reject: where nobody can say, it is the first one. */
  ofSender(request: SipRequest, token: DialogToken): DialogToken | Promise<DialogToken> {
    // One that a target refresh has brought is of one dialog.
    if (isForkTag(token.localTag)) return token;
    const { tag: farTag = '' } = from(request);
    const known = this.#calls.tagOfCallee(token.callId, farTag, token.localTag);
    if (known !== undefined) return spokenIn(token, known);
    return this.#stored(token, farTag);
  }

  async #stored(token: DialogToken, farTag: string): Promise<DialogToken> {
    const { logger, store } = this.#edge;
    const { callId, localTag } = token;
    try {
      const tokens = await store.tokens(callId);
      const answered = tokens?.answered;
      if (answered !== undefined) {
        const isSame = answered.farTag === farTag && answered.toTag !== '';
        return isSame ? spokenIn(token, answered.toTag) : token;
      }
      const record = (await store.get(callId))?.record;
      if (record === undefined) return token;
      return spokenIn(token, tagOfCallee(CallRecord.decode(record).dialogs, farTag, localTag));
    } catch (error) {
      logger.debug({ err: error, callId }, 'dialog of a callee not at hand');
      return token;
    }
  }
}
