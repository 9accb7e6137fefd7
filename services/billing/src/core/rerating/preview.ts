import { formatMoney, parseMoney } from '@tandem/domain';
import type { Nanos } from '@tandem/domain';
import type { ChargeSide, ReratedLine, ReratedSum } from '../../rerating-ports.ts';

/** Where the calls of an account are found. */
export interface CallSource {
  readonly account: string;
  readonly side: ChargeSide;
  /** Calls over this gateway that had no vendor then. @default those that the account was charged */
  readonly gateway?: string | undefined;
}

/** Up to which call a preview counts: the source, and the call in it. */
export interface PreviewPlace {
  readonly source: number;
  readonly startedMs: number;
  readonly callId: string;
}

/** As jsonb has it: money is text in it. */
export interface WrittenPreview {
  readonly place: PreviewPlace;
  /** How many sources there are. */
  readonly sources: number;
  readonly sums: readonly WrittenSum[];
  readonly dearest: readonly WrittenLine[];
}

type WrittenSum = Omit<ReratedSum, 'before' | 'after'> & { readonly before: string; readonly after: string }; // prettier-ignore
type WrittenLine = Omit<ReratedLine, 'before' | 'after'> & { readonly before: string; readonly after: string | null }; // prettier-ignore

const MOST_DEAREST = 20;

/** Counts charges as they are rated once more. */
export class Preview {
  readonly #sums: Map<string, ReratedSum>;
  #dearest: readonly ReratedLine[];

  constructor(written?: Pick<WrittenPreview, 'sums' | 'dearest'>) {
    const { dearest, sums } = readPreview(written);
    this.#sums = new Map(sums.map((sum) => [keyOf(sum), sum]));
    this.#dearest = dearest;
  }

  /** @returns whether there is something to book, or to tell */
  count(charged: Omit<ReratedLine, 'place'>): boolean {
    const { account, after, before, currency, side } = charged;
    const key = keyOf({ account, side, currency });
    const known = this.#sums.get(key) ?? { account, side, currency, calls: 0, differing: 0, unrated: 0, before: 0n, after: 0n }; // prettier-ignore
    const differs = after !== undefined && after !== before;
    this.#sums.set(key, {
      ...known,
      calls: known.calls + 1,
      differing: known.differing + Number(differs),
      unrated: known.unrated + Number(after === undefined),
      before: known.before + before,
      after: known.after + (after ?? before),
    });
    return differs || after === undefined;
  }

  /** Keeps the dearest of the lines. */
  rank(lines: readonly ReratedLine[]): void {
    const all = [...this.#dearest, ...lines.filter(({ after }) => after !== undefined)];
    this.#dearest = all.sort((one, other) => compare(sizeOf(other), sizeOf(one)) || one.place - other.place).slice(0, MOST_DEAREST); // prettier-ignore
  }

  written(): Pick<WrittenPreview, 'sums' | 'dearest'> {
    return {
      sums: [...this.#sums.values()].map((sum) => ({ ...sum, before: formatMoney(sum.before), after: formatMoney(sum.after) })), // prettier-ignore
      dearest: this.#dearest.map((line) => ({ ...line, before: formatMoney(line.before), after: line.after === undefined ? null : formatMoney(line.after) })), // prettier-ignore
    };
  }
}

/** What was counted, out of jsonb. */
export function readPreview(written: Pick<WrittenPreview, 'sums' | 'dearest'> | undefined): {
  readonly sums: readonly ReratedSum[];
  readonly dearest: readonly ReratedLine[];
} {
  const { dearest = [], sums = [] } = written ?? {};
  return {
    sums: sums.map((sum) => ({ ...sum, before: parseMoney(sum.before), after: parseMoney(sum.after) })), // prettier-ignore
    dearest: dearest.map((line) => ({ ...line, before: parseMoney(line.before), after: line.after === null ? undefined : parseMoney(line.after) })), // prettier-ignore
  };
}

/** How much of it all is done. */
export function shareOf(
  { place, sources }: Pick<WrittenPreview, 'place' | 'sources'>,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): number {
  const within = Math.min(1, Math.max(0, (place.startedMs - fromMs) / (untilMs - fromMs)));
  return sources === 0 ? 1 : Math.min(1, (place.source + within) / sources);
}

function keyOf({
  account,
  currency,
  side,
}: Pick<ReratedSum, 'account' | 'currency' | 'side'>): string {
  // prettier-ignore
  return `${side} ${currency} ${account}`;
}

function sizeOf({ after, before }: ReratedLine): Nanos {
  const difference = (after ?? before) - before;
  return difference < 0n ? -difference : difference;
}

function compare(one: Nanos, other: Nanos): number {
  return one < other ? -1 : Number(one > other);
}
