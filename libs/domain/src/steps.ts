/** Work that can be paused after each step, so that nobody waits for all of it. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Items of a list that are done in one step: some two milliseconds where each becomes an entry of a table. */
const STEP = 200;

/** Visits each item, in steps. */
export function* eachInSteps<T>(items: readonly T[], visit: (item: T) => void): Steps<void> {
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % STEP === 0) yield;
    visit(item);
  }
}

/** Does all steps now. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
