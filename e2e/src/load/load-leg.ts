import {
  cseq,
  responseTo,
  serialize,
  systemTimers,
  topVia,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  type TransactionFailure,
} from '@tandem/sip';
import type { LoadAgent, Served } from './load-agent.ts';
import type { LoadDialog } from './load-dialog.ts';
import type { CallLog } from './call-log.ts';
import { addDescription } from './message-parts.ts';
import { RepeatedAnswer } from './repeated-answer.ts';

/** Timer E: four sendings, and the answer to the last. */
const PATIENCE_MS = 4000;

/** What an end does with the outcome of a request of its own. */
export interface Answered {
  onResponse(response: SipResponse): void;
  onFailure?(failure: TransactionFailure): void;
}

/** One end of one call: what callers and carriers have in common once there is a dialog. */
export abstract class LoadLeg {
  readonly agent: LoadAgent;
  readonly log: CallLog;
  /** `caller`, `carrier-a`, `carrier-b`. */
  readonly name: string;
  protected dialog: LoadDialog | undefined;
  protected hasSentBye = false;
  protected hasEnded = false;
  protected isGone = false;
  #byeKey: string | undefined;
  readonly #asked = new Set<Asked>();
  readonly #timers = new Set<object>();
  readonly #answers = new Map<number, RepeatedAnswer>();

  /** Whether this end supports session timers (RFC 4028). */
  abstract readonly hasTimers: boolean;

  constructor(agent: LoadAgent, log: CallLog, name: string) {
    this.agent = agent;
    this.log = log;
    this.name = name;
  }

  /** The other side's message, or one of ours, for the ladder of the call. */
  note(direction: '<' | '>', message: SipMessage): void {
    this.log.note(this.name, direction, message);
    if (direction === '<') this.#judgeMedia(message);
  }

  fault(text: string, message?: SipMessage): void {
    this.log.fault(`${this.name}: ${text}`, message);
  }

