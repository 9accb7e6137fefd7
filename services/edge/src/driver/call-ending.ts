import type { TerminationReason } from '@tandem/domain';
import { serialize, topVia } from '@tandem/sip';
import type { ClientTransaction, SipResponse } from '@tandem/sip';
import { MARK_CHARACTERS, formatMark, parseMark } from '../core/call-mark.ts';
import type { CallMark } from '../core/call-mark.ts';
import { decodeToken } from '../core/dialog-token.ts';
import type { DialogToken, LegName } from '../core/dialog-token.ts';
import { endingEvent } from '../core/events.ts';
import { endingCseq, probeFloor, switchRequest } from '../core/messages/switch-requests.ts';
import type { DueCall, StoredTokens } from '../ports.ts';
import type { EdgeParts } from './edge-resources.ts';
import { passed } from './faults.ts';
import { ownRequest } from './own-requests.ts';

const BYE_PREFIX = 'z9hG4bK-e';
const PROBE_PREFIX = 'z9hG4bK-p';
const MAC_BYTES = 12;

const sides = ['a', 'b'] as const;
const sideNames = { a: 'caller', b: 'callee' } as const;

/** What a request of the switch's own found out of a side. */
type Sign = 'alive' | 'gone' | 'unknown';

/** Why the switch ends a call. */
export interface EndingCause {
  readonly reason: TerminationReason;
  /** For an operator. */
  readonly text: string;
  /** Value of Reason in the BYEs (RFC 3326). */
  readonly header: string;
  /** @default false: it is billed to now */
  readonly endsWhenLastAlive?: boolean | undefined;
}

/**
 * Speaks for the switch in the dialogs of answered calls: asks both ends whether they are still there (CALL-05), and hangs up
 * on both (CALL-05, CALL-09). Any pod does it for any call, with the tokens that the store has.
 */
export class CallEnding {
  readonly #edge: EdgeParts;
  /** Requests under way, by their branch. */
  readonly #requests = new Map<
    string,
    { readonly transaction: ClientTransaction<SipResponse>; readonly settle: (sign: Sign) => void }
  >();

  constructor(edge: EdgeParts) {
    this.#edge = edge;
  }

  /** Whether a branch is of a request that was sent here, on this pod or another. */
  static owns(branch: string): boolean {
    return branch.startsWith(BYE_PREFIX) || branch.startsWith(PROBE_PREFIX);
  }

