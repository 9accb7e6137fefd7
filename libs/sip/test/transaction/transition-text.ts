import type { Effect, TimerName, Transition } from '../../src/transaction/transition.ts';

/** A transition as one line, `Completed | send ack, start D 32000`, so that a figure reads as a table. */
export function transitionText<State extends { readonly name: string }>(
  transition: Transition<State>,
): string {
  return `${transition.state.name} | ${transition.effects.map(effectText).join(', ')}`;
}

function effectText(effect: Effect): string {
  switch (effect.kind) {
    case 'send':
      return `send ${effect.message}`;
    case 'start-timer':
      return `start ${effect.name} ${String(effect.ms)}`;
    case 'stop-timer':
      return `stop ${effect.name}`;
    case 'deliver':
      return `deliver ${effect.what}`;
    case 'terminated':
      return 'terminated';
  }
}

/** Input made of a timer. */
export function timer(name: TimerName): { readonly kind: 'timer'; readonly name: TimerName } {
  return { kind: 'timer', name };
}

/** Input made of a received response. */
export function received(status: number): { readonly kind: 'response'; readonly status: number } {
  return { kind: 'response', status };
}

/** Input made of a response that the transaction user passes. */
export function respond(status: number): { readonly kind: 'respond'; readonly status: number } {
  return { kind: 'respond', status };
}

/** Input made of a failed send. */
export const transportError = { kind: 'transport-error' } as const;
