import type { InviteClientState } from './invite-client.ts';
import { inviteClientStep, startInviteClient } from './invite-client.ts';
import type { NonInviteClientState } from './non-invite-client.ts';
import { nonInviteClientStep, startNonInviteClient } from './non-invite-client.ts';
import { RunningTimers } from './running-timers.ts';
import type { TimerPort } from './timer-port.ts';
import type { TimerValues } from './timer-values.ts';
import type { ClientInput, Effect, Transition } from './transition.ts';

/** Why a transaction ended without a final response. */
export type TransactionFailure = 'timeout' | 'transport-error';

/** What a client transaction calls; one object may serve every transaction of a call. */
export interface ClientTransactionUser<Response> {
  /** Puts bytes on the wire. Call `transportError` on the transaction, later, when that fails. */
  send(bytes: Buffer): void;
  /** Builds the ACK of a 300–699 to an INVITE (`ackForFailure`); called once, for the first of them. */
  acknowledge(response: Response): Buffer;
  /** A response that is not a retransmission; a final one only once, except 2xx to an INVITE. */
  onResponse(response: Response): void;
  /** No final response will come. */
  onFailure(failure: TransactionFailure): void;
  /** The transaction is over and may be forgotten. */
  onTerminated(): void;
}

/** What a client transaction needs to run. */
export interface ClientTransactionOptions<Response> {
  readonly kind: 'invite' | 'non-invite';
  /** The serialised request. */
  readonly request: Buffer;
  readonly timers: TimerValues;
  readonly clock: TimerPort;
  readonly user: ClientTransactionUser<Response>;
}

type ClientState = InviteClientState | NonInviteClientState;

/** Runs an INVITE or a non-INVITE client transaction: performs the effects of its machine. */
export class ClientTransaction<Response extends { readonly status: number }> {
  readonly #options: ClientTransactionOptions<Response>;
  readonly #running: RunningTimers;
  #state: ClientState | undefined;
  #ack: Buffer | undefined;

  constructor(options: ClientTransactionOptions<Response>) {
    this.#options = options;
    this.#running = new RunningTimers(options.clock, (name) => {
      this.#step({ kind: 'timer', name });
    });
  }

  /** Name of the state in the RFC's figure; undefined before `start`. */
  get stateName(): ClientState['name'] | undefined {
    return this.#state?.name;
  }

  /** Sends the request and starts its timers. */
  start(): void {
    const { kind, timers } = this.#options;
    const first: Transition<ClientState> =
      kind === 'invite' ? startInviteClient(timers) : startNonInviteClient(timers);
    this.#state = first.state;
    this.#perform(first.effects, undefined);
  }

  /** A response whose key is this transaction's. */
  receive(response: Response): void {
    this.#step({ kind: 'response', status: response.status }, response);
  }

  /** The transport could not deliver what was sent last. */
  transportError(): void {
    this.#step({ kind: 'transport-error' });
  }

  /** Stops every timer without a word to the user: another owner carries on. */
  abandon(): void {
    this.#running.stopAll();
    this.#state = { name: 'Terminated' };
  }

  #step(input: ClientInput, response?: Response): void {
    if (this.#state === undefined) return;
    const { kind, timers } = this.#options;
    const next: Transition<ClientState> =
      kind === 'invite'
        ? inviteClientStep(this.#state as InviteClientState, input, timers)
        : nonInviteClientStep(this.#state as NonInviteClientState, input, timers);
    this.#state = next.state;
    this.#perform(next.effects, response);
  }

  #perform(effects: readonly Effect[], response: Response | undefined): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.#send(effect.message, response);
          break;
        case 'start-timer':
          this.#running.start(effect.name, effect.ms);
          break;
        case 'stop-timer':
          this.#running.stop(effect.name);
          break;
        case 'deliver':
          if (effect.what !== 'message') this.#options.user.onFailure(effect.what);
          else if (response !== undefined) this.#options.user.onResponse(response);
          break;
        case 'terminated':
          this.#running.stopAll();
          this.#options.user.onTerminated();
          break;
      }
    }
  }

  #send(message: (Effect & { kind: 'send' })['message'], response: Response | undefined): void {
    const { user, request } = this.#options;
    if (message === 'request') {
      user.send(request);
    } else if (message === 'ack' && response !== undefined) {
      this.#ack ??= user.acknowledge(response);
      user.send(this.#ack);
    }
  }
}
