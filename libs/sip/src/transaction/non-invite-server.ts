import type { TimerValues } from './timer-values.ts';
import type { CommonInput, Transition } from './transition.ts';
import { effects, nothing, startTimer, stopTimer } from './transition.ts';

/*
 * Non-INVITE server transaction, RFC 3261 figure 8.
 *
 *                              | request: to TU
 *                              V
 *                        +-----------+  request: absorbed
 *                        |  Trying   |------------------+
 *                        +-----------+                  |
 *                              | 1xx from TU: send      | 200-699 from TU: send
 *       request: send          V                        |
 *       last response  +-+------------+-+ 1xx from TU:  |
 *                      | | Proceeding | | send          |
 *                      +>+------------+<+               |
 *                          |        | 200-699 from TU:  |
 *         transport error: |        | send              |
 *         inform TU        |        V                   V
 *                          |   +-----------+ request: send last response
 *                          |   | Completed |
 *                          |   +-----------+
 *                          |        | timer J fires, or transport error: inform TU
 *                          |        V
 *                          |   +------------+
 *                          +-->| Terminated |
 *                              +------------+
 */

/** State of a non-INVITE server transaction. */
export type NonInviteServerState =
  | { readonly name: 'Trying' }
  | { readonly name: 'Proceeding' }
  | { readonly name: 'Completed' }
  | { readonly name: 'Terminated' };

/** Input of a non-INVITE server transaction. */
export type NonInviteServerInput =
  | CommonInput
  /** The request again. */
  | { readonly kind: 'request' }
  /** A response that the transaction user wants sent. */
  | { readonly kind: 'respond'; readonly status: number };

type NonInviteServerTransition = Transition<NonInviteServerState>;

const trying: NonInviteServerState = { name: 'Trying' };
const proceeding: NonInviteServerState = { name: 'Proceeding' };
const completed: NonInviteServerState = { name: 'Completed' };
const terminated: NonInviteServerState = { name: 'Terminated' };

/** First transition, made by the request: it goes to the transaction user. */
export function startNonInviteServer(): NonInviteServerTransition {
  return { state: trying, effects: [effects.deliverMessage] };
}

/** One step of the non-INVITE server transaction; pure. */
export function nonInviteServerStep(
  state: NonInviteServerState,
  input: NonInviteServerInput,
  timers: TimerValues,
): NonInviteServerTransition {
  switch (state.name) {
    case 'Trying':
    case 'Proceeding':
      return open(state, input, timers);
    case 'Completed':
      return whenCompleted(state, input);
    case 'Terminated':
      return { state, effects: nothing };
  }
}

function open(
  state: NonInviteServerState,
  input: NonInviteServerInput,
  timers: TimerValues,
): NonInviteServerTransition {
  switch (input.kind) {
    case 'request':
      return { state, effects: state.name === 'Proceeding' ? [effects.sendLastResponse] : nothing };
    case 'respond':
      return respond(input.status, timers);
    case 'transport-error':
      // RFC 3261 §17.2.4; in Trying nothing has been sent that could have failed.
      return state.name === 'Trying'
        ? { state, effects: nothing }
        : { state: terminated, effects: [effects.deliverTransportError, effects.terminated] };
    case 'timer':
      return { state, effects: nothing };
  }
}

function respond(status: number, timers: TimerValues): NonInviteServerTransition {
  if (status < 200) return { state: proceeding, effects: [effects.sendResponse] };
  return timers.jMs === 0
    ? { state: terminated, effects: [effects.sendResponse, effects.terminated] }
    : { state: completed, effects: [effects.sendResponse, startTimer('J', timers.jMs)] };
}

function whenCompleted(
  state: NonInviteServerState,
  input: NonInviteServerInput,
): NonInviteServerTransition {
  switch (input.kind) {
    case 'request':
      return { state, effects: [effects.sendLastResponse] };
    case 'respond':
      // RFC 3261 §17.2.2: any other final response of the TU is discarded in Completed.
      return { state, effects: nothing };
    case 'transport-error':
      return {
        state: terminated,
        effects: [stopTimer('J'), effects.deliverTransportError, effects.terminated],
      };
    case 'timer':
      return input.name === 'J'
        ? { state: terminated, effects: [effects.terminated] }
        : { state, effects: nothing };
  }
}
