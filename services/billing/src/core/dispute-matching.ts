import type { Nanos } from '@tandem/domain';

/** A call as one of two sides tells it. */
export interface SidedCall {
  readonly isOurs: boolean;
  /** The same where the numbers are. */
  readonly key: string;
  readonly startMs: number;
  readonly durationMs: number;
  /** Undefined where it is not told. */
  readonly price: Nanos | undefined;
  /** Among those of its side. */
  readonly place: number;
}

/** One call as both sides tell it, or one that a single side has. */
export interface Pairing<Call extends SidedCall> {
  readonly ours: Call | undefined;
  readonly theirs: Call | undefined;
}

/** More calls than this whose times hang together are cut apart: robots that call one number all month. */
const MOST_TOGETHER = 5000;

/**
 * Finds which calls of two sides are the same ones: those of one key that begin within the tolerance, the closest first; of equally close
 * ones those whose durations are closest, then those that stand first. It holds calls alone whose times hang together.
 */
export class CallMatcher<Call extends SidedCall> {
  readonly #toleranceMs: number;
  #together: Call[] = [];

  constructor(toleranceMs: number) {
    this.#toleranceMs = toleranceMs;
  }

  /** Takes the next call, by key and start. @returns what is known now of those before */
  add(call: Call): readonly Pairing<Call>[] {
    const last = this.#together.at(-1);
    const isApart =
      last !== undefined &&
      (last.key !== call.key ||
        call.startMs - last.startMs > this.#toleranceMs ||
        this.#together.length >= MOST_TOGETHER);
    const done = isApart ? this.end() : [];
    this.#together.push(call);
    return done;
  }

  /** What is known of the last ones. */
  end(): readonly Pairing<Call>[] {
    const together = this.#together;
    this.#together = [];
    const partners = new Map<Call, Call>();
    for (const [one, other] of this.#candidates(together).sort(byCloseness)) {
      if (partners.has(one) || partners.has(other)) continue;
      partners.set(one, other);
      partners.set(other, one);
    }
    const pairings: Pairing<Call>[] = [];
    for (const call of together) {
      const partner = partners.get(call);
      if (call.isOurs) pairings.push({ ours: call, theirs: partner });
      else if (partner === undefined) pairings.push({ ours: undefined, theirs: call });
    }
    return pairings;
  }

  /** Each of ours with each of theirs that begins within the tolerance. */
  #candidates(together: readonly Call[]): [Call, Call][] {
    const candidates: [Call, Call][] = [];
    for (const [index, call] of together.entries()) {
      for (let next = index + 1; next < together.length; next += 1) {
        const other = together[next];
        if (other === undefined || other.startMs - call.startMs > this.#toleranceMs) break;
        if (other.isOurs === call.isOurs) continue;
        candidates.push(call.isOurs ? [call, other] : [other, call]);
      }
    }
    return candidates;
  }
}

function byCloseness(
  [one, other]: readonly [SidedCall, SidedCall],
  [third, fourth]: readonly [SidedCall, SidedCall],
): number {
  return (
    Math.abs(one.startMs - other.startMs) - Math.abs(third.startMs - fourth.startMs) ||
    Math.abs(one.durationMs - other.durationMs) - Math.abs(third.durationMs - fourth.durationMs) ||
    one.place - third.place ||
    other.place - fourth.place
  );
}

/** How numbers are compared. */
export interface NumberFormat {
  /** What they begin with beside the number, such as a technical prefix. */
  readonly prefix: string;
  /** So many of the last digits are compared; 0 = all. */
  readonly digits: number;
}

/** A number as both sides would write it: digits alone, without + or 00 before them. */
export function comparableNumber(text: string, { digits, prefix }: NumberFormat): string {
  const plain = text.replace(/[^\d*#]/g, '');
  const cut = prefix !== '' && plain.startsWith(prefix) ? plain.slice(prefix.length) : plain;
  const bare = cut.replace(/^00/, '');
  return digits === 0 ? bare : bare.slice(-digits);
}