  /** This end says nothing any more, as if its power had failed. */
  vanish(): void {
    this.isGone = true;
    for (const timer of this.#timers) systemTimers.stop(timer);
    this.#timers.clear();
    for (const answer of this.#answers.values()) answer.stop();
  }

  get hasVanished(): boolean {
    return this.isGone;
  }

  /** The ACK of a 2xx; only ACKs that belong to no INVITE server transaction come here. */
  acceptAck(ack: SipRequest): void {
    const answer = this.#answers.get(cseq(ack).number);
    if (this.dialog === undefined || answer === undefined) {
      this.fault('got an ACK of nothing', ack);
      return;
    }
    for (const text of this.dialog.judgeAck(ack, answer.sequence)) this.fault(`ACK ${text}`, ack);
    // RFC 3261 §13.2.2.4: the ACK of a 2xx is a transaction of its own.
    if (topVia(ack).branch === answer.branch) this.fault('ACK has the branch of its INVITE', ack);
    const isFirst = answer.acknowledge();
    if (isFirst) this.onAcknowledged(answer.sequence);
  }

  /** A request in this leg's dialog, once; its repetitions are the transaction's. */
  accept(served: Served): void {
    const { request } = served;
    if (this.dialog === undefined) {
      this.fault('got a request before there was a dialog', request);
      served.respond(this.response(request, 481, 'Call/Transaction Does Not Exist'));
      return;
    }
    if (request.method === 'PRACK') {
      this.acceptPrack(served);
      return;
    }
    if (this.hasEnded) {
      this.#acceptAfterEnd(served);
      return;
    }
    for (const text of this.dialog.judge(request)) this.fault(`${request.method} ${text}`, request);
    switch (request.method) {
      case 'BYE':
        this.#acceptBye(served);
        break;
      case 'INVITE':
        this.#acceptReinvite(served);
        break;
      case 'UPDATE':
        this.dialog.refresh(request);
        served.respond(this.description(request));
        break;
      case 'INFO':
      case 'OPTIONS':
        served.respond(this.response(request, 200, 'OK'));
        break;
      default:
        this.fault(`got ${request.method}`, request);
        served.respond(this.response(request, 501, 'Not Implemented'));
    }
  }

  /** Sends BYE, unless the other side was quicker. */
  hangUp(): void {
    if (this.hasEnded || this.hasSentBye || this.isGone || this.dialog === undefined) return;
    this.#judgePatience();
    this.hasSentBye = true;
    this.onByeSent();
    this.sendInDialog('BYE', {
      onResponse: (response) => {
        // 481: the BYE of the other side has crossed ours.
        const isCrossed = response.status === 481 && this.hasEnded;
        if (response.status >= 300 && !isCrossed) {
          this.fault(`BYE got ${String(response.status)}`, response);
        }
        this.end();
      },
      onFailure: () => {
        this.fault('BYE was never answered');
        this.end();
      },
    });
  }

  /** Sends re-INVITE, UPDATE or INFO. */
  ask(
    method: 'INVITE' | 'UPDATE' | 'INFO',
    extra: readonly (readonly [string, string])[] = [],
  ): void {
    if (this.hasEnded || this.hasSentBye || this.isGone || this.dialog === undefined) return;
    const asked = { method, askedMs: Date.now() };
    this.#asked.add(asked);
    this.log.asked(method);
    const request = this.sendInDialog(
      method,
      {
        onResponse: (response) => {
          if (response.status < 200) return;
          this.#asked.delete(asked);
          this.#acceptAnswer(method, request, response);
        },
        onFailure: () => {
          this.#asked.delete(asked);
          if (!this.hasEnded && !this.hasSentBye) this.fault(`${method} was never answered`);
        },
      },
      extra,
    );
  }

  /** Whether several callees may be heard before one answers, each with a To tag of its own. */
  readonly mayFork: boolean = false;

  /** A request of this leg leaves, also again. */
  abstract onTransmit(request: SipRequest): void;
  /** The INVITE of this leg is cancelled; the CANCEL has been answered. */
  abstract onCancel(): void;

  /** Runs once, unless the leg vanishes before. */
  protected after(ms: number, run: () => void): void {
    const timer = systemTimers.start(ms, () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
  }

  /** Sends a 2xx until it is acknowledged (RFC 3261 §13.3.1.4). */
  protected answer(served: Served, response: SipResponse): void {
    const sequence = cseq(served.request).number;
    const answer = new RepeatedAnswer({
      sequence,
      branch: topVia(served.request).branch,
      send: (repetition) => {
        if (repetition > 0) this.log.retransmitted(repetition);
        served.respond(response);
      },
      onGivenUp: () => {
        this.fault(`the 200 of CSeq ${String(sequence)} was never acknowledged`);
        this.hangUp();
      },
    });
    this.#answers.set(sequence, answer);
    answer.start();
  }

  protected response(request: SipRequest, status: number, reason: string): SipResponse {
    const toTag = this.dialog?.localTag;
    return responseTo(request, status, reason, toTag === undefined ? {} : { toTag });
  }

  /** A 200 with Contact and session description. */
  protected description(request: SipRequest): SipResponse {
    const response = this.response(request, 200, 'OK');
    response.headers.append('Contact', `<${this.dialog?.contactUri ?? ''}>`);
    if (this.hasTimers) addTimer(response, request);
    if (request.body.length > 0) addDescription(response, this.agent.local.address);
    return response;
  }

  protected sendInDialog(
    method: string,
    answered: Answered,
    extra: readonly (readonly [string, string])[] = [],
  ): SipRequest {
    const { agent, dialog } = this;
    if (dialog === undefined) throw new Error('no dialog');
    const request = dialog.request(method, agent.requestParts());
    for (const [name, value] of extra) request.headers.append(name, value);
    if (method === 'INVITE' || method === 'UPDATE') {
      request.headers.append('Contact', `<${dialog.contactUri}>`);
      addDescription(request, agent.local.address);
    }
    agent.request(request, this, answered);
    return request;
  }

  /** The ACK of a 2xx to a request of ours. */
  protected acknowledge(sequence: number): SipRequest | undefined {
    const ack = this.dialog?.request('ACK', { ...this.agent.requestParts(), sequence });
    if (ack !== undefined) this.agent.send(serialize(ack), ack, this);
    return ack;
  }

  /** The 2xx came again, so its ACK was lost. */
  protected acknowledgeAgain(ack: SipRequest): void {
    if (!this.isGone) this.agent.send(serialize(ack), ack, this);
  }

  /** The dialog is over. */
  protected end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    for (const answer of this.#answers.values()) answer.stop();
    this.onEnded();
  }

  /** What a BYE is refused with that has to prove a password first; undefined: nothing. */
  protected abstract challengeTo(bye: SipRequest): SipResponse | undefined;

  /** A reliable response is acknowledged, in whichever early dialog. */
  protected acceptPrack({ request }: Served): void {
    this.fault('got a PRACK', request);
  }

  protected abstract onByeSent(): void;
  protected abstract onByeReceived(): void;
  protected abstract onAcknowledged(sequence: number): void;
  protected abstract onEnded(): void;

  #acceptAnswer(method: string, request: SipRequest, response: SipResponse): void {
    if (response.status < 300) {
      this.dialog?.refresh(response);
      if (method === 'INVITE') this.#acknowledgeRepeatedly(request);
      this.log.inCallAnswered();
      return;
    }
    // Whatever is on its way when the call ends is refused with 481, or 487 where it was an INVITE.
    const isEnding = this.hasEnded || this.hasSentBye;
    if (!isEnding) this.fault(`${method} got ${String(response.status)}`, response);
  }

  #acknowledgeRepeatedly(request: SipRequest): void {
    const ack = this.acknowledge(cseq(request).number);
    if (ack === undefined) return;
    this.agent.onRepeatedAnswer(request, () => {
      this.acknowledgeAgain(ack);
    });
  }

  /** The call ends: what has been asked, and repeated three times, should have been answered. */
  #judgePatience(): void {
    for (const { method, askedMs } of this.#asked) {
      const waitedMs = Date.now() - askedMs;
      if (waitedMs > PATIENCE_MS)
        this.fault(`${method} was not answered for ${String(waitedMs)} ms`);
    }
  }

