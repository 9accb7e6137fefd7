import { RateReader } from '@tandem/config';
import type { PackedLists, Rate } from '@tandem/config';
import { PrefixTable } from '@tandem/domain';

/** Rates after which they are read anew: those stay that calls ask for now. */
const MOST_RATES = 20_000;

/**
 * The rates of all groups of one version, read out of what is packed as calls ask for them: a sheet of a million takes 30 MB
 * so, and nothing of it is looked at when it comes into effect. A rate that is asked for again is the same object.
 */
export class RateSheets {
  readonly #packed: PackedLists['rates'];
  /** Of each group, by prefix and value: a prefix may have several rates, each in its time (BILL-02). */
  readonly #known = new Map<string, Map<string, Rate>>();
  #size = 0;

  constructor(packed: PackedLists['rates']) {
    this.#packed = packed;
  }

  /** The rates of a group by prefix. */
  of(group: string): PrefixTable<Rate> {
    const packed = this.#packed.get(group);
    if (packed === undefined) return new PrefixTable<Rate>([]);
    const reader = new RateReader(packed);
    return new PrefixTable({
      index: reader.index,
      valueOf: (value, prefix) => {
        const key = `${prefix} ${String(value)}`;
        return (
          this.#known.get(group)?.get(key) ?? this.#keep(group, key, reader.rate(value, prefix))
        );
      },
    });
  }

  #keep(group: string, key: string, rate: Rate): Rate {
    if (this.#size >= MOST_RATES) {
      this.#known.clear();
      this.#size = 0;
    }
    const rates = this.#known.get(group) ?? new Map<string, Rate>();
    this.#known.set(group, rates.set(key, rate));
    this.#size += 1;
    return rate;
  }
}
