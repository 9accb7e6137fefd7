import {
  cancelOf,
  cseq,
  escapeUser,
  formatHostPort,
  Headers,
  SipRequest,
  to,
  type SipResponse,
} from '@tandem/sip';
import { answeredRequest, type PeerCredentials } from '@tandem/testing';
import type { CallLog } from './call-log.ts';
import type { CallPlan } from './call-plan.ts';
import type { LoadAgent } from './load-agent.ts';
import { LoadDialog } from './load-dialog.ts';
import { LoadLeg } from './load-leg.ts';
import { addDescription, newToken } from './message-parts.ts';
import { ReliableResponses } from './reliable-responses.ts';

/** Who places calls and when a call is over for that end. */
export interface CallerOptions {
  readonly agent: LoadAgent;
  readonly log: CallLog;
  readonly user: string;
  readonly credentials: PeerCredentials | undefined;
}

/** Longest wait for the answer to a CANCEL and the end of its INVITE (RFC 3261 §9.1). */
const CANCELLED_MS = 32_000;
const SESSION_SECONDS = 90;

/** The calling end of one call. */
export class CallerLeg extends LoadLeg {
  readonly hasTimers: boolean;
  override readonly mayFork: boolean;
  readonly #plan: CallPlan;
  readonly #options: CallerOptions;
  readonly #callId = `${newToken()}@load`;
  readonly #tag = newToken();
  readonly #reliable: ReliableResponses | undefined;
  #invite: SipRequest | undefined;
  #isAnswered = false;
  #isCancelling = false;
  #isProceeding = false;