  /** The pod that waits for the response to a probe; undefined for a BYE, which is the same from every pod. */
  ownerOf(branch: string): CallMark | undefined {
    if (!branch.startsWith(PROBE_PREFIX)) return undefined;
    const text = branch.slice(PROBE_PREFIX.length, PROBE_PREFIX.length + MARK_CHARACTERS);
    return parseMark(this.#edge.sealer, text);
  }

  /** @returns whether this pod waited for the response */
  receive(response: SipResponse): boolean {
    const request = this.#requests.get(topVia(response).branch ?? '');
    request?.transaction.receive(response);
    return request !== undefined;
  }

  /** Does what is due for a call. Rejects where the store is away: the call is given again. */
  async due(call: DueCall): Promise<void> {
    switch (call.why) {
      case 'probe':
        await this.#probe(call);
        break;
      case 'expired':
        await this.end(call, {
          reason: 'SessionExpired',
          text: 'nobody refreshed the session',
          header: 'SIP;cause=408;text="SessionExpired"',
          endsWhenLastAlive: true,
        });
        break;
      case 'duration':
        await this.end(call, {
          reason: 'DurationLimit',
          text: 'the longest duration is reached',
          header: 'Q.850;cause=31;text="DurationLimit"',
        });
        break;
      case 'interim':
        break;
    }
  }

  /**
   * Ends an answered call: the script `end` first, then BYE to both sides, then the event.
   * @returns whether this was what ended it
   */
  async end(
    call: { readonly callId: string; readonly tokens: StoredTokens },
    cause: EndingCause,
  ): Promise<boolean> {
    const { logger, outbox, store } = this.#edge;
    const { callId } = call;
    const { reason, text, endsWhenLastAlive } = cause;
    const ending = endingEvent(callId, { reason, code: 200, by: 'switch', text });
    passed('before-end');
    const result = await store.end({ callId, ending, endsWhenLastAlive });
    passed('after-end');
    if (result.kind !== 'first') return false;
    logger.info({ callId, reason, text }, 'call ended by the switch');
    for (const side of sides) this.#hangUp(call, side, cause);
    passed('after-end-relay');
    outbox.publish(result.event);
    passed('after-end-publish');
    return true;
  }

  /** Stops everything: what is under way is done by another pod, or was only polite. */
  close(): void {
    for (const { transaction, settle } of this.#requests.values()) {
      transaction.abandon();
      settle('unknown');
    }
    this.#requests.clear();
  }

  async #probe(call: DueCall): Promise<void> {
    const { sessions } = this.#edge;
    const { callId } = call;
    const toCallee = tokenTo(call.tokens, 'b');
    // What the caller has counted to is not known: it is left behind far enough.
    if (toCallee !== undefined) await sessions.number(callId, 'b', probeFloor(toCallee));
    const signs = await Promise.all(sides.map((side) => this.#ask(call, side)));
    const gone = sides.filter((_, at) => signs[at] === 'gone').map((side) => sideNames[side]);
    if (gone.length > 0) {
      await this.end(call, {
        reason: 'SessionExpired',
        text: `no sign of the ${gone.join(' and the ')} in the dialog`,
        header: 'SIP;cause=408;text="SessionExpired"',
        endsWhenLastAlive: true,
      });
    } else if (!signs.includes('unknown')) {
      await sessions.refresh(callId);
    }
  }

  /** OPTIONS in the dialog with a side (RFC 3261 §11.2): any answer but that there is no such call is a sign of life. */
  async #ask({ callId, tokens }: DueCall, side: LegName): Promise<Sign> {
    const { local, sealer, sessions } = this.#edge;
    const token = tokenTo(tokens, side);
    if (token === undefined) return 'unknown';
    const cseq = await sessions.number(callId, side);
    const { slot, epoch } = local;
    const mark = formatMark(sealer, { slot, epoch, callId, sequence: cseq % 256 });
    const branch = `${PROBE_PREFIX}${mark}${side}${String(cseq)}`;
    const request = switchRequest('OPTIONS', { token, local, branch, cseq });
    return this.#send(branch, serialize(request), token);
  }

  #hangUp(
    { callId, tokens }: { readonly callId: string; readonly tokens: StoredTokens },
    side: LegName,
    { header }: EndingCause,
  ): void {
    const { local, sealer } = this.#edge;
    const token = tokenTo(tokens, side);
    if (token === undefined) return;
    const mac = sealer.mac(Buffer.from(`bye ${callId} ${side}`, 'latin1'), MAC_BYTES);
    const branch = BYE_PREFIX + mac.toString('base64url');
    const cseq = endingCseq(token);
    const request = switchRequest('BYE', { token, local, branch, cseq, reason: header });
    // The call is over, whatever the side has to say.
    void this.#send(branch, serialize(request), token);
  }

  #send(branch: string, bytes: Buffer, { nextHop }: DialogToken): Promise<Sign> {
    const request = { bytes, to: nextHop };
    return new Promise((resolve) => {
      const transaction = ownRequest(this.#edge, request, {
        onResponse: ({ status }) => {
          if (status >= 200) resolve(status === 481 || status === 408 ? 'gone' : 'alive');
        },
        onFailure: () => {
          resolve('gone');
        },
        onTerminated: () => {
          this.#requests.delete(branch);
        },
      });
      this.#requests.set(branch, { transaction, settle: resolve });
      transaction.start();
    });
  }
}

/** What leads to a side stands in the token that the other one holds. */
function tokenTo(tokens: StoredTokens, side: LegName): DialogToken | undefined {
  const bytes = side === 'a' ? tokens.b : tokens.a;
  return bytes.length === 0 ? undefined : decodeToken(bytes);
}
