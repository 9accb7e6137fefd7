import type { AuthenticateRequest } from '@tandem/proto/auth';
import type { AuthenticateReply } from '@tandem/proto/edge-replies';
import {
  isNoSip,
  readRequestHead,
  serialize,
  serverTransactionKey,
  skimRequest,
} from '@tandem/sip';
import type { RequestHead, SipRequest } from '@tandem/sip';
import { Admission } from '../core/overload/admission.ts';
import type { Asking, Verdict } from '../core/overload/admission.ts';
import { readTerms } from '../core/overload/overload-terms.ts';
import type { OverloadTerms } from '../core/overload/overload-terms.ts';
import { KnownSources } from '../core/overload/known-sources.ts';
import { RecentMarks } from '../core/overload/recent-marks.ts';
import { isStatelessTo, statelessTag } from '../core/marks/stateless-tag.ts';
import type { OverloadRefusal } from '../core/call/overload-refusal.ts';
import { refusal } from '../core/messages/caller-response.ts';
import { rawOverloadRefusal, spreadSeconds } from '../core/messages/raw-refusal.ts';
import { nameTowards } from '../core/network/local-addresses.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { AuthClient } from '../ports.ts';
import { callsRefused, messagesShed } from '../telemetry.ts';
import { Allowance } from './allowance.ts';
import { LoadGauge } from './load-gauge.ts';
import { LostPods } from './lost-pods.ts';
import { messageKind } from '../core/messages/message-kind.ts';
import type { Entry, OverloadGuardParts, OverloadHost, OverloadView } from './overload-host.ts';

/** INVITEs that were refused, for as long as they may be repeated. */
const REFUSED = { size: 262_144, keptMs: 32_000 };
/** Call-IDs that were challenged: their next INVITE belongs to what was begun. */
const CHALLENGED = { size: 32_768, keptMs: 15_000 };
/** INVITEs that were answered with a challenge, for as long as they may be repeated. */
const CHALLENGES = { size: 32_768, keptMs: 32_000 };
/** A second: OPTIONS of one source, answers to what is no call, and those that are read at all. */
const MONITOR_RATE = 5;
const STANDING_RATE = 100;
/** A second: refusals of strangers. More of them would cost what is there for calls. */
const TOLD_RATE = 200;
const MOST_SOURCES = 10;
/** What was begun before the overload, wherever it was, is claimed by then. */
const DECIDED_WITHIN_MS = 2000;
const MOST_CLAIMS = 500;

/**
 * Stands before everything that begins new work (CALL-11). While the pod is within its limits it counts, and looks at nothing;
 * past them it refuses new calls by their bytes, before they are parsed, traced, or known to anybody. What belongs to a call that
 * was begun passes always.
 */
export class OverloadGuard {
  readonly #parts: OverloadGuardParts;
  readonly #host: OverloadHost;
  readonly #admission: Admission;
  readonly #gauge: LoadGauge;
  readonly #lost: LostPods;
  readonly #refused = new RecentMarks(REFUSED.size, REFUSED.keptMs);
  readonly #challenged = new RecentMarks(CHALLENGED.size, CHALLENGED.keptMs);
  readonly #challenges = new RecentMarks(CHALLENGES.size, CHALLENGES.keptMs);
  readonly #known = new KnownSources();
  readonly #monitors: Allowance;
  readonly #standing: Allowance;
  readonly #told: Allowance;
  /** The INVITE that was weighed by its bytes, and is parsed now. */
  #weighed: { readonly key: string; readonly entry: Entry } | undefined;
  #isToldTerms = false;
  #refusedMs = -Infinity;
  /** Questions to the store whether an INVITE that is refused is claimed. */
  #claimsAsked = 0;
  #refusedBefore = { load: 0, share: 0 };

