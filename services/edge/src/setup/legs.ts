import type { CallEffect } from '../core/call/call-steps.ts';
import type { CallerLeg } from './caller-leg.ts';
import type { CarrierLeg } from './carrier-leg.ts';
import type { LegTokens } from './leg-tokens.ts';

/** The transactions of a call; an INVITE that is only challenged has none. */
export interface Legs {
  readonly caller: CallerLeg;
  readonly carrier: CarrierLeg;
  readonly tokens: LegTokens;
}

/** What callers and carriers hear, and what comes before it. */
export type SpokenEffect = Extract<
  CallEffect,
  {
    kind:
      | 'trying'
      | 'pass-body'
      | 'invite'
      | 'acknowledge'
      | 'cancel-invite'
      | 'hang-up'
      | 'relay'
      | 'relay-again'
      | 'end-dialog'
      | 'respond';
  }
>;

/** What a leg says at once, and nothing follows on; the rest of `SpokenEffect` is for the call's mailbox. */
export type PlainEffect = Exclude<
  SpokenEffect,
  { kind: 'invite' | 'relay' | 'relay-again' | 'respond' }
>;
