/** How milliseconds become whole seconds: SERVER_BILLING_ROUND (BILL-11). */
export const secondsRoundings = ['up', 'half', 'down'] as const;

/** `up`: a begun second counts; `half`: from 500 ms on; `down`: full seconds alone. */
export type SecondsRounding = (typeof secondsRoundings)[number];

/** What holds where nobody said otherwise. */
export const USUAL_ROUNDING: SecondsRounding = 'half';

const rounders: Readonly<Record<SecondsRounding, (seconds: number) => number>> = {
  up: Math.ceil,
  // Half up: a duration is never negative.
  half: Math.round,
  down: Math.floor,
};

/** Whole seconds of a duration in ms. */
export function wholeSeconds(durationMs: number, rounding: SecondsRounding): number {
  return rounders[rounding](durationMs / 1000);
}

/** The rounding that a text names; the usual one where it names none, as terms of earlier versions. */
export function roundingOf(text: string): SecondsRounding {
  return secondsRoundings.find((each) => each === text) ?? USUAL_ROUNDING;
}