  constructor(plan: CallPlan, options: CallerOptions) {
    super(options.agent, options.log, 'caller');
    this.hasTimers = plan.timers !== undefined;
    const isReliable = plan.reception === 'forks-reliably';
    this.mayFork = isReliable || plan.reception === 'forks';
    this.#reliable = isReliable
      ? new ReliableResponses((response) => this.#dialogOf(response))
      : undefined;
    this.#plan = plan;
    this.#options = options;
    options.log.record.caller.sipCallId = this.#callId;
    options.agent.register(this.#callId, this.#tag, this);
  }

  get isUp(): boolean {
    return this.#isAnswered && !this.hasEnded;
  }

  start(): void {
    this.#place(this.#firstInvite());
  }

  onTransmit(request: SipRequest): void {
    if (request === this.#invite) this.log.record.caller.invitedMs.push(Date.now());
  }

  onCancel(): void {
    this.fault('got a CANCEL of an INVITE that was answered');
  }

  override vanish(): void {
    super.vanish();
    this.log.record.caller.endedMs ??= Date.now();
  }

  protected override challengeTo(): undefined {
    return undefined;
  }

  protected onByeSent(): void {
    this.log.record.caller.byeSentMs = Date.now();
  }

  protected onByeReceived(): void {
    this.log.record.caller.byeReceivedMs = Date.now();
  }

  protected onAcknowledged(): void {
    // A re-INVITE of the callee is through.
  }

  protected onEnded(): void {
    this.log.record.caller.endedMs = Date.now();
  }

  #place(invite: SipRequest): void {
    this.#invite = invite;
    this.log.record.caller.invitedMs = [];
    this.agent.request(invite, this, {
      onResponse: (response) => {
        this.#receive(invite, response);
      },
      onFailure: () => {
        this.fault('INVITE was never answered');
        this.end();
      },
    });
  }

  #receive(invite: SipRequest, response: SipResponse): void {
    const { caller } = this.log.record;
    const { status } = response;
    caller.heardMs ??= Date.now();
    if (status < 200) {
      this.#proceed(status);
      this.#acknowledgeReliable(invite, response);
    } else if (status < 300) {
      this.#receiveAnswer(invite, response);
    } else if (!this.#answersChallenge(invite, response)) {
      caller.finalCode = status;
      if (!this.#isExpected(status)) this.fault(`INVITE got ${String(status)}`, response);
      this.end();
    }
  }

  // A 180 may be lost for good, so patience begins with the first response of any kind.
  #proceed(status: number): void {
    const { cancelAfterMs } = this.#plan;
    if (status > 100) this.log.record.caller.ringingMs ??= Date.now();
    if (this.#isProceeding) return;
    this.#isProceeding = true;
    if (cancelAfterMs !== undefined) {
      this.after(cancelAfterMs, () => {
        this.#cancel();
      });
    }
  }

  // RFC 3262 §4: in order, and what comes again has its PRACK under way.
  #acknowledgeReliable(invite: SipRequest, response: SipResponse): void {
    const received = this.#reliable?.receive(invite, response);
    if (received?.kind === 'fault') this.fault(`a reliable response ${received.text}`, response);
    if (received?.kind !== 'next') return;
    const { dialog, rack } = received;
    const prack = dialog.request('PRACK', this.agent.requestParts());
    prack.headers.append('RAck', rack);
    this.agent.request(prack, this, {
      onResponse: ({ status }) => {
        // The answer of another callee ends this one's dialog, and may overtake.
        const isLost = status === 481 && this.#isAnswered && this.dialog !== dialog;
        if (status >= 300 && !isLost) this.fault(`PRACK got ${String(status)}`);
      },
      onFailure: () => {
        this.fault('PRACK was never answered');
      },
    });
  }

  #cancel(): void {
    const invite = this.#invite;
    if (invite === undefined || this.#isAnswered || this.hasEnded) return;
    this.#isCancelling = true;
    this.log.record.caller.cancelledMs = Date.now();
    this.agent.request(cancelOf(invite), this, {
      onResponse: (response) => {
        // 481: the final response has crossed the CANCEL.
        const isCrossed = response.status === 481 && (this.hasEnded || this.#isAnswered);
        if (response.status >= 300 && !isCrossed) {
          this.fault(`CANCEL got ${String(response.status)}`, response);
        }
      },
      onFailure: () => {
        this.fault('CANCEL was never answered');
      },
    });
    this.after(CANCELLED_MS, () => {
      if (this.hasEnded || this.#isAnswered) return;
      this.fault('a cancelled INVITE was never answered');
      this.end();
    });
  }

  #receiveAnswer(invite: SipRequest, response: SipResponse): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    const { caller } = this.log.record;
    caller.answeredMs = Date.now();
    this.log.record.aliveMs = caller.answeredMs;
    caller.finalCode = response.status;
    this.dialog = this.#dialogOf(response);
    const ack = this.acknowledge(cseq(invite).number);
    if (ack !== undefined) {
      this.agent.onRepeatedAnswer(invite, () => {
        this.acknowledgeAgain(ack);
      });
    }
    if (this.#isCancelling) this.hangUp();
    else this.#goOn(response);
  }

  #goOn(response: SipResponse): void {
    const { hold, endedBy, inCall, vanishAfterMs, timers } = this.#plan;
    for (const { afterMs, method, by } of inCall) {
      if (by === 'caller') {
        this.after(afterMs, () => {
          this.ask(method);
        });
      }
    }
    if (vanishAfterMs !== undefined) {
      this.after(vanishAfterMs, () => {
        this.vanish();
      });
    }
    if (timers !== undefined) this.#refresh(response);
    if (endedBy === 'caller' && typeof hold === 'number') {
      this.after(hold, () => {
        this.hangUp();
      });
    }
  }

  // RFC 4028 §7.2: the one who is named refreshes at half the interval.
  #refresh(response: SipResponse): void {
    const terms = response.headers.get('Session-Expires') ?? '';
    const seconds = Number(/^\d+/.exec(terms)?.[0] ?? 0);
    if (seconds === 0) {
      this.fault('a 200 without Session-Expires', response);
      return;
    }
    if (!terms.includes('refresher=uac')) return;
    this.after((seconds * 1000) / 2, () => {
      if (this.hasEnded) return;
      const asked = `${String(seconds)};refresher=uac`;
      this.ask('UPDATE', [
        ['Supported', 'timer'],
        ['Session-Expires', asked],
      ]);
      this.#refresh(response);
    });
  }

  #dialogOf(response: SipResponse): LoadDialog {
    const early = this.#reliable?.dialogWith(to(response).tag ?? '');
    if (early !== undefined) {
      early.confirm(response);
      return early;
    }
    const dialog = new LoadDialog({
      callId: this.#callId,
      localParty: response.headers.get('From') ?? '',
      localTag: this.#tag,
      remoteParty: response.headers.get('To') ?? '',
      remoteTag: to(response).tag,
      remoteTarget: '',
      localSequence: cseq(response).number,
      remoteSequence: undefined,
      routeSet: [],
      contactUri: this.agent.contactUri(this.#options.user),
    });
    dialog.confirm(response);
    return dialog;
  }

  #answersChallenge(invite: SipRequest, response: SipResponse): boolean {
    const { credentials } = this.#options;
    const isChallenge = response.status === 401 || response.status === 407;
    const hasAnswered = cseq(invite).number > 1;
    if (!isChallenge || credentials === undefined || hasAnswered) return false;
    const { branch } = this.agent.requestParts();
    const answered = answeredRequest(invite, response, { ...credentials, branch });
    if (answered === undefined) return false;
    delete this.log.record.caller.heardMs;
    this.#place(answered);
    return true;
  }

  #isExpected(status: number): boolean {
    if (this.#isCancelling) return status === 487;
    if (this.#plan.refused !== undefined) return status === this.#plan.refused.code;
    return this.#plan.reception === 'busy' && status === 486;
  }

  #firstInvite(): SipRequest {
    const { agent } = this;
    const { user } = this.#options;
    const { number, timers } = this.#plan;
    const { local, transport, branch } = agent.requestParts();
    const { address, port } = agent.target;
    const uri = `sip:${escapeUser(number)}@${formatHostPort(address, port)}`;
    const headers = new Headers([
      [
        'Via',
        `SIP/2.0/${transport.toUpperCase()} ${formatHostPort(local.address, local.port)};branch=${branch};rport`,
      ],
      ['Max-Forwards', '70'],
      ['From', `<sip:${user}@${address}>;tag=${this.#tag}`],
      ['To', `<${uri}>`],
      ['Call-ID', this.#callId],
      ['CSeq', '1 INVITE'],
      ['Contact', `<${agent.contactUri(user)}>`],
      ['Allow', 'INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO'],
      ['User-Agent', 'load'],
    ]);
    if (timers !== undefined) {
      headers.append('Supported', 'timer');
      headers.append('Session-Expires', String(SESSION_SECONDS));
    }
    if (this.#reliable !== undefined) headers.append('Supported', '100rel');
    const invite = new SipRequest('INVITE', uri, headers);
    addDescription(invite, agent.local.address);
    return invite;
  }
}
