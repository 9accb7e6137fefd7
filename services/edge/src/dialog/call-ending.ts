import { formatMoney } from '@tandem/domain';
import type { TerminationReason } from '@tandem/domain';
import type { MoneyEnd } from '@tandem/limits';
import { serialize, topVia } from '@tandem/sip';
import type { ClientTransaction, SipRequest, SipResponse } from '@tandem/sip';
import { branchPrefixes } from '../core/marks/branch-use.ts';
import { MARK_CHARACTERS, formatMark, parseMark } from '../core/marks/call-mark.ts';
import type { CallMark } from '../core/marks/call-mark.ts';
import { decodeToken } from '../core/dialog/dialog-token.ts';
import type { RelayedHop } from '../core/dialog/dialog-branch.ts';
import type { DialogToken, LegName } from '../core/dialog/dialog-token.ts';
import { edgeDecision } from '../core/call/decisions.ts';
import type { EncodedDecision } from '../core/call/decisions.ts';
import { endingEvent } from '../core/call/events.ts';
import type { Authorization } from '../core/messages/challenge-answers.ts';
import {
  HIGHEST_ROUND,
  endingCseq,
  probeFloor,
  switchRequest,
} from '../core/messages/switch-requests.ts';
import { nameTowards } from '../core/network/local-addresses.ts';
import { ownerName } from '../core/marks/owner.ts';
import type { DueAnswered, DueCall, StoredTokens } from '../ports.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import { HUNG_UP } from './answered-byes.ts';
import { answerOwnChallenge, isChallenge, ownRequest } from '../setup/calls.ts';
import { byesRefused } from '../telemetry.ts';

type Resources = Pick<
  EdgeResources,
  | 'barrier'
  | 'clock'
  | 'endedMedia'
  | 'local'
  | 'logger'
  | 'outbox'
  | 'sealer'
  | 'sessions'
  | 'store'
  | 'transport'
>;

const { ending: BYE_PREFIX, probe: PROBE_PREFIX } = branchPrefixes;
/** Longer than a BYE is repeated (RFC 3261 §17.1.2.2): afterwards another pod may do it. */
const HANG_UP_MS = 45_000;
/** Longer than that: what the callee says to a BYE that another pod repeats is still waited for. */
const KEPT_BACK_MS = 60_000;

const sides = ['a', 'b'] as const;
/** A BYE is marked as of no pod, so that it is the same from all: a boot epoch is above 0. */
const NOBODY = { slot: 0, epoch: 0 };
const sideNames = { a: 'caller', b: 'callee' } as const;

/** What a request of the switch's own has shown of a side; `there`: a BYE was accepted, so it was in the call until then. */
type PeerState = 'there' | 'alive' | 'gone' | 'unknown';

/** What came of one request. */
interface Heard {
  readonly state: PeerState;
  /** A 401 or 407, which may be answered. */
  readonly challenge?: SipResponse | undefined;
}

/** One request of the switch's own, and again where it is challenged. */
interface OwnRequest {
  readonly callId: string;
  readonly side: LegName;
  readonly token: DialogToken;
  /** @param round how many challenges were answered */
  readonly make: (
    round: number,
  ) => Promise<{ readonly request: SipRequest; readonly branch: string }>;
  /** The round in which it is sent once more where it is refused. @default it is not */
  readonly lastRound?: number | undefined;
}

/** Both dialogs of a call. */
interface CallDialogs {
  readonly callId: string;
  readonly tokens: StoredTokens;
}

/** Why the switch ends a call. */
interface EndingCause {
  readonly reason: TerminationReason;
  /** For an operator. */
  readonly text: string;
  /** Value of Reason in the BYEs (RFC 3326). */
  readonly header: string;
  /** To when it is billed: its last proof of life (CALL-05), or its longest duration (CALL-09). @default now */
  readonly billedTo?: 'last-alive' | 'limit';
  /** A probe has shown it: what it says to a BYE changes nothing. @default false */
  readonly isCalleeGone?: boolean;
  /** How it was decided, where that is not all in `text`. */
  readonly decision?: EncodedDecision;
}

/** CALL-05: nobody showed in time that the call goes on. */
const sessionExpired = {
  reason: 'SessionExpired',
  header: 'SIP;cause=408;text="SessionExpired"',
  billedTo: 'last-alive',
} as const;

/**
 * Speaks for the switch in the dialogs of answered calls: asks both ends whether they are still there (CALL-05), and hangs up
 * on both (CALL-05, CALL-09). Any pod does it for any call, with the tokens that the store has.
 */
