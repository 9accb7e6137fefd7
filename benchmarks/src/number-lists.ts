/**
 * ROUTE-10: a list of 300,000 numbers, and one of as many prefixes. CPU of a look-up and memory, beside a JavaScript Set of the same
 * numbers (for prefixes: asked for each beginning of a number).
 * usage: node src/number-lists.ts [NUMBERS]
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { listContent, NumberList } from '@tandem/domain';

/** What one run measured. */
export interface NumberListResult {
  readonly numbers: number;
  /** Seconds to make a list of text. */
  readonly loadSeconds: number;
  readonly bytes: { readonly list: number; readonly set: number };
  /** CPU of one look-up, µs: of numbers of which half are in the list. */
  readonly exactMicros: { readonly list: number; readonly set: number };
  readonly prefixMicros: { readonly list: number; readonly set: number };
}

const LOOKUPS = 200_000;

export function measureNumberLists(count: number): NumberListResult {
  const random = generator(20_260_601);
  const numbers = Array.from({ length: count }, () => `44${digits(random, 10)}`);
  const prefixes = Array.from({ length: count }, () => `44${digits(random, 4 + random(5))}`);
  const called = Array.from({ length: LOOKUPS }, (_, at) =>
    at % 2 === 0 ? (numbers[random(count)] ?? '') : `44${digits(random, 10)}`,
  );
  const longer = Array.from({ length: LOOKUPS }, (_, at) =>
    at % 2 === 0 ? `${prefixes[random(count)] ?? ''}123` : `49${digits(random, 10)}`,
  );
  const before = bytesInUse();
  const start = performance.now();
  const list = new NumberList(listContent(numbers), 'exact');
  const loadSeconds = (performance.now() - start) / 1000;
  const listBytes = bytesInUse() - before;
  const beforeSet = bytesInUse();
  // Copies, as they would come out of a store: those above belong to the measurement.
  const set = new Set(numbers.map((number) => Buffer.from(number).toString('latin1')));
  const setBytes = bytesInUse() - beforeSet;
  const prefixList = new NumberList(listContent(prefixes), 'prefix');
  const prefixSet = new Set(prefixes);
  return {
    numbers: count,
    loadSeconds,
    bytes: { list: listBytes / count, set: setBytes / count },
    exactMicros: {
      list: micros(called, (number) => list.find(number) !== undefined),
      set: micros(called, (number) => set.has(number)),
    },
    prefixMicros: {
      list: micros(longer, (number) => prefixList.find(number) !== undefined),
      set: micros(longer, (number) => beginsWithOne(prefixSet, number)),
    },
  };
}

function beginsWithOne(set: ReadonlySet<string>, number: string): boolean {
  for (let length = 1; length <= number.length; length++) {
    if (set.has(number.slice(0, length))) return true;
  }
  return false;
}

/** The least of several rounds: others have the machine, too. */
function micros(numbers: readonly string[], holds: (number: string) => boolean): number {
  let least = Infinity;
  let found = 0;
  for (let round = 0; round < 7; round++) {
    const start = process.cpuUsage();
    for (const number of numbers) if (holds(number)) found += 1;
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / numbers.length);
  }
  if (found === 0) throw new Error('nothing was found: the measurement is of nothing');
  return least;
}

function digits(random: (below: number) => number, length: number): string {
  return Array.from({ length }, () => String(random(10))).join('');
}

/** Mulberry32: the same numbers in each run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Typed arrays are outside the heap. */
function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  // What the first has found is given back by the second.
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

if (import.meta.main) {
  const count = Number(process.argv[2] ?? 300_000);
  const { bytes, exactMicros, loadSeconds, prefixMicros } = measureNumberLists(count);
  const rows = [
    ['', 'list', 'Set', 'list / Set'],
    row('bytes a number', bytes, 1),
    row('exact, µs a look-up', exactMicros, 3),
    row('prefix, µs a look-up', prefixMicros, 3),
  ];
  for (const cells of rows) process.stdout.write(`| ${cells.join(' | ')} |\n`);
  process.stdout.write(`${String(count)} numbers, made in ${loadSeconds.toFixed(2)} s\n`);
}

function row(
  name: string,
  { list, set }: { readonly list: number; readonly set: number },
  places: number,
): string[] {
  return [name, list.toFixed(places), set.toFixed(places), (list / set).toFixed(2)];
}
