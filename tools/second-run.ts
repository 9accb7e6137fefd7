/** More files than this that fail are no accident. */
const MAX_FILES = 2;

/** A file of tests that failed in the run of its kind. */
export interface FailedFile<Kind extends string> {
  readonly kind: Kind;
  readonly file: string;
}

/**
 * Runs the few files that failed once more, one after the other, each by itself (docs/adr/0102).
 * @returns the kinds of which all failed files passed now; none where too many failed
 */
export async function runAgain<Kind extends string>(
  failed: readonly FailedFile<Kind>[],
  run: (failed: FailedFile<Kind>) => Promise<boolean>,
): Promise<ReadonlySet<Kind>> {
  if (failed.length > MAX_FILES) return new Set();
  const passed = new Set(failed.map(({ kind }) => kind));
  for (const each of failed) {
    if (!(await run(each))) passed.delete(each.kind);
  }
  return passed;
}
