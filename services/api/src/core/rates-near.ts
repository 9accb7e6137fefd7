import { RateReader, type PackedRates, type Rate } from '@tandem/config';
import { bareNumber, type Steps } from '@tandem/domain';
import { accessCodes } from './configured-evidence.ts';
import { nearestPrefixes } from './nearest-prefixes.ts';

/** Prefixes that are looked at before others get their turn: some milliseconds. */
const AT_ONCE = 5000;

/**
 * Of a sheet, which may have a million rates, those that say why a number has none: of the prefixes that match it, with or without what
 * was dialled before it, and of those that come nearest. With them `prefixEvidence` says what it would say with all.
 */
export function* ratesNear(packed: PackedRates, callee: string): Steps<readonly Rate[]> {
  const reader = new RateReader(packed);
  const found = new Map<string, readonly Rate[]>();
  const numbers = accessCodes.flatMap((code) =>
    callee.startsWith(code) ? [callee.slice(code.length)] : [],
  );
  for (const number of [callee, ...numbers]) addRates(reader, bareNumber(number), found);
  let nearest: readonly string[] = [];
  let some: string[] = [];
  for (const [prefix] of reader.index.entries()) {
    some.push(prefix);
    if (some.length < AT_ONCE) continue;
    nearest = nearestPrefixes([...nearest, ...some], callee);
    some = some.slice(0, 1);
    yield;
  }
  for (const prefix of nearestPrefixes([...nearest, ...some], callee))
    addRates(reader, prefix, found);
  // One that is far off says that there are others.
  if (found.size === 0) for (const prefix of some.slice(0, 1)) addRates(reader, prefix, found);
  return [...found.values()].flat();
}

/** The rates of every prefix of a number. */
function addRates(reader: RateReader, number: string, found: Map<string, readonly Rate[]>): void {
  const hits: number[] = [];
  const written = reader.index.find(number, hits);
  for (let at = 0; at < written; at += 3) {
    const prefix = number.slice(0, hits[at]);
    const values = reader.index.values.subarray(hits[at + 1], hits[at + 2]);
    found.set(
      prefix,
      Array.from(values, (value) => reader.rate(value, prefix)),
    );
  }
}