export class CallEnding {
  readonly #edge: Resources;
  /** Requests under way, by their branch. */
  readonly #requests = new Map<
    string,
    {
      readonly transaction: ClientTransaction<SipResponse>;
      readonly settle: (heard: Heard) => void;
      readonly heard: Promise<Heard>;
    }
  >();

  constructor(edge: Resources) {
    this.#edge = edge;
  }

  /** The pod that waits for the response to a probe with this branch; undefined where it is none of ours. */
  ownerOf(branch: string): CallMark | undefined {
    const text = branch.slice(PROBE_PREFIX.length, PROBE_PREFIX.length + MARK_CHARACTERS);
    return parseMark(this.#edge.sealer, text);
  }

  /** Whether the branch of a BYE is ours: the response may be for any pod. */
  isBye(branch: string): boolean {
    return parseMark(this.#edge.sealer, branch.slice(BYE_PREFIX.length)) !== undefined;
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
        await this.#end(call, { ...sessionExpired, text: 'nobody refreshed the session' });
        break;
      case 'unacknowledged':
        // RFC 3261 §13.3.1.4.
        await this.#end(call, {
          reason: 'NoAck',
          text: 'the caller has not acknowledged the answer within 32 s',
          header: 'SIP;cause=408;text="no ACK"',
          billedTo: 'last-alive',
        });
        break;
      case 'duration':
        await this.#end(call, {
          reason: 'DurationLimit',
          text: 'the longest duration is reached',
          header: 'Q.850;cause=31;text="DurationLimit"',
          billedTo: 'limit',
        });
        break;
      case 'money':
        await this.#end(call, moneyEnded(call.money));
        break;
      case 'bye':
        this.#hangUp(call, call);
        break;
      case 'interim':
        break;
    }
  }

  /** CALL-05: ends a call of which the relay has had no RTP for `silenceSeconds`; nothing where it has ended already. */
  async silent(callId: string, silenceSeconds: number): Promise<void> {
    const { clock, store } = this.#edge;
    const [stored, tokens] = await Promise.all([store.get(callId), store.tokens(callId)]);
    const answeredMs = stored?.event?.answeredMs ?? 0;
    // While it rings nobody need send.
    if (tokens === undefined || answeredMs === 0) return;
    if (clock.now() - answeredMs < silenceSeconds * 1000) return;
    await this.#end(
      { callId, tokens },
      {
        reason: 'MediaTimeout',
        text: `no RTP for ${String(silenceSeconds)} s`,
        header: 'SIP;cause=408;text="MediaTimeout"',
      },
    );
  }

  /** OPS-02: ends an answered call; nothing where it has ended already. Rejects where the store is away. */
  async byOperator(call: CallDialogs, operator: string): Promise<void> {
    await this.#end(call, {
      reason: 'EndedByOperator',
      text: operator,
      header: 'Q.850;cause=31;text="EndedByOperator"',
    });
  }

  /**
   * Hangs up on both ends of a call that one has left with a BYE which the other refused: its CSeq, Max-Forwards or headers may
   * have been wrong, on purpose even, and the carrier would count on in a call that has ended here. Never rejects.
   * @param hop of that BYE
   */
  async byeRefused(hop: RelayedHop, status: number): Promise<void> {
    const { logger, outbox, store } = this.#edge;
    const { callId, from } = hop;
    const by = sideNames[from];
    byesRefused.add(1, { side: from === 'a' ? 'callee' : 'caller' });
    const facts = { reason: 'NormalClearing', code: 200, by, text: '' } as const;
    const farOrToTag = tagOf(from === 'a' ? hop.toHeader : hop.fromHeader);
    try {
      const ending = endingEvent(callId, facts);
      // It has ended, most often; one that rings, or goes on in another dialog, is left alone.
      const result = await store.end({ callId, ending, inDialog: { from, farOrToTag } });
      if (result.kind === 'first') outbox.publish(result.event);
      else if (result.kind !== 'late') return;
      const tokens = await store.tokens(callId);
      if (tokens === undefined) return;
      logger.info({ callId, by, status }, 'BYE refused, hung up by the switch');
      this.#hangUp({ callId, tokens }, { reason: HUNG_UP });
    } catch (error: unknown) {
      logger.warn({ err: error, callId, status }, 'BYE refused, and the call not at hand');
    }
  }

  /** Stops everything: what is under way is done by another pod, or was only polite. */
  close(): void {
    for (const { transaction, settle } of this.#requests.values()) {
      transaction.abandon();
      settle({ state: 'unknown' });
    }
    this.#requests.clear();
  }

  /**
   * Ends an answered call: the script `end` first, then BYE to both sides, then the event, which waits for what the callee says
   * where that decides to when the call is billed. Until the BYEs are answered the store gives the call to another pod should
   * this one die.
   */
  async #end(call: CallDialogs, cause: EndingCause): Promise<void> {
    const { endedMedia, logger, outbox, store } = this.#edge;
    const { callId } = call;
    const { reason, text, billedTo, decision, isCalleeGone = false } = cause;
    const isChargedToAlive = billedTo === 'last-alive';
    const isKeptBack = isChargedToAlive && !isCalleeGone;
    const facts = { reason, code: 200, by: 'switch', text, isChargedToAlive } as const;
    const told = endingEvent(callId, facts, decision);
    const dialog = tokenTo(call.tokens, 'b');
    const ending = dialog === undefined ? told : await endedMedia.withFigures(told, dialog);
    const hangUp = { reason: cause.header, forMs: HANG_UP_MS };
    const endsAt = billedTo === 'limit' ? billedTo : undefined;
    const keptBackMs = isKeptBack ? KEPT_BACK_MS : 0;
    passed('before-end');
    const result = await store.end({ callId, ending, hangUp, endsAt, keptBackMs });
    passed('after-end');
    if (result.kind !== 'first') return;
    logger.info({ callId, reason, text }, 'call ended by the switch');
    this.#hangUp(call, { reason: cause.header });
    passed('after-end-relay');
    if (isKeptBack) return;
    outbox.publish(result.event);
    passed('after-end-publish');
  }

  async #probe(call: DueAnswered): Promise<void> {
    const { sessions } = this.#edge;
    const { callId } = call;
    const toCallee = tokenTo(call.tokens, 'b');
    // What the caller has counted to is not known: it is left behind far enough.
    if (toCallee !== undefined) await sessions.number(callId, 'b', probeFloor(toCallee));
    const states = await Promise.all(sides.map((side) => this.#ask(call, side)));
    const gone = sides.filter((_, at) => states[at] === 'gone').map((side) => sideNames[side]);
    if (gone.length > 0) {
      const text = `no sign of the ${gone.join(' and the ')} in the dialog`;
      await this.#end(call, { ...sessionExpired, text, isCalleeGone: states[1] === 'gone' });
    } else if (!states.includes('unknown')) {
      await sessions.refresh(callId);
      await sessions.handled(callId, ownerName(this.#edge.local));
    }
  }

  /** OPTIONS in the dialog with a side (RFC 3261 §11.2): any answer but that there is no such call is a sign of life. */
  async #ask({ callId, tokens }: CallDialogs, side: LegName): Promise<PeerState> {
    const { local, sealer, sessions } = this.#edge;
    const token = tokenTo(tokens, side);
    if (token === undefined) return 'unknown';
    const named = nameTowards(local, token.nextHop);
    return this.#exchange({
      callId,
      side,
      token,
      make: async () => {
        const cseq = await sessions.number(callId, side);
        const { slot, epoch } = local;
        const mark = formatMark(sealer, { slot, epoch, callId, sequence: cseq % 256 });
        const branch = `${PROBE_PREFIX}${mark}${side}${String(cseq)}`;
        const parts = { token, local: named, branch, cseq };
        return { branch, request: switchRequest('OPTIONS', parts) };
      },
    });
  }

  /** BYE to both sides, or to one. That they have heard is what matters, and whether the callee was still there. */
  #hangUp(
    call: CallDialogs,
    { reason, only }: { readonly reason: string; readonly only?: LegName | undefined },
  ): void {
    const { endedMedia, local, logger, sessions } = this.#edge;
    const { callId } = call;
    const owner = ownerName(local);
    const dialog = tokenTo(call.tokens, 'b');
    if (dialog !== undefined) endedMedia.release(dialog);
    const bye = (side: LegName): Promise<PeerState> =>
      only === undefined || side === only
        ? this.#bye(call, side, reason)
        : Promise.resolve('there');
    const toCallee = bye('b');
    // Where one side has hung up itself nothing is kept back.
    if (only === undefined) this.#concludeBy(callId, toCallee);
    Promise.all([bye('a'), toCallee])
      .then((states) => (states.includes('unknown') ? undefined : sessions.handled(callId, owner)))
      .catch((error: unknown) => {
        // They get it once more.
        logger.debug({ err: error, callId }, 'not stored that both ends have been hung up');
      });
  }

  /**
   * CALL-05: who accepts a BYE has been in the call until then. The callee's side is what counts: as long as it is there its
   * carrier counts too, whatever has become of the caller; without it the caller has nobody to talk to.
   */
  #concludeBy(callId: string, callee: Promise<PeerState>): void {
    const { logger, outbox, store } = this.#edge;
    callee
      .then(async (state) => {
        if (state === 'unknown') return;
        const event = await store.conclude(callId, state === 'there');
        if (event === undefined) return;
        outbox.publish(event);
        passed('after-end-publish');
      })
      .catch((error: unknown) => {
        // It goes by itself after a while, charged to the last proof of life before.
        logger.warn({ err: error, callId }, 'end not concluded');
      });
  }

  #bye({ callId, tokens }: CallDialogs, side: LegName, reason: string): Promise<PeerState> {
    const { sealer } = this.#edge;
    const token = tokenTo(tokens, side);
    if (token === undefined) return Promise.resolve('gone');
    const local = nameTowards(this.#edge.local, token.nextHop);
    return this.#exchange({
      callId,
      side,
      token,
      lastRound: HIGHEST_ROUND,
      make: (round) => {
        const sequence = sides.indexOf(side) + round * sides.length;
        const mark = formatMark(sealer, { ...NOBODY, callId, sequence });
        const branch = BYE_PREFIX + mark;
        const cseq = endingCseq(token, round);
        const request = switchRequest('BYE', { token, local, branch, cseq, reason });
        return Promise.resolve({ branch, request });
      },
    });
  }

  /** AUTH-11: a carrier may challenge what the switch sends by itself. Whoever does has shown at least that it is there. */
  async #exchange(own: OwnRequest): Promise<PeerState> {
    const { callId, side, token, make, lastRound = 0 } = own;
    let authorizations: readonly Authorization[] | undefined = [];
    for (let round = 0; ; round++) {
      const { request, branch } = await make(round);
      for (const { header, value } of authorizations) request.headers.append(header, value);
      const { state, challenge } = await this.#send(branch, serialize(request), token);
      if (challenge === undefined || side === 'a') {
        if (state !== 'alive' || round >= lastRound) return state;
        // RFC 3261 §12.2.2: 500, since the other end has driven the numbers of the dialog above this one.
        authorizations = [];
        round = lastRound - 1;
        continue;
      }
      authorizations = await answerOwnChallenge(this.#edge, {
        callId,
        request,
        response: challenge,
        authorizations,
        round,
      });
      if (authorizations === undefined) return state;
    }
  }

  #send(branch: string, bytes: Buffer, { nextHop }: DialogToken): Promise<Heard> {
    const known = this.#requests.get(branch);
    if (known !== undefined) return known.heard;
    const { promise: heard, resolve: settle } = Promise.withResolvers<Heard>();
    const request = { bytes, to: nextHop };
    const transaction = ownRequest(this.#edge, request, {
      onResponse: (response) => {
        const { status } = response;
        if (status < 200) return;
        settle({
          state: stateBy(status, branch),
          challenge: isChallenge(response) ? response : undefined,
        });
      },
      onFailure: () => {
        settle({ state: 'gone' });
      },
      onTerminated: () => {
        this.#requests.delete(branch);
      },
    });
    this.#requests.set(branch, { transaction, settle, heard });
    transaction.start();
    return heard;
  }
}

