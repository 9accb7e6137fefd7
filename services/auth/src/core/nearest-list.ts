import { parseIpAddress, type IpAddress } from './ip-address.ts';
import type { AddressOrigin } from './origins.ts';

/**
 * Which gateway's list comes nearest to an address that none lists (AUTH-14): the one that has the longest beginning in common
 * with it. In the order of the numbers that stands next to the address, before or behind it.
 */
export class NearestList {
  readonly #entries: {
    readonly at: bigint;
    readonly version: 4 | 6;
    readonly origin: AddressOrigin;
  }[] = [];
  #isSorted = true;

  add(text: string, origin: AddressOrigin): void {
    const slash = text.indexOf('/');
    const address = parseIpAddress(slash === -1 ? text : text.slice(0, slash));
    if (address === undefined) return;
    this.#entries.push({ at: numberOf(address), version: address.version, origin });
    this.#isSorted = false;
  }

  /** Undefined where no list has addresses of its version. */
  find(address: IpAddress): AddressOrigin | undefined {
    const entries = this.#sorted();
    const at = numberOf(address);
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = entries[middle];
      const isBefore =
        entry !== undefined &&
        (entry.version === address.version ? entry.at < at : entry.version < address.version);
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    const [before, behind] = [entries[low - 1], entries[low]].map((entry) =>
      entry?.version === address.version ? entry : undefined,
    );
    if (before === undefined || behind === undefined) return (before ?? behind)?.origin;
    // What two numbers have in common at their beginning is longer the smaller the number is of what differs.
    return (before.at ^ at) <= (behind.at ^ at) ? before.origin : behind.origin;
  }

  #sorted() {
    if (!this.#isSorted) {
      this.#entries.sort((a, b) => a.version - b.version || (a.at < b.at ? -1 : 1));
      this.#isSorted = true;
    }
    return this.#entries;
  }
}

function numberOf(address: IpAddress): bigint {
  return address.version === 4 ? BigInt(address.bits) : (address.high << 64n) | address.low;
}
