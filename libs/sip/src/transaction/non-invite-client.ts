import type { TimerValues } from './timer-values.ts';
import type { ClientInput, Effect, TimerName, Transition } from './transition.ts';
import { effects, nothing, startTimer, stopTimer } from './transition.ts';

/*
 * Non-INVITE client transaction, RFC 3261 figure 6.
 *
 *                                 | request from TU
 *                                 | request sent
 *          timer E: reset,        V                     timer F or transport error
 *          send request  +--+-----------+               inform TU
 *                        |  |  Trying   |------------------------------+
 *                        +->+-----------+                              |
 *           200-699 to TU    |    |                                    |
 *             +--------------+    | 1xx to TU                          |
 *             |                   V                                    |
 *             |          +--+------------+      timer F                |
 *             | timer E: |  | Proceeding |      or transport error     |
 *             | send     +->+------------+----------------------------->|
 *             | request       |   |    ^ 1xx to TU                     |
 *             |<--------------+   +----+                               |
 *             V 200-699 to TU                                          |
 *        +-----------+                                                 |
 *        | Completed |                                                 |
 *        +-----------+                                                 |
 *             | timer K fires       +------------+                     |
 *             +-------------------->| Terminated |<--------------------+
 *                                   +------------+
 */

/** State of a non-INVITE client transaction. */
export type NonInviteClientState =
  | {
      readonly name: 'Trying';
      /** Interval of timer E that runs now. */ readonly retransmitMs: number;
    }
  | { readonly name: 'Proceeding' }
  | { readonly name: 'Completed' }
  | { readonly name: 'Terminated' };

type NonInviteClientTransition = Transition<NonInviteClientState>;
type WaitingState = NonInviteClientState & { readonly name: 'Trying' | 'Proceeding' };

const proceeding: NonInviteClientState = { name: 'Proceeding' };
const completed: NonInviteClientState = { name: 'Completed' };
const terminated: NonInviteClientState = { name: 'Terminated' };

/** First transition: the request is sent, timers E (unreliable transport only) and F start. */
export function startNonInviteClient(timers: TimerValues): NonInviteClientTransition {
  const state: NonInviteClientState = { name: 'Trying', retransmitMs: timers.t1Ms };
  const timerF = startTimer('F', timers.fMs);
  return timers.isReliable
    ? { state, effects: [effects.sendRequest, timerF] }
    : { state, effects: [effects.sendRequest, startTimer('E', timers.t1Ms), timerF] };
}

/** One step of the non-INVITE client transaction; pure. */
export function nonInviteClientStep(
  state: NonInviteClientState,
  input: ClientInput,
  timers: TimerValues,
): NonInviteClientTransition {
  switch (state.name) {
    case 'Trying':
    case 'Proceeding':
      return waiting(state, input, timers);
    case 'Completed':
      return input.kind === 'timer' && input.name === 'K'
        ? { state: terminated, effects: [effects.terminated] }
        : { state, effects: nothing };
    case 'Terminated':
      return { state, effects: nothing };
  }
}

function waiting(
  state: WaitingState,
  input: ClientInput,
  timers: TimerValues,
): NonInviteClientTransition {
  switch (input.kind) {
    case 'response':
      return response(input.status, timers);
    case 'transport-error':
      return failed(effects.deliverTransportError);
    case 'timer':
      return timer(state, input.name, timers);
  }
}

function timer(
  state: WaitingState,
  name: TimerName,
  timers: TimerValues,
): NonInviteClientTransition {
  if (name === 'F') return failed(effects.deliverTimeout);
  if (name !== 'E') return { state, effects: nothing };
  if (state.name === 'Proceeding') {
    // RFC 3261 §17.1.2.2: after a provisional response the request goes out every T2.
    return { state, effects: [effects.sendRequest, startTimer('E', timers.t2Ms)] };
  }
  const retransmitMs = Math.min(state.retransmitMs * 2, timers.t2Ms);
  return {
    state: { name: 'Trying', retransmitMs },
    effects: [effects.sendRequest, startTimer('E', retransmitMs)],
  };
}

function failed(cause: Effect): NonInviteClientTransition {
  return {
    state: terminated,
    effects: [stopTimer('E'), stopTimer('F'), cause, effects.terminated],
  };
}

function response(status: number, timers: TimerValues): NonInviteClientTransition {
  if (status < 200) return { state: proceeding, effects: [effects.deliverMessage] };
  const done: Effect[] = [stopTimer('E'), stopTimer('F')];
  if (timers.kMs === 0) {
    done.push(effects.deliverMessage, effects.terminated);
    return { state: terminated, effects: done };
  }
  done.push(startTimer('K', timers.kMs), effects.deliverMessage);
  return { state: completed, effects: done };
}
