import { addressKey, parseIpAddress, type IpAddress } from './ip-address.ts';

/**
 * Finds the most specific block that holds an address: one hash lookup per prefix length in use, so the
 * number of blocks does not matter (ten thousand gateways, ARCHITECTURE).
 */
export class AddressTable<T> {
  readonly #v4 = new Map<number, Map<number, T>>();
  readonly #v6 = new Map<number, Map<string, T>>();
  #v4Lengths: readonly number[] = [];
  #v6Lengths: readonly number[] = [];

  /** Adds `192.0.2.0/24`, `2001:db8::/32` or a single address. A block that is there already stays. */
  add(block: string, value: T): void {
    const slash = block.indexOf('/');
    const address = parseIpAddress(slash === -1 ? block : block.slice(0, slash));
    if (address === undefined) return;
    const width = address.version === 4 ? 32 : 128;
    const length = slash === -1 ? width : Number(block.slice(slash + 1));
    if (!Number.isInteger(length) || length < 0 || length > width) return;
    if (address.version === 4) {
      addTo(this.#v4, length, maskV4(address.bits, length), value);
      this.#v4Lengths = longestFirst(this.#v4);
    } else {
      addTo(this.#v6, length, maskV6(address, length), value);
      this.#v6Lengths = longestFirst(this.#v6);
    }
  }

  find(address: IpAddress): T | undefined {
    if (address.version === 4) {
      for (const length of this.#v4Lengths) {
        const found = this.#v4.get(length)?.get(maskV4(address.bits, length));
        if (found !== undefined) return found;
      }
      return undefined;
    }
    for (const length of this.#v6Lengths) {
      const found = this.#v6.get(length)?.get(maskV6(address, length));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function addTo<K, T>(table: Map<number, Map<K, T>>, length: number, key: K, value: T): void {
  let blocks = table.get(length);
  if (blocks === undefined) {
    blocks = new Map();
    table.set(length, blocks);
  }
  if (!blocks.has(key)) blocks.set(key, value);
}

function longestFirst(table: ReadonlyMap<number, unknown>): readonly number[] {
  return [...table.keys()].sort((a, b) => b - a);
}

/** A shift by 32 is a shift by 0 in JavaScript, hence the case of its own. */
function maskV4(bits: number, length: number): number {
  return length === 0 ? 0 : (bits & (-1 << (32 - length))) >>> 0;
}

function maskV6(address: IpAddress & { version: 6 }, length: number): string {
  const high = length >= 64 ? address.high : maskHalf(address.high, length);
  const low = length <= 64 ? 0n : maskHalf(address.low, length - 64);
  return addressKey({ version: 6, high, low });
}

function maskHalf(half: bigint, length: number): bigint {
  const hostBits = BigInt(64 - length);
  return (half >> hostBits) << hostBits;
}
