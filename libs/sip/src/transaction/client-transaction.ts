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
  readonly #kind: 'invite' | 'non-invite';
  readonly #timers: TimerValues;
  readonly #user: ClientTransactionUser<Response>;
  readonly #running: RunningTimers;
  #state: ClientState | undefined;
  /** Let go with the final response: an answered INVITE stays for 32 s, its bytes need not. */
  #request: Buffer | undefined;
  #ack: Buffer | undefined;

  constructor(options: ClientTransactionOptions<Response>) {
    this.#kind = options.kind;
    this.#timers = options.timers;
    this.#user = options.user;
    this.#request = options.request;
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
    const first: Transition<ClientState> =
      this.#kind === 'invite'
        ? startInviteClient(this.#timers)
        : startNonInviteClient(this.#timers);
    this.#state = first.state;
    this.#perform(first.effects, undefined);
  }

  /** Goes on with an INVITE that another owner sent, and that has had a provisional response: nothing is sent. */
  resume(): void {
    this.#state = { name: 'Proceeding' };
    this.#request = undefined;
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
    this.#request = undefined;
  }

  #step(input: ClientInput, response?: Response): void {
    if (this.#state === undefined) return;
    const next: Transition<ClientState> =
      this.#kind === 'invite'
        ? inviteClientStep(this.#state as InviteClientState, input, this.#timers)
        : nonInviteClientStep(this.#state as NonInviteClientState, input, this.#timers);
    this.#state = next.state;
    if (isPastRetransmission(next.state)) this.#request = undefined;
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
          if (effect.what !== 'message') this.#user.onFailure(effect.what);
          else if (response !== undefined) this.#user.onResponse(response);
          break;
        case 'terminated':
          this.#running.stopAll();
          this.#user.onTerminated();
          break;
      }
    }
  }

  #send(message: (Effect & { kind: 'send' })['message'], response: Response | undefined): void {
    if (message === 'request' && this.#request !== undefined) {
      this.#user.send(this.#request);
    } else if (message === 'ack' && response !== undefined) {
      this.#ack ??= this.#user.acknowledge(response);
      this.#user.send(this.#ack);
    }
  }
}

function isPastRetransmission({ name }: ClientState): boolean {
  return name === 'Completed' || name === 'Accepted' || name === 'Terminated';
}
