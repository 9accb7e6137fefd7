import type { TransactionFailure } from './client-transaction.ts';
import type { InviteServerInput, InviteServerState } from './invite-server.ts';
import { inviteServerStep, startInviteServer } from './invite-server.ts';
import type { NonInviteServerInput, NonInviteServerState } from './non-invite-server.ts';
import { nonInviteServerStep, startNonInviteServer } from './non-invite-server.ts';
import { RunningTimers } from './running-timers.ts';
import type { TimerPort } from './timer-port.ts';
import type { TimerValues } from './timer-values.ts';
import type { Effect, Transition } from './transition.ts';

/** What a server transaction calls; one object may serve every transaction of a call. */
export interface ServerTransactionUser<Request> {
  /** Puts bytes on the wire. Call `transportError` on the transaction, later, when that fails. */
  send(bytes: Buffer): void;
  /** Builds the 100 Trying; called only when `TimerValues.tryingMs` is set. */
  trying(): Buffer;
  /** The request, once; for an INVITE that was answered 2xx, each ACK that has its branch. */
  onRequest(request: Request): void;
  /** `timeout`: no ACK came for a 300–699. `transport-error`: the response could not be sent. */
  onFailure(failure: TransactionFailure): void;
  /** The transaction is over and may be forgotten. */
  onTerminated(): void;
}

/** What a server transaction needs to run. */
export interface ServerTransactionOptions<Request> {
  readonly kind: 'invite' | 'non-invite';
  readonly request: Request;
  readonly timers: TimerValues;
  readonly clock: TimerPort;
  readonly user: ServerTransactionUser<Request>;
}

type ServerState = InviteServerState | NonInviteServerState;

/** Runs an INVITE or a non-INVITE server transaction: performs the effects of its machine. */
export class ServerTransaction<Request extends { readonly method: string }> {
  readonly #kind: 'invite' | 'non-invite';
  readonly #timers: TimerValues;
  readonly #user: ServerTransactionUser<Request>;
  readonly #running: RunningTimers;
  #state: ServerState | undefined;
  #request: Request | undefined;
  /** Let go once it is never sent again: an answered INVITE stays for 32 s, its bytes need not. */
  #last: Buffer | undefined;

  constructor(options: ServerTransactionOptions<Request>) {
    this.#kind = options.kind;
    this.#timers = options.timers;
    this.#user = options.user;
    this.#request = options.request;
    this.#running = new RunningTimers(options.clock, (name) => {
      this.#step({ kind: 'timer', name });
    });
  }

  /** Name of the state in the RFC's figure; undefined before `start`. */
  get stateName(): ServerState['name'] | undefined {
    return this.#state?.name;
  }

  /** Hands the request to the user. */
  start(): void {
    const first: Transition<ServerState> =
      this.#kind === 'invite' ? startInviteServer(this.#timers) : startNonInviteServer();
    const request = this.#request;
    this.#request = undefined;
    this.#state = first.state;
    this.#perform(first.effects, request, undefined);
  }

  /** The request again, or the ACK, whose key is this transaction's. */
  receive(request: Request): void {
    const isAck = request.method === 'ACK';
    if (isAck && this.#kind === 'non-invite') return;
    this.#step({ kind: isAck ? 'ack' : 'request' }, request);
  }

  /** Sends a response; one that the RFC forbids in this state is discarded. */
  respond(status: number, bytes: Buffer): void {
    this.#step({ kind: 'respond', status }, undefined, bytes);
  }

  /** The transport could not deliver what was sent last. */
  transportError(): void {
    this.#step({ kind: 'transport-error' });
  }

  /** Stops every timer without a word to the user: another owner carries on. */
  abandon(): void {
    this.#running.stopAll();
    this.#state = { name: 'Terminated' };
    this.#last = undefined;
  }

  #step(input: InviteServerInput, request?: Request, response?: Buffer): void {
    if (this.#state === undefined) return;
    const next: Transition<ServerState> =
      this.#kind === 'invite'
        ? inviteServerStep(this.#state as InviteServerState, input, this.#timers)
        : nonInviteServerStep(
            this.#state as NonInviteServerState,
            input as NonInviteServerInput,
            this.#timers,
          );
    this.#state = next.state;
    this.#perform(next.effects, request, response);
    if (isPastRetransmission(next.state)) this.#last = undefined;
  }

  #perform(
    effects: readonly Effect[],
    request: Request | undefined,
    response: Buffer | undefined,
  ): void {
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
          else if (request !== undefined) this.#user.onRequest(request);
          break;
        case 'terminated':
          this.#running.stopAll();
          this.#user.onTerminated();
          break;
      }
    }
  }

  #send(message: (Effect & { kind: 'send' })['message'], response: Buffer | undefined): void {
    if (message === 'response') this.#last = response;
    else if (message === 'trying') this.#last = this.#user.trying();
    if (this.#last !== undefined) this.#user.send(this.#last);
  }
}

function isPastRetransmission({ name }: ServerState): boolean {
  return name === 'Accepted' || name === 'Confirmed' || name === 'Terminated';
}
