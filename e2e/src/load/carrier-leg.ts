import {
  callId,
  contact,
  cseq,
  formatChallenge,
  from,
  responseTo,
  type SipRequest,
  type SipResponse,
} from '@tandem/sip';
import { provesPassword, type PeerCredentials } from '@tandem/testing';
import type { CallLog } from './call-log.ts';
import type { CallPlan } from './call-plan.ts';
import type { CarrierView } from './call-record.ts';
import type { LoadAgent, Served } from './load-agent.ts';
import { LoadDialog } from './load-dialog.ts';
import { LoadLeg } from './load-leg.ts';
import { newToken } from './message-parts.ts';
import { ReliableForks } from './reliable-forks.ts';

/** Which carrier takes which call. */
export interface CarrierOptions {
  readonly agent: LoadAgent;
  readonly log: CallLog;
  readonly plan: CallPlan;
  readonly gateway: 'carrier-a' | 'carrier-b';
  /** What the switch proves where it has to. */
  readonly gatewayCredentials: PeerCredentials | undefined;
}

/** From the INVITE to the 180; below the 200 ms after which a 100 would be due (RFC 3261 §17.2.1). */
const POST_DIAL_MS = 50;

/** The called end of one call. */
export class CarrierLeg extends LoadLeg {
  readonly hasTimers: boolean;
  readonly view: CarrierView;
  readonly #plan: CallPlan;
  readonly #served: Served;
  readonly #sequence: number;
  readonly #credentials: PeerCredentials | undefined;
  #forks: ReliableForks | undefined;
  #isCancelled = false;
  #isFinal = false;

  constructor(options: CarrierOptions, served: Served) {
    const { agent, log, plan, gateway } = options;
    super(agent, log, gateway);
    this.#credentials = options.gatewayCredentials;
    this.hasTimers = plan.timers === 'both';
    this.#plan = plan;
    this.#served = served;
    const { request } = served;
    this.#sequence = cseq(request).number;
    this.view = { gateway, sipCallId: callId(request), invitedMs: Date.now() };
    this.dialog = this.#newDialog();
    this.#receive();
  }

  onTransmit(): void {
    // What a carrier sends again in a dialog is counted by the agent.
  }

  onCancel(): void {
    this.view.cancelledMs ??= Date.now();
    if (this.#isFinal || this.#isCancelled) return;
    this.#isCancelled = true;
    this.#refuse(487, 'Request Terminated');
  }

  override vanish(): void {
    super.vanish();
    this.view.endedMs ??= Date.now();
  }

  protected override challengeTo(bye: SipRequest): SipResponse | undefined {
    if (this.#plan.isByeChallenged !== true || this.#credentials === undefined) return undefined;
    if (provesPassword(bye, this.#credentials)) return undefined;
    if (bye.headers.has('proxy-authorization')) this.fault('BYE proves no password', bye);
    const asked = { realm: 'carrier', nonce: newToken(), qop: ['auth'], stale: false };
    const response = this.response(bye, 407, 'Proxy Authentication Required');
    response.headers.append('Proxy-Authenticate', formatChallenge(asked));
    return response;
  }

  protected override acceptPrack(served: Served): void {
    const { request } = served;
    const faults = this.#forks?.acknowledge(request) ?? ['acknowledges nothing'];
    for (const text of faults) this.fault(`PRACK ${text}`, request);
    served.respond(this.response(request, 200, 'OK'));
  }

  protected onByeSent(): void {
    this.view.byeSentMs = Date.now();
  }

  protected onByeReceived(): void {
    this.view.byeReceivedMs = Date.now();
  }

  protected onAcknowledged(sequence: number): void {
    if (sequence !== this.#sequence) return;
    this.view.acknowledgedMs = Date.now();
    const { hold, endedBy, inCall, vanishAfterMs } = this.#plan;
    if (vanishAfterMs !== undefined) {
      this.after(vanishAfterMs, () => {
        this.vanish();
      });
    }
    for (const { afterMs, method, by } of inCall) {
      if (by === 'callee') {
        this.after(afterMs, () => {
          this.ask(method);
        });
      }
    }
    if (endedBy === 'callee' && typeof hold === 'number') {
      this.after(hold, () => {
        this.hangUp();
      });
    }
  }

  protected onEnded(): void {
    this.view.endedMs = Date.now();
  }

  #receive(): void {
    const { reception, ringMs } = this.#plan;
    const isFirst = this.view.gateway === 'carrier-a';
    if (isFirst && reception === 'silent') {
      // Says nothing; the leg is over as soon as the switch has gone on.
      this.#isFinal = true;
      this.end();
      return;
    }
    this.after(POST_DIAL_MS, () => {
      if (isFirst && reception === 'unavailable') this.#refuse(503, 'Service Unavailable');
      else this.#ring(ringMs);
    });
  }

  #ring(ringMs: number): void {
    if (this.#isFinal) return;
    if (this.#plan.reception === 'forks-reliably') {
      this.#ringReliably(ringMs);
      return;
    }
    if (this.#plan.reception === 'forks') this.#ringOther();
    const ringing = this.response(this.#served.request, 180, 'Ringing');
    ringing.headers.append('Contact', `<${this.dialog?.contactUri ?? ''}>`);
    this.#served.respond(ringing);
    const { reception } = this.#plan;
    if (reception === 'rings') return;
    this.after(ringMs, () => {
      if (this.#isFinal) return;
      if (reception === 'busy') this.#refuse(486, 'Busy Here');
      else this.#answer();
    });
  }

  /** That one will lose: nothing but its 180 is heard of it. */
  #ringOther(): void {
    const { request } = this.#served;
    const ringing = responseTo(request, 180, 'Ringing', { toTag: newToken() });
    ringing.headers.append('Contact', `<${this.agent.contactUri(`other-${this.#plan.number}`)}>`);
    this.#served.respond(ringing);
  }

  #ringReliably(ringMs: number): void {
    if (this.dialog === undefined) return;
    this.#forks = new ReliableForks({
      invite: this.#served.request,
      dialogs: [this.#newDialog(), this.dialog],
      respond: (response) => {
        if (!this.#isFinal) this.#served.respond(response);
      },
      after: (ms, run) => {
        this.after(ms, run);
      },
      onGivenUp: () => {
        if (!this.#isFinal) this.fault('a reliable response was never acknowledged');
      },
      onAcknowledged: () => {
        this.after(ringMs, () => {
          if (!this.#isFinal) this.#answer();
        });
      },
    });
    this.#forks.start();
  }

  #answer(): void {
    this.#isFinal = true;
    this.view.answeredMs = Date.now();
    this.view.finalCode = 200;
    this.answer(this.#served, this.description(this.#served.request));
  }

  #refuse(status: number, reason: string): void {
    if (this.#isFinal) return;
    this.#isFinal = true;
    this.view.finalCode = status;
    this.#served.respond(this.response(this.#served.request, status, reason));
    this.end();
  }

  /** A dialog of one callee with the caller. */
  #newDialog(): LoadDialog {
    const { request } = this.#served;
    const localTag = newToken();
    const remote = from(request);
    this.agent.register(callId(request), localTag, this);
    return new LoadDialog({
      callId: callId(request),
      localParty: `${request.headers.get('To') ?? ''};tag=${localTag}`,
      localTag,
      remoteParty: request.headers.get('From') ?? '',
      remoteTag: remote.tag,
      remoteTarget: contact(request)?.uri ?? '',
      localSequence: 0,
      remoteSequence: cseq(request).number,
      routeSet: request.headers.list('record-route'),
      contactUri: this.agent.contactUri(this.#plan.number),
    });
  }
}
