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

/** Does all steps now. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
