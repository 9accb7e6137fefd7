/** Numbers of one subject, such as calls and answered ones. */
export type Counts = readonly number[];

/** What was counted, or found, in one round, by subject. */
export interface Sample {
  readonly atMs: number;
  readonly counts: Readonly<Record<string, Counts>>;
}

/** A series as it is kept: the counters as they were read last, and what they have grown by in each round. */
export interface KeptSeries {
  readonly raw: Readonly<Record<string, Counts>>;
  readonly samples: readonly Sample[];
}

/** Where nobody has counted for so long, it is not known when what has come since came. */
const LONGEST_GAP_MS = 10 * 60_000;
const SEPARATOR = '\u001F';

/** Key of a counter: of whom it is stands behind what it is kept by, such as an hour or a process. */
export function counterKey(keptBy: string, subject: string): string {
  return `${keptBy}${SEPARATOR}${subject}`;
}

/**
 * Counters over a window. Who counts tells sums that only grow, and forgets old ones (an hour that is past, a process that is gone); what
 * they have grown by since the round before is kept, and is all that a window needs.
 */
export class Samples {
  #raw: Readonly<Record<string, Counts>> | undefined;
  #samples: Sample[];
  readonly #keptMs: number;

  /** @param keptMs the longest window */
  constructor(keptMs: number, kept?: KeptSeries) {
    this.#keptMs = keptMs;
    this.#raw = kept?.raw;
    this.#samples = [...(kept?.samples ?? [])];
  }

  get raw(): Readonly<Record<string, Counts>> {
    return this.#raw ?? {};
  }

  /** What came last. */
  get last(): Sample | undefined {
    return this.#samples.at(-1);
  }

  /** Takes counters that only grow. @returns what they have grown by */
  count(raw: Readonly<Record<string, Counts>>, nowMs: number): Sample {
    const before = this.#raw;
    const last = this.#samples.at(-1)?.atMs;
    const isNew = before === undefined || last === undefined || nowMs - last > LONGEST_GAP_MS;
    this.#raw = raw;
    return this.add(isNew ? {} : growth(before, raw), nowMs);
  }

  /** Takes what was found, as it is. */
  add(counts: Readonly<Record<string, Counts>>, atMs: number): Sample {
    const sample = { atMs, counts };
    this.#samples.push(sample);
    this.#samples = this.#samples.filter((each) => each.atMs > atMs - this.#keptMs);
    return sample;
  }

  /** By subject, what was counted within the window. */
  sums(windowMs: number, nowMs: number): ReadonlyMap<string, Counts> {
    const sums = new Map<string, number[]>();
    for (const { counts } of this.#within(windowMs, nowMs)) {
      for (const [subject, numbers] of Object.entries(counts)) addTo(sums, subject, numbers);
    }
    return sums;
  }

  /** The most of the first number of a subject within the window; undefined where there is none. */
  most(subject: string, windowMs: number, nowMs: number): number | undefined {
    const found = this.#within(windowMs, nowMs).flatMap(({ counts }) => counts[subject]?.[0] ?? []);
    return found.length === 0 ? undefined : Math.max(...found);
  }

  /** For how much of the window it has been counted, in ms. */
  coveredMs(windowMs: number, nowMs: number): number {
    const first = this.#samples[0]?.atMs;
    return first === undefined ? 0 : Math.min(windowMs, nowMs - first);
  }

  #within(windowMs: number, nowMs: number): Sample[] {
    return this.#samples.filter(({ atMs }) => atMs > nowMs - windowMs && atMs <= nowMs);
  }
}

function growth(
  before: Readonly<Record<string, Counts>>,
  after: Readonly<Record<string, Counts>>,
): Record<string, Counts> {
  const grown = new Map<string, number[]>();
  for (const [key, numbers] of Object.entries(after)) {
    const known = before[key];
    const more = numbers.map((number, at) => Math.max(0, number - (known?.[at] ?? 0)));
    if (more.some((number) => number > 0)) addTo(grown, subjectIn(key), more);
  }
  return Object.fromEntries(grown);
}

function subjectIn(key: string): string {
  return key.slice(key.indexOf(SEPARATOR) + 1);
}

function addTo(sums: Map<string, number[]>, subject: string, numbers: Counts): void {
  const sum = sums.get(subject);
  if (sum === undefined) sums.set(subject, [...numbers]);
  else for (const [at, number] of numbers.entries()) sum[at] = (sum[at] ?? 0) + number;
}
