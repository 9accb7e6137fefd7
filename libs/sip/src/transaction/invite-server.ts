import type { TimerValues } from './timer-values.ts';
import type { CommonInput, Effect, Transition } from './transition.ts';
import { effects, nothing, startTimer, stopTimer } from './transition.ts';

/*
 * INVITE server transaction, RFC 3261 figure 7 as changed by RFC 6026 figure 5.
 *
 *                                     | INVITE: to TU; 100 after 200 ms unless the TU answers
 *              INVITE:                V
 *              send last  +------+------------+-----+ 101-199 from TU: send
 *              response   |      | Proceeding |     |
 *                         +----->+------------+<----+
 *        300-699 from TU: send     |        |     2xx from TU: send
 *                +-----------------+        +-----------------+
 *                V                                            V
 *          +-----------+  INVITE: send response         +----------+  INVITE: absorbed
 *          | Completed |  timer G: send response        | Accepted |  ACK: to TU
 *          +-----------+                                +----------+  2xx from TU: send
 *            |       | timer H fires: inform TU               |
 *        ACK |       +------------------+                     | timer L fires
 *            V                          |                     |
 *          +-----------+                V                     |
 *          | Confirmed |         +------------+               |
 *          +-----------+-------->| Terminated |<--------------+
 *              timer I fires     +------------+
 *
 * RFC 6026 §7.1: a transport error is told to the TU and changes no state, so that repeated INVITEs are absorbed.
 */

/** State of an INVITE server transaction. */
export type InviteServerState =
  | {
      readonly name: 'Proceeding';
      /** A response has been sent, so a repeated INVITE has something to be answered with. */
      readonly hasResponse: boolean;
    }
  | {
      readonly name: 'Completed';
      /** Interval of timer G that runs now. */ readonly retransmitMs: number;
    }
  | { readonly name: 'Confirmed' }
  | { readonly name: 'Accepted' }
  | { readonly name: 'Terminated' };

/** Input of an INVITE server transaction. */
export type InviteServerInput =
  | CommonInput
  /** The INVITE again. */
  | { readonly kind: 'request' }
  | { readonly kind: 'ack' }
  /** A response that the transaction user wants sent. */
  | { readonly kind: 'respond'; readonly status: number };

type InviteServerTransition = Transition<InviteServerState>;

const confirmed: InviteServerState = { name: 'Confirmed' };
const accepted: InviteServerState = { name: 'Accepted' };
const terminated: InviteServerState = { name: 'Terminated' };
const unanswered: InviteServerState = { name: 'Proceeding', hasResponse: false };
const answering: InviteServerState = { name: 'Proceeding', hasResponse: true };

/** First transition, made by the INVITE: it goes to the transaction user. */
export function startInviteServer(timers: TimerValues): InviteServerTransition {
  return timers.tryingMs === undefined
    ? { state: unanswered, effects: [effects.deliverMessage] }
    : {
        state: unanswered,
        effects: [startTimer('Trying', timers.tryingMs), effects.deliverMessage],
      };
}

/** One step of the INVITE server transaction; pure. */
export function inviteServerStep(
  state: InviteServerState,
  input: InviteServerInput,
  timers: TimerValues,
): InviteServerTransition {
  if (input.kind === 'transport-error') {
    return {
      state,
      effects: state.name === 'Terminated' ? nothing : [effects.deliverTransportError],
    };
  }
  switch (state.name) {
    case 'Proceeding':
      return proceeding(state, input, timers);
    case 'Completed':
      return completed(state, input, timers);
    case 'Confirmed':
      return isTimer(input, 'I')
        ? { state: terminated, effects: [effects.terminated] }
        : { state, effects: nothing };
    case 'Accepted':
      return whenAccepted(state, input);
    case 'Terminated':
      return { state, effects: nothing };
  }
}

type Input = Exclude<InviteServerInput, { kind: 'transport-error' }>;

function proceeding(
  state: InviteServerState & { readonly name: 'Proceeding' },
  input: Input,
  timers: TimerValues,
): InviteServerTransition {
  switch (input.kind) {
    case 'request':
      return { state, effects: state.hasResponse ? [effects.sendLastResponse] : nothing };
    case 'ack':
      return { state, effects: nothing };
    case 'timer':
      return input.name === 'Trying' && !state.hasResponse
        ? { state: answering, effects: [effects.sendTrying] }
        : { state, effects: nothing };
    case 'respond':
      return respond(state, input.status, timers);
  }
}

function respond(
  state: InviteServerState & { readonly name: 'Proceeding' },
  status: number,
  timers: TimerValues,
): InviteServerTransition {
  const done: Effect[] = [];
  if (timers.tryingMs !== undefined && !state.hasResponse) done.push(stopTimer('Trying'));
  done.push(effects.sendResponse);
  if (status < 200) return { state: answering, effects: done };
  if (status < 300) {
    done.push(startTimer('L', timers.lMs));
    return { state: accepted, effects: done };
  }
  // RFC 3261 §17.2.1: a reliable transport does not start timer G.
  if (!timers.isReliable) done.push(startTimer('G', timers.t1Ms));
  done.push(startTimer('H', timers.hMs));
  return { state: { name: 'Completed', retransmitMs: timers.t1Ms }, effects: done };
}

function completed(
  state: InviteServerState & { readonly name: 'Completed' },
  input: Input,
  timers: TimerValues,
): InviteServerTransition {
  switch (input.kind) {
    case 'request':
      return { state, effects: [effects.sendLastResponse] };
    case 'respond':
      return { state, effects: nothing };
    case 'ack':
      return timers.iMs === 0
        ? { state: terminated, effects: [stopTimer('G'), stopTimer('H'), effects.terminated] }
        : {
            state: confirmed,
            effects: [stopTimer('G'), stopTimer('H'), startTimer('I', timers.iMs)],
          };
    case 'timer':
      return completedTimer(state, input.name, timers);
  }
}

function completedTimer(
  state: InviteServerState & { readonly name: 'Completed' },
  name: string,
  timers: TimerValues,
): InviteServerTransition {
  if (name === 'H') {
    return {
      state: terminated,
      effects: [stopTimer('G'), effects.deliverTimeout, effects.terminated],
    };
  }
  if (name !== 'G') return { state, effects: nothing };
  const retransmitMs = Math.min(state.retransmitMs * 2, timers.t2Ms);
  return {
    state: { name: 'Completed', retransmitMs },
    effects: [effects.sendLastResponse, startTimer('G', retransmitMs)],
  };
}

function whenAccepted(state: InviteServerState, input: Input): InviteServerTransition {
  switch (input.kind) {
    case 'request':
      // RFC 6026 §7.1: absorbed; the 2xx is retransmitted by the transaction user alone.
      return { state, effects: nothing };
    case 'ack':
      return { state, effects: [effects.deliverMessage] };
    case 'respond':
      return {
        state,
        effects: input.status >= 200 && input.status < 300 ? [effects.sendResponse] : nothing,
      };
    case 'timer':
      return input.name === 'L'
        ? { state: terminated, effects: [effects.terminated] }
        : { state, effects: nothing };
  }
}

function isTimer(input: Input, name: string): boolean {
  return input.kind === 'timer' && input.name === name;
}
