import { cseq, from } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import type { DialogToken } from '../core/dialog/dialog-token.ts';
import { digitIn } from '../core/media/dtmf-info.ts';
import { passingBody } from '../core/messages/passing-body.ts';
import type { EdgeResources } from '../edge-resources.ts';

/** INFOs that are remembered: a repetition must not be heard as a second digit. */
const MOST_REMEMBERED = 500;

/** Digits that one side sends by INFO and the other wants as telephone events (CALL-08, RFC 4733). */
export class RelayedDigits {
  readonly #edge: Pick<EdgeResources, 'media'>;
  readonly #played = new Map<string, Promise<boolean>>();

  constructor(edge: Pick<EdgeResources, 'media'>) {
    this.#edge = edge;
  }

  /**
   * Has the relay play what an INFO tells of; undefined where it passes like any other request.
   * @returns whether the other side hears it
   */
  play(request: SipRequest, token: DialogToken): Promise<boolean> | undefined {
    const { callId, holder, remoteTag, terms } = token;
    const { media } = this.#edge;
    if (media === undefined || terms.media === undefined) return undefined;
    if (terms.media[holder === 'a' ? 'b' : 'a'].dtmf !== 'rfc4733') return undefined;
    const { bytes, contentType } = passingBody(request, { callId, from: holder });
    const digit = digitIn(contentType, bytes);
    if (digit === undefined) return undefined;
    const key = `${callId} ${holder} ${String(cseq(request).number)}`;
    const known = this.#played.get(key);
    if (known !== undefined) return known;
    const tag = holder === 'a' ? remoteTag : (from(request).tag ?? '');
    const played = media.playDigit({ callId, terms: terms.media }, { ...digit, from: holder, tag });
    this.#played.set(key, played);
    for (const oldest of this.#played.keys()) {
      if (this.#played.size <= MOST_REMEMBERED) break;
      this.#played.delete(oldest);
    }
    return played;
  }
}
