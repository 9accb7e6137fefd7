import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';

/** A test that failed, as the closing summary names it. */
export interface FailedTest {
  readonly name: string;
  /** The first line of what it failed with. */
  readonly message: string;
}

/** What came of the tests of a kind. */
export interface Outcome {
  readonly counts: Readonly<Partial<Record<string, number>>>;
  readonly durationMs: number;
  /** Files in which something failed, relative to the repository. */
  readonly failedFiles: readonly string[];
  readonly failedTests: readonly FailedTest[];
}

/**
 * A reporter of node:test that writes the outcome of a run as one JSON object, for the closing summary of
 * several runs.
 */
// eslint-disable-next-line no-restricted-syntax -- node:test loads a reporter by its default export
export default async function* countingReporter(
  source: AsyncIterable<TestEvent>,
): AsyncGenerator<string> {
  const failedFiles = new Set<string>();
  const failedTests: FailedTest[] = [];
  for await (const event of source) {
    if (event.type === 'test:fail') {
      const { name, nesting, details } = event.data;
      const message = firstLine(details.error);
      if (!/^\d+ subtests? failed$/.test(message)) failedTests.push({ name, message });
      // A file whose process died has no summary, but is a test by itself.
      if (nesting === 0 && name.endsWith('.test.ts')) failedFiles.add(relative('.', name));
    } else if (event.type === 'test:summary') {
      const { file, success, counts, duration_ms: durationMs } = event.data;
      // The summary of the whole run names no file.
      if (file !== undefined) {
        if (!success) failedFiles.add(relative('.', file));
        continue;
      }
      const outcome: Outcome = { counts: { ...counts }, durationMs, failedFiles: [...failedFiles].sort(), failedTests }; // prettier-ignore
      yield `${JSON.stringify(outcome)}\n`;
    }
  }
}

/** What was thrown stands in the cause of the error that node:test makes. */
function firstLine({ cause, message }: Error): string {
  const text = cause instanceof Error ? cause.message : message;
  return (text.split('\n').find((line) => line.trim() !== '') ?? '').slice(0, 300);
}
