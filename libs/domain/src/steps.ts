/** Work that can be paused after each step, so that nobody waits for all of it. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Items of a list that are done in one step: some two milliseconds where each becomes an entry of a table. */
const STEP = 200;

/** Visits each item, in steps. */
export function* eachInSteps<T>(items: Iterable<T>, visit: (item: T) => void): Steps<void> {
  let visited = 0;
  for (const item of items) {
    if (visited > 0 && visited % STEP === 0) yield;
    visit(item);
    visited += 1;
  }
}

/** Texts that are put in order in one step: some two milliseconds. */
const SORTED = 2000;
/** Texts that are merged in one step; likewise. */
const MERGED = 20_000;

/** The texts in the order of their UTF-16 code units, as `sort` has it, in steps. */
export function* sortedInSteps(texts: readonly string[]): Steps<readonly string[]> {
  let runs: (readonly string[])[] = [];
  for (let from = 0; from < texts.length; from += SORTED) {
    if (from > 0) yield;
    runs.push(texts.slice(from, from + SORTED).sort());
  }
  while (runs.length > 1) {
    const merged: (readonly string[])[] = [];
    for (let at = 0; at < runs.length; at += 2) {
      merged.push(yield* mergedInSteps(runs[at] ?? [], runs[at + 1] ?? []));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function* mergedInSteps(one: readonly string[], other: readonly string[]): Steps<string[]> {
  const merged: string[] = [];
  let [at, otherAt] = [0, 0];
  for (;;) {
    const [text, otherText] = [one[at], other[otherAt]];
    if (text === undefined && otherText === undefined) return merged;
    if (otherText === undefined || (text !== undefined && text <= otherText)) {
      merged.push(text ?? '');
      at += 1;
    } else {
      merged.push(otherText);
      otherAt += 1;
    }
    if (merged.length % MERGED === 0) yield;
  }
}

/** Does all steps now. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
