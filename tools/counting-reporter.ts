import type { TestEvent } from 'node:test/reporters';

/**
 * A reporter of node:test that writes the counts of a run as one JSON object, for the closing summary of
 * several runs.
 */
// eslint-disable-next-line no-restricted-syntax -- node:test loads a reporter by its default export
export default async function* countingReporter(
  source: AsyncIterable<TestEvent>,
): AsyncGenerator<string> {
  for await (const event of source) {
    // The summary of the whole run names no file.
    if (event.type === 'test:summary' && event.data.file === undefined) {
      yield `${JSON.stringify({ ...event.data.counts, durationMs: event.data.duration_ms })}\n`;
    }
  }
}
