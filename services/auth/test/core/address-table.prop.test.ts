import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressTable } from '../../src/core/address-table.ts';
import { parseIpAddress } from '../../src/core/ip-address.ts';

interface Block {
  readonly first: bigint;
  readonly length: number;
}

/** Few distinct bits, so that blocks overlap and addresses hit them. */
function blocks(width: number): fc.Arbitrary<Block> {
  return fc
    .record({ seed: fc.bigInt(0n, 255n), length: fc.integer({ min: 0, max: width }) })
    .map(({ seed, length }) => ({ first: masked(spread(seed, width), length, width), length }));
}

/** The eight bits of a seed, spread evenly over an address. */
function spread(seed: bigint, width: number): bigint {
  let value = 0n;
  for (let bit = 0; bit < 8; bit += 1) {
    if ((seed >> BigInt(bit)) & 1n) value |= 1n << BigInt((bit * width) / 8 + 1);
  }
  return value;
}

function masked(value: bigint, length: number, width: number): bigint {
  const host = BigInt(width - length);
  return (value >> host) << host;
}

function format(value: bigint, width: number): string {
  const size = width === 32 ? 8n : 16n;
  const count = width === 32 ? 4 : 8;
  const parts = Array.from({ length: count }, (_, index) => {
    const part = (value >> (size * BigInt(count - 1 - index))) & ((1n << size) - 1n);
    return part.toString(width === 32 ? 10 : 16);
  });
  return parts.join(width === 32 ? '.' : ':');
}

for (const width of [32, 128]) {
  test(`AUTH-01 among blocks of ${String(width)} bits the one found is the longest that holds the address`, () => {
    fc.assert(
      fc.property(fc.array(blocks(width), { maxLength: 20 }), fc.bigInt(0n, 255n), (list, seed) => {
        const table = new AddressTable<number>();
        for (const { first, length } of list) {
          table.add(`${format(first, width)}/${String(length)}`, length);
        }
        const value = spread(seed, width);
        const address = parseIpAddress(format(value, width));
        assert.ok(address);
        const lengths = list
          .filter(({ first, length }) => masked(value, length, width) === first)
          .map(({ length }) => length);
        const longest = lengths.length === 0 ? undefined : Math.max(...lengths);
        assert.equal(table.find(address), longest);
      }),
    );
  });
}