  /** CALL-08: the relay's address where media is anchored, that of the other end where not. */
  #judgeMedia({ body }: SipMessage): void {
    const { relayAddress } = this.agent;
    const [, address] = /^c=IN IP4 (\S+)/m.exec(body.toString('latin1')) ?? [];
    if (address === undefined || relayAddress === undefined) return;
    const isAnchored = this.log.record.plan.caller === 'anchored-trunk';
    if (isAnchored !== (address === relayAddress)) this.fault(`was told media at ${address}`);
  }

  #acceptBye(served: Served): void {
    const challenge = this.challengeTo(served.request);
    if (challenge !== undefined) {
      served.respond(challenge);
      return;
    }
    this.#byeKey = served.key;
    served.respond(this.response(served.request, 200, 'OK'));
    this.#judgePatience();
    this.onByeReceived();
    this.end();
  }

  #acceptReinvite(served: Served): void {
    const { request } = served;
    if ([...this.#asked].some(({ method }) => method === 'INVITE')) {
      // RFC 3261 §14.2: both asked at once.
      served.respond(this.response(request, 491, 'Request Pending'));
      return;
    }
    this.dialog?.refresh(request);
    this.answer(served, this.description(request));
  }

  #acceptAfterEnd(served: Served): void {
    const { request, key } = served;
    const isRepeated = request.method === 'BYE' && key === this.#byeKey;
    if (!isRepeated && !this.hasSentBye && !this.log.wasAsked(request.method)) {
      if (isOfSwitchItself(request)) this.log.record.needlessByes++;
      else this.fault(`got ${request.method} after the dialog had ended`, request);
    }
    served.respond(this.response(request, 481, 'Call/Transaction Does Not Exist'));
  }
}

/** A BYE that the switch sends where nobody is known to have answered that of the other side. */
function isOfSwitchItself({ method, headers }: SipRequest): boolean {
  return method === 'BYE' && headers.get('Reason')?.includes('hung up by the other side') === true;
}

/** A request of this end that has no final response yet. */
interface Asked {
  readonly method: string;
  readonly askedMs: number;
}

/** RFC 4028 §9: the answering side names the interval and leaves the refresher as asked, or to the caller. */
function addTimer(response: SipResponse, request: SipRequest): void {
  const asked = request.headers.get('Session-Expires');
  const isSupported = request.headers.list('Supported').includes('timer');
  if (asked === undefined || !isSupported) return;
  const interval = asked.split(';')[0] ?? asked;
  const refresher = /refresher=(uac|uas)/.exec(asked)?.[1] ?? 'uac';
  response.headers.append('Session-Expires', `${interval};refresher=${refresher}`);
  response.headers.append('Require', 'timer');
}
