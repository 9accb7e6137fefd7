/** Timers of RFC 3261 §17 (A–K), of RFC 6026 (L, M), and the 200 ms after which a 100 is due. */
export type TimerName =
  'A' | 'B' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M' | 'Trying';

/**
 * What a transaction asks its driver to do. The machines never hold a message: the driver keeps the request, the
 * last response and the ACK, which makes a state small enough to be stored and a step cheap.
 */
export type Effect =
  /** Send the transaction's request, byte for byte the same each time. */
  | { readonly kind: 'send'; readonly message: 'request' }
  /** Send the ACK of the final response that has arrived (RFC 3261 §17.1.1.3). */
  | { readonly kind: 'send'; readonly message: 'ack' }
  /** Send the response that the transaction user has just passed, and keep it as the last one. */
  | { readonly kind: 'send'; readonly message: 'response' }
  /** Send the last response again. */
  | { readonly kind: 'send'; readonly message: 'last-response' }
  /** Send a 100 Trying made from the request, and keep it as the last response. */
  | { readonly kind: 'send'; readonly message: 'trying' }
  | { readonly kind: 'start-timer'; readonly name: TimerName; readonly ms: number }
  | { readonly kind: 'stop-timer'; readonly name: TimerName }
  /** Hand the message just received, or the failure, to the transaction user. */
  | { readonly kind: 'deliver'; readonly what: 'message' | 'timeout' | 'transport-error' }
  /** The transaction is over: forget it. */
  | { readonly kind: 'terminated' };

/**
 * Result of one step: the next state and what to do, in order. A `deliver` comes after the sends and timers of its
 * step, so that a user who answers from within the delivery finds the transaction in order.
 */
export interface Transition<State> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** Inputs that every machine understands. */
export type CommonInput =
  | { readonly kind: 'timer'; readonly name: TimerName }
  /** The transport could not send (RFC 3261 §17.1.4, §17.2.4). */
  | { readonly kind: 'transport-error' };

/** Input of a client transaction. */
export type ClientInput = CommonInput | { readonly kind: 'response'; readonly status: number };

/** The effects without a parameter, shared so that a step allocates little. */
export const effects = {
  sendRequest: { kind: 'send', message: 'request' },
  sendAck: { kind: 'send', message: 'ack' },
  sendResponse: { kind: 'send', message: 'response' },
  sendLastResponse: { kind: 'send', message: 'last-response' },
  sendTrying: { kind: 'send', message: 'trying' },
  deliverMessage: { kind: 'deliver', what: 'message' },
  deliverTimeout: { kind: 'deliver', what: 'timeout' },
  deliverTransportError: { kind: 'deliver', what: 'transport-error' },
  terminated: { kind: 'terminated' },
} as const satisfies Record<string, Effect>;

/** No effect at all. */
export const nothing: readonly Effect[] = [];

/** Effect that starts, or starts anew, a timer. */
export function startTimer(name: TimerName, ms: number): Effect {
  return { kind: 'start-timer', name, ms };
}

/** Effect that stops a timer; a timer that does not run is no mistake. */
export function stopTimer(name: TimerName): Effect {
  return { kind: 'stop-timer', name };
}