/** BILL-05: nothing more could be reserved for it when its slice was over. */
function moneyEnded(money: MoneyEnd | undefined): EndingCause {
  const cause = {
    reason: 'BalanceUsedUp',
    text: 'the money of its account has ended',
    header: 'Q.850;cause=31;text="BalanceUsedUp"',
    billedTo: 'limit',
  } as const;
  if (money === undefined) return cause;
  const facts = {
    endedAt: new Date(money.endedMs).toISOString(),
    balance: formatMoney(money.balance),
    overdraft: formatMoney(money.overdraft),
    reserved: formatMoney(money.reserved),
    needed: formatMoney(money.step),
    neededFor: money.stepSeconds,
  };
  const made = { subject: `account ${money.account}`, facts, atMs: money.endedMs };
  return { ...cause, decision: edgeDecision('money-ended', made) };
}

/** Of From or To as received; '' where there is none. */
function tagOf(header: string): string {
  return /;\s*tag\s*=\s*([^\s;,]+)/i.exec(header.slice(header.lastIndexOf('>') + 1))?.[1] ?? '';
}

/** What a final response says of who sent it. */
function stateBy(status: number, branch: string): PeerState {
  if (status === 481 || status === 408) return 'gone';
  return status < 300 && branch.startsWith(BYE_PREFIX) ? 'there' : 'alive';
}

/** What leads to a side stands in the token that the other one holds. */
function tokenTo(tokens: StoredTokens, side: LegName): DialogToken | undefined {
  const bytes = side === 'a' ? tokens.b : tokens.a;
  return bytes.length === 0 ? undefined : decodeToken(bytes);
}
