import { formatMoney, parseMoney } from '@tandem/domain';
import { verdictKinds, type Verdict, type VerdictKind } from './observed-call.ts';

/** A difference that came often. */
interface Difference {
  readonly kind: VerdictKind;
  /** What the other switch did: a gateway, or "refused". */
  readonly there: string;
  /** What would be done here: a gateway, or a reason. */
  readonly here: string;
  readonly calls: number;
}

/** What many calls come to. */
export interface Summary {
  readonly calls: number;
  readonly kinds: Readonly<Record<VerdictKind, number>>;
  /** Over calls whose sums are known on both sides, by currency. */
  readonly money: readonly {
    readonly currency: string;
    readonly calls: number;
    readonly differing: number;
    readonly there: string;
    readonly here: string;
    readonly difference: string;
  }[];
  /** The most frequent first. */
  readonly differences: readonly Difference[];
}

interface Sums {
  calls: number;
  differing: number;
  there: bigint;
  here: bigint;
}

/** Counts verdicts; takes as much memory as there are kinds of differences. */
export class Tally {
  readonly #kinds = Object.fromEntries(Object.keys(verdictKinds).map((kind) => [kind, 0])) as Record<VerdictKind, number>; // prettier-ignore
  readonly #money = new Map<string, Sums>();
  readonly #differences = new Map<string, { -readonly [Key in keyof Difference]: Difference[Key] }>(); // prettier-ignore
  #calls = 0;

  add(verdict: Verdict): void {
    this.#calls += 1;
    this.#kinds[verdict.kind] += 1;
    this.#addMoney(verdict);
    if (verdict.kind === 'same' || verdict.kind === 'both-refuse') return;
    const there = verdict.call.gateways[0] ?? 'refused';
    const here = verdict.gateway || (verdict.why.split(':')[0] ?? '');
    const key = `${verdict.kind} ${there} ${here}`;
    const known = this.#differences.get(key) ?? { kind: verdict.kind, there, here, calls: 0 };
    known.calls += 1;
    this.#differences.set(key, known);
  }

  /** @param most differences that are named */
  summary(most = 20): Summary {
    return {
      calls: this.#calls,
      kinds: { ...this.#kinds },
      money: [...this.#money].map(([currency, { calls, differing, here, there }]) => ({
        currency,
        calls,
        differing,
        there: formatMoney(there),
        here: formatMoney(here),
        difference: formatMoney(here - there),
      })),
      differences: [...this.#differences.values()]
        .toSorted((a, b) => b.calls - a.calls || (a.there < b.there ? -1 : 1))
        .slice(0, most),
    };
  }

  #addMoney({ call, currency, isOtherPrice, price }: Verdict): void {
    if (price === undefined || currency === undefined || call.price === undefined) return;
    const sums = this.#money.get(currency) ?? { calls: 0, differing: 0, there: 0n, here: 0n };
    sums.calls += 1;
    if (isOtherPrice) sums.differing += 1;
    sums.there += parseMoney(call.price);
    sums.here += parseMoney(price);
    this.#money.set(currency, sums);
  }
}
