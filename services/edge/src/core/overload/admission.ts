import { calmRate, stepRate } from './admission-rate.ts';
import { FairShares } from './fair-shares.ts';
import type { CallSource } from './fair-shares.ts';
import type { OverloadTerms } from './overload-terms.ts';
import { pressureOf } from './pressure.ts';
import type { LoadCause, LoadSample, Pressure } from './pressure.ts';
import { stepStrangers, unlimitedStrangers } from './strangers-rate.ts';

/** Whether a new call may be begun. */
export type Verdict =
  | { readonly kind: 'admitted' }
  /** `cause`: what has the rate limited; `share`: its source sends more than its share. */
  | { readonly kind: 'refused'; readonly cause: LoadCause | 'share' | 'most-rate' };

/** What decides at this moment, with its values (OPS-09). */
export interface AdmissionState {
  readonly isShedding: boolean;
  /** Since when it sheds, or does not any more; ms. */
  readonly sinceMs: number;
  /** New calls a second that are begun; Infinity: all. */
  readonly perSecond: number;
  /** Those of them that may come from sources that are not known; Infinity: all. */
  readonly strangersPerSecond: number;
  /** What is past its limit, or was when the rate was last above what it may be. */
  readonly pressure: Pressure;
  readonly sample: LoadSample;
}

/** Where a new call comes from. */
export interface Asking {
  /** Of a gateway that is known by its address, its name; else the address. */
  readonly source: string;
  readonly isKnown: boolean;
}

const admitted: Verdict = { kind: 'admitted' };
const idle: LoadSample = { loopDelayMs: 0, queueDelayMs: 0, setUpDelayMs: 0, undecided: 0 };

/**
 * Decides which new calls are begun (CALL-11): all, until the process is past a limit for some time; then as many a second as it
 * can see through, divided among their sources. Knows nothing of messages.
 */
export class Admission {
  #terms: OverloadTerms;
  readonly #rate;
  readonly #strangers = unlimitedStrangers();
  readonly #shares = new FairShares();
  #sample = idle;
  /** What was over its limit last; while nothing ever was, what is nearest. */
  #pressure: Pressure;
  #tickedMs: number;
  #served = 0;
  #begun = 0;
  #refused = 0;
  #pressedSinceMs: number | undefined;
  /** Of strangers. */
  #asked = { all: 0, refused: 0 };

  constructor(terms: OverloadTerms, nowMs: number) {
    this.#terms = terms;
    this.#rate = calmRate(nowMs);
    this.#tickedMs = nowMs;
    this.#pressure = pressureOf(idle, terms);
  }

  get terms(): OverloadTerms {
    return this.#terms;
  }

  get state(): AdmissionState {
    return {
      isShedding: this.#rate.isShedding,
      sinceMs: this.#rate.sinceMs,
      perSecond: this.#perSecond,
      strangersPerSecond: this.#strangers.perSecond,
      pressure: this.#pressure,
      sample: this.#sample,
    };
  }

  /** Whether anybody may be refused. */
  get isLimiting(): boolean {
    return this.isPressed || this.#terms.mostRate !== Infinity;
  }

  /** Whether those who are not known may be refused for the load, if nobody else. */
  get isPressed(): boolean {
    return this.#pressedSinceMs !== undefined;
  }

  /** Since when; undefined where nobody is. */
  get pressedSinceMs(): number | undefined {
    return this.#pressedSinceMs;
  }

  get isShedding(): boolean {
    return this.#rate.isShedding;
  }

  use(terms: OverloadTerms): void {
    this.#terms = terms;
  }

  /** A new call has come. */
  ask({ source, isKnown }: Asking): Verdict {
    const draw = this.#shares.draw(source, isKnown);
    this.#count(isKnown, draw !== 'admitted');
    if (draw === 'admitted') return admitted;
    if (draw === 'share') return { kind: 'refused', cause: 'share' };
    const strangers = isKnown ? Infinity : this.#strangers.perSecond;
    const isByLoad = Math.min(this.#rate.perSecond, strangers) < this.#terms.mostRate;
    return { kind: 'refused', cause: isByLoad ? this.#pressure.cause : 'most-rate' };
  }

  /**
   * A new call has come that is looked at only if it may be begun: where nothing is left for its source it is counted, and that
   * is all.
   * @returns whether it is turned away
   */
  turnsAway({ source, isKnown }: Asking): boolean {
    const isTurnedAway = this.#shares.turnsAway(source, isKnown);
    if (isTurnedAway) this.#count(isKnown, true);
    return isTurnedAway;
  }

  /** A call that was begun is decided. */
  served(): void {
    this.#served++;
  }

  /** One that was begun is challenged: not seen through yet, though it is decided for now. */
  challenged(): void {
    this.#served--;
  }

  /** Time has passed. @returns whether shedding has begun, or ended */
  tick(nowMs: number, sample: LoadSample): 'began' | 'ended' | undefined {
    const elapsedMs = nowMs - this.#tickedMs;
    if (elapsedMs <= 0) return undefined;
    this.#tickedMs = nowMs;
    this.#sample = sample;
    const pressure = pressureOf(sample, this.#terms);
    if (pressure.value > 1 || !this.#rate.isShedding) this.#pressure = pressure;
    const input = {
      nowMs,
      elapsedMs,
      pressure,
      stalledMs: sample.loopDelayMs,
      served: Math.max(0, this.#served),
      begun: this.#begun,
      refused: this.#refused,
      isFlooded: this.#asked.refused > 0,
    };
    // A challenge may be heard of a step before its call is decided.
    this.#served = Math.min(0, this.#served);
    const change = stepRate(this.#rate, input, this.#terms);
    const { all: asked, refused } = this.#asked;
    const { best } = this.#rate;
    stepStrangers(
      this.#strangers,
      { nowMs, elapsedMs, pressure, asked, refused, best },
      this.#terms,
    );
    this.#begun = 0;
    this.#refused = 0;
    this.#asked = { all: 0, refused: 0 };
    const isPressed = this.#rate.isShedding || this.#strangers.perSecond !== Infinity;
    this.#pressedSinceMs = isPressed ? (this.#pressedSinceMs ?? nowMs) : undefined;
    const { unknownShare } = this.#terms;
    const strangersPerSecond = this.#strangers.perSecond;
    this.#shares.tick(elapsedMs, { perSecond: this.#perSecond, strangersPerSecond, unknownShare });
    return change;
  }

  /** The share of a source; Infinity: it may have all it likes. */
  shareOf({ isKnown }: Pick<Asking, 'isKnown'>): number {
    return this.#shares.share(isKnown);
  }

  source(name: string): CallSource | undefined {
    return this.#shares.source(name);
  }

  /** Those that send most. */
  largestSources(most: number): readonly CallSource[] {
    return this.#shares.largest(most);
  }

  #count(isKnown: boolean, isRefused: boolean): void {
    if (isRefused) this.#refused++;
    else this.#begun++;
    if (isKnown) return;
    this.#asked.all++;
    if (isRefused) this.#asked.refused++;
  }

  get #perSecond(): number {
    return Math.min(this.#rate.perSecond, this.#terms.mostRate);
  }
}
