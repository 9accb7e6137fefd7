import type { TimerValues } from './timer-values.ts';
import type { ClientInput, Effect, Transition } from './transition.ts';
import { effects, nothing, startTimer, stopTimer } from './transition.ts';

/*
 * INVITE client transaction, RFC 3261 figure 5 as changed by RFC 6026 figure 4.
 *
 *                                    | INVITE from TU
 *            timer A fires           | INVITE sent            timer B fires
 *            reset A, send INVITE    V                        or transport error
 *                      +--------+-----------+                 inform TU
 *                      |        |  Calling  |----------------------------------+
 *                      +------->+-----------+                                  |
 *             300-699           |    |    | 2xx                                |
 *             ACK sent,         |    |    | 2xx to TU                          |
 *             to TU             |    |1xx to TU                                |
 *          +--------------------+    |    +--------------------+               |
 *          |                         V                         |               |
 *          |   300-699 +----+------------+                     |               |
 *          |   ACK,    |1xx | Proceeding |  2xx to TU          |               |
 *          |<----------+to  +------------+-------------------->|               |
 *          |   to TU   |TU  ^    |                             |               |
 *          |           +----+----+                             |               |
 *          V                                                   V               |
 *    +-----------+                                       +----------+          |
 *    | Completed |--+ 300-699: send ACK                  | Accepted |--+ 2xx   |
 *    +-----------+<-+                                    +----------+<-+ to TU |
 *          | timer D fires, or transport error, inform TU      | timer M fires |
 *          |                    +------------+                 |               |
 *          +------------------->| Terminated |<----------------+---------------+
 *                               +------------+
 */

/** State of an INVITE client transaction. */
export type InviteClientState =
  | {
      readonly name: 'Calling';
      /** Interval of timer A that runs now. */ readonly retransmitMs: number;
    }
  | { readonly name: 'Proceeding' }
  | { readonly name: 'Completed' }
  | { readonly name: 'Accepted' }
  | { readonly name: 'Terminated' };

type InviteClientTransition = Transition<InviteClientState>;

const proceeding: InviteClientState = { name: 'Proceeding' };
const completed: InviteClientState = { name: 'Completed' };
const accepted: InviteClientState = { name: 'Accepted' };
const terminated: InviteClientState = { name: 'Terminated' };

/** First transition: the INVITE is sent, timers A (unreliable transport only) and B start. */
export function startInviteClient(timers: TimerValues): InviteClientTransition {
  const state: InviteClientState = { name: 'Calling', retransmitMs: timers.t1Ms };
  const timerB = startTimer('B', timers.bMs);
  // RFC 3261 §17.1.1.2: a reliable transport does not start timer A.
  return timers.isReliable
    ? { state, effects: [effects.sendRequest, timerB] }
    : { state, effects: [effects.sendRequest, startTimer('A', timers.t1Ms), timerB] };
}

/** One step of the INVITE client transaction; pure. */
export function inviteClientStep(
  state: InviteClientState,
  input: ClientInput,
  timers: TimerValues,
): InviteClientTransition {
  switch (state.name) {
    case 'Calling':
      return calling(state, input, timers);
    case 'Proceeding':
      return input.kind === 'response'
        ? response(state, input.status, timers)
        : { state, effects: nothing };
    case 'Completed':
      return whenCompleted(state, input);
    case 'Accepted':
      return whenAccepted(state, input);
    case 'Terminated':
      return { state, effects: nothing };
  }
}

function calling(
  state: InviteClientState & { readonly name: 'Calling' },
  input: ClientInput,
  timers: TimerValues,
): InviteClientTransition {
  switch (input.kind) {
    case 'response':
      return response(state, input.status, timers);
    case 'transport-error':
      return failed(effects.deliverTransportError);
    case 'timer':
      if (input.name === 'B') return failed(effects.deliverTimeout);
      if (input.name !== 'A') return { state, effects: nothing };
      return {
        // Doubling has no ceiling here: T2 is for timers E and G.
        state: { name: 'Calling', retransmitMs: state.retransmitMs * 2 },
        effects: [effects.sendRequest, startTimer('A', state.retransmitMs * 2)],
      };
  }
}

function failed(cause: Effect): InviteClientTransition {
  return {
    state: terminated,
    effects: [stopTimer('A'), stopTimer('B'), cause, effects.terminated],
  };
}

function response(
  state: InviteClientState & { readonly name: 'Calling' | 'Proceeding' },
  status: number,
  timers: TimerValues,
): InviteClientTransition {
  const done: Effect[] = state.name === 'Calling' ? [stopTimer('A'), stopTimer('B')] : [];
  if (status < 200) {
    done.push(effects.deliverMessage);
    return { state: proceeding, effects: done };
  }
  if (status < 300) {
    // RFC 6026 §7.2: more 2xx, of other branches of a fork too, still find this transaction.
    done.push(startTimer('M', timers.mMs), effects.deliverMessage);
    return { state: accepted, effects: done };
  }
  done.push(effects.sendAck);
  if (timers.dMs === 0) {
    done.push(effects.deliverMessage, effects.terminated);
    return { state: terminated, effects: done };
  }
  done.push(startTimer('D', timers.dMs), effects.deliverMessage);
  return { state: completed, effects: done };
}

function whenCompleted(state: InviteClientState, input: ClientInput): InviteClientTransition {
  switch (input.kind) {
    case 'response':
      return { state, effects: input.status >= 300 ? [effects.sendAck] : nothing };
    case 'transport-error':
      return {
        state: terminated,
        effects: [stopTimer('D'), effects.deliverTransportError, effects.terminated],
      };
    case 'timer':
      return input.name === 'D'
        ? { state: terminated, effects: [effects.terminated] }
        : { state, effects: nothing };
  }
}

function whenAccepted(state: InviteClientState, input: ClientInput): InviteClientTransition {
  if (input.kind === 'response' && input.status >= 200 && input.status < 300) {
    // The transaction user acknowledges each 2xx itself (RFC 3261 §13.2.2.4).
    return { state, effects: [effects.deliverMessage] };
  }
  if (input.kind === 'timer' && input.name === 'M') {
    return { state: terminated, effects: [effects.terminated] };
  }
  return { state, effects: nothing };
}