  constructor(parts: OverloadGuardParts, host: OverloadHost) {
    const { clock, settings } = parts;
    this.#parts = parts;
    this.#host = host;
    this.#admission = new Admission(readTerms(undefined, settings), clock.now());
    this.#lost = new LostPods(clock);
    this.#monitors = new Allowance(MONITOR_RATE, clock);
    this.#standing = new Allowance(STANDING_RATE, clock);
    this.#told = new Allowance(TOLD_RATE, clock);
    this.#gauge = new LoadGauge(settings, {
      clock,
      undecided: () => host.undecided,
      onSample: (sample) => {
        const change = this.#admission.tick(clock.now(), sample);
        if (change !== undefined) this.#log(change);
        if (this.#admission.isLimiting) this.#lost.see(parts.pods.pods());
        return this.#admission.isPressed;
      },
    });
  }

  get view(): OverloadView {
    const admission = this.#admission;
    return {
      state: admission.state,
      get sources() {
        return admission.largestSources(MOST_SOURCES).map((source) => {
          const { name, isKnown, demand, refused } = source;
          return { name, isKnown, demand, refused, share: admission.shareOf(source) };
        });
      },
    };
  }

  /** Whether new calls may be refused, or one may be repeated that was. */
  get isRefusing(): boolean {
    return this.#admission.isLimiting || this.#hasRefused;
  }

  close(): void {
    this.#gauge.close();
  }

  /** Auth as calls ask it: its answers say who is known, whose next INVITE belongs to this one, and which terms hold. */
  heard(auth: AuthClient): AuthClient {
    return {
      authenticate: (request, onAccepting) =>
        auth.authenticate(request, onAccepting).then((reply) => {
          this.#heard(request, reply);
          return reply;
        }),
    };
  }

  /** A call that was begun here is decided: on its way to a carrier, refused, or challenged. */
  decided(): void {
    this.#admission.served();
  }

  /**
   * Sees each message before it is parsed.
   * @returns whether it is dealt with
   */
  takes(bytes: Buffer, from: PeerAddress): boolean {
    if (!this.#admission.isLimiting) return false;
    switch (messageKind(bytes)) {
      case 'going':
        return false;
      case 'invite':
        return this.#takesInvite(bytes, from);
      case 'ack':
        return this.#takesAck(bytes);
      case 'monitor':
        return !this.#monitors.has(from.address) && this.#takesStanding(bytes, from);
      case 'standing':
        return this.#admission.isShedding && this.#takesStanding(bytes, from);
      case 'none':
        return this.#admission.isPressed && isNoSip(bytes) && shed('garbage');
    }
  }

  /** An INVITE that begins a call, as far as is known. Where it is refused that has been said. */
  enter(invite: SipRequest, from: PeerAddress): Entry {
    this.#gauge.start();
    const callId = invite.headers.get('Call-ID') ?? '';
    if (!this.isRefusing) {
      if (!this.#followsChallenge(callId, hasCredentials(invite))) {
        this.#admission.ask(this.#asking(from));
      }
      return begun;
    }
    const key = serverTransactionKey(invite);
    const weighed = this.#weighed;
    this.#weighed = undefined;
    const entry =
      weighed?.key === key
        ? weighed.entry
        : this.#weigh({
            ...{ key, callId, hasCredentials: hasCredentials(invite), from },
            cseq: invite.headers.get('CSeq') ?? '',
          });
    if (entry.kind === 'refused' && entry.isTold) this.#refuse(invite, from);
    return entry;
  }

  #takesInvite(bytes: Buffer, from: PeerAddress): boolean {
    if (this.#turnsAway(bytes, from)) return this.#dropped(from);
    const head = readRequestHead(bytes);
    if (head === undefined || head.hasToTag || this.#host.isScattered(from)) return false;
    const { callId, cseq, transactionKey: key } = head;
    if (this.#host.isKnown(key) || this.#host.isElsewhere(callId, from)) return false;
    this.#gauge.start();
    const entry = this.#weigh({ key, callId, cseq, hasCredentials: head.hasCredentials, from });
    if (entry.kind === 'refused') {
      if (entry.isTold) this.#refuseUnread(head, from);
      return true;
    }
    this.#weighed = { key, entry };
    return false;
  }

  /**
   * A flood of strangers, of whom no more are begun at this moment, nor told so: nothing is read of them but whether they begin
   * something. To receive one, to read it and to answer it costs four times as much as to receive it.
   */
  #turnsAway(bytes: Buffer, from: PeerAddress): boolean {
    if (!this.#isStranger(from) || !this.#told.isSpent('') || !this.#host.isAlone) return false;
    const skim = skimRequest(bytes);
    if (skim === undefined || skim.hasToTag || skim.mayHaveCredentials) return false;
    return this.#admission.turnsAway({ source: from.address, isKnown: false });
  }

  /** Under overload: nobody there has proved himself lately. */
  #isStranger({ address }: PeerAddress): boolean {
    return this.#admission.isPressed && !this.#known.has(address);
  }

  /** That of a refusal, or of a challenge, has done what it is for. */
  #takesAck(bytes: Buffer): boolean {
    const { to } = skimRequest(bytes) ?? readRequestHead(bytes) ?? {};
    return to !== undefined && isStatelessTo(to) && shed('ack');
  }

  /** What is no call: some are answered, so that whoever asks knows when to come back. */
  #takesStanding(bytes: Buffer, from: PeerAddress): boolean {
    const isAnswered = !this.#isLate && !this.#standing.isSpent('');
    if (!isAnswered && skimRequest(bytes)?.hasToTag === false) return shed('standing');
    const head = readRequestHead(bytes);
    if (head?.hasToTag === true) return false;
    if (head !== undefined && isAnswered && this.#standing.has('')) this.#refuseUnread(head, from);
    return shed('standing');
  }

  /** Whether the receive queue is so old that senders repeat themselves: answers to what stands in it are late already. */
  get #isLate(): boolean {
    const { queueDelayMs } = this.#admission.state.sample;
    return queueDelayMs > LATE_MS;
  }

  #weigh(invite: {
    readonly key: string;
    readonly callId: string;
    readonly cseq: string;
    readonly hasCredentials: boolean;
    readonly from: PeerAddress;
  }): Entry {
    const { key, callId, cseq, from } = invite;
    const nowMs = this.#parts.clock.now();
    if (this.#refused.has(key, nowMs)) {
      shed('repeated');
      return this.#isTold(from) ? refusedEntry : unansweredEntry;
    }
    if (this.#followsChallenge(callId, invite.hasCredentials)) return begun;
    const asking = this.#asking(from);
    const verdict = this.#admission.ask(asking);
    if (verdict.kind === 'admitted') return begun;
    // An INVITE has one final response (RFC 3261 §17.2.1). Where its challenge was lost it comes again.
    if (this.#challenges.has(inviteMark(callId, cseq), nowMs)) {
      shed('repeated');
      return unansweredEntry;
    }
    if (!this.#isTold(from)) {
      this.#dropped(from);
      return unansweredEntry;
    }
    this.#count(verdict);
    if (this.#known.isToRecord(from.address, { nowMs, hasCredentials: invite.hasCredentials })) {
      return { kind: 'record', overload: this.#overloadOf(asking, verdict, key) };
    }
    this.#parts.unread.count('refused-unread', from.address);
    this.#refused.add(key, nowMs);
    this.#refusedMs = nowMs;
    return refusedEntry;
  }

  #dropped({ address }: PeerAddress): true {
    this.#parts.unread.count('dropped-unread', address);
    return shed('unanswered');
  }

  /** Whether something may be repeated that was refused. */
  get #hasRefused(): boolean {
    return this.#parts.clock.now() - this.#refusedMs < REFUSED.keptMs;
  }

  /** Who is known is told that he is refused, of strangers some: whoever hears nothing asks again, and is weighed again. */
  #isTold(from: PeerAddress): boolean {
    return !this.#isStranger(from) || this.#told.has('');
  }

  #followsChallenge(callId: string, withCredentials: boolean): boolean {
    return withCredentials && this.#challenged.take(callId, this.#parts.clock.now());
  }

  #asking({ address }: PeerAddress): Asking {
    const name = this.#known.nameOf(address);
    return { source: name ?? address, isKnown: name !== undefined };
  }

  #overloadOf(
    { source, isKnown }: Asking,
    { cause }: Extract<Verdict, { kind: 'refused' }>,
    key: string,
  ): OverloadRefusal {
    const { perSecond, pressure } = this.#admission.state;
    const { demand = 0, refused = 0 } = this.#admission.source(source) ?? {};
    const share = Math.min(this.#admission.shareOf({ isKnown }), perSecond);
    const retryAfterSeconds = spreadSeconds(this.#terms.retryAfterSeconds, key);
    const byLoad = {
      measuredMs: pressure.measuredMs,
      limitMs: pressure.limitMs,
      by: pressure.cause,
    };
    return { cause, ...byLoad, perSecond, source, share, demand, refused, retryAfterSeconds };
  }

  #refuse(invite: SipRequest, from: PeerAddress): void {
    if (this.#lost.mayHaveHad(invite.headers.get('Call-ID') ?? '')) return;
    if (this.#host.isScattered(from)) this.#refuseUnlessClaimed(invite, from);
    else this.#say(invite, from);
  }

  /** It may repeat one that another pod has begun to work on. Who gets no answer asks again. */
  #refuseUnlessClaimed(invite: SipRequest, from: PeerAddress): void {
    const nowMs = this.#parts.clock.now();
    const { pressedSinceMs = -Infinity } = this.#admission;
    if (nowMs - pressedSinceMs < DECIDED_WITHIN_MS || this.#claimsAsked >= MOST_CLAIMS) return;
    this.#claimsAsked++;
    const done = (isClaimed: boolean): void => {
      this.#claimsAsked--;
      if (isClaimed) this.#host.begin(invite, from);
      else this.#say(invite, from);
    };
    const failed = (): void => {
      this.#claimsAsked--;
    };
    this.#parts.barrier.settled(
      this.#host.isClaimed(invite),
      { done, failed },
      { message: invite, from },
    );
  }

  #say(invite: SipRequest, from: PeerAddress): void {
    const { transport } = this.#parts;
    const local = nameTowards(this.#parts.local, from);
    const toTag = statelessTag(invite);
    const retryAfterSeconds = spreadSeconds(this.#terms.retryAfterSeconds, toTag);
    const said = { reason: 'Overload', toTag, local, retryAfterSeconds } as const;
    transport.send(serialize(refusal(invite, said)), from);
  }

  #refuseUnread(head: RequestHead, from: PeerAddress): void {
    const { transport } = this.#parts;
    if (this.#lost.mayHaveHad(head.callId)) return;
    const local = nameTowards(this.#parts.local, from);
    const { retryAfterSeconds } = this.#terms;
    transport.send(rawOverloadRefusal(head, { source: from, local, retryAfterSeconds }), from);
  }

  #count({ cause }: Extract<Verdict, { kind: 'refused' }>): void {
    callsRefused.add(1, { cause });
  }

  get #terms(): OverloadTerms {
    return this.#admission.terms;
  }

  #heard(
    request: AuthenticateRequest,
    { outcome, overload, callerAddresses }: AuthenticateReply,
  ): void {
    if (overload !== undefined || this.#isToldTerms) {
      this.#isToldTerms = overload !== undefined;
      this.#admission.use(readTerms(overload, this.#parts.settings));
    }
    if (outcome?.$case === 'challenge') {
      const nowMs = this.#parts.clock.now();
      this.#challenged.add(request.sipCallId, nowMs);
      this.#challenges.add(inviteMark(request.sipCallId, String(request.cseq)), nowMs);
      this.#admission.challenged();
    } else if (outcome?.$case === 'allow') {
      const { kind, name } = outcome.value;
      this.#known.proved(request.sourceAddress, {
        name: kind === 'mapping-gateway' ? `${kind} ${name}` : request.sourceAddress,
        isByAddress: callerAddresses.length > 0,
      });
    }
  }

  #log(change: 'began' | 'ended'): void {
    const { state, sources } = this.view;
    const { pressure, perSecond, sample } = state;
    const { logger } = this.#parts;
    if (change === 'began') {
      this.#refusedBefore = { load: callsRefused.byLoad, share: callsRefused.byShare };
      const { cause, measuredMs, limitMs } = pressure;
      const figures = { cause, measuredMs, limitMs, perSecond, ...sample };
      logger.warn({ ...figures, sources }, 'overload: new calls are refused');
      return;
    }
    const refused = callsRefused.byLoad - this.#refusedBefore.load;
    const byShare = callsRefused.byShare - this.#refusedBefore.share;
    logger.warn({ refused, refusedByShare: byShare, sources }, 'overload is over');
  }
}

/** RFC 3261 §17.1.1.2: T1. */
const LATE_MS = 500;
const begun: Entry = { kind: 'begin' };
const refusedEntry: Entry = { kind: 'refused', isTold: true };
const unansweredEntry: Entry = { kind: 'refused', isTold: false };

function shed(cause: 'ack' | 'garbage' | 'repeated' | 'standing' | 'unanswered'): true {
  messagesShed.add(1, { cause });
  return true;
}

/** What the repetitions of an INVITE have in common, read from a CSeq or its number. */
function inviteMark(callId: string, cseq: string): string {
  return `${callId} ${String(Number.parseInt(cseq, 10))}`;
}

function hasCredentials({ headers }: SipRequest): boolean {
  return headers.has('Authorization') || headers.has('Proxy-Authorization');
}
