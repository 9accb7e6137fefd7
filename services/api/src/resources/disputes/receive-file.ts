import { randomUUID } from 'node:crypto';
import { DisputeLines, MappingMistakes, UnreadableFile, csvLines } from '@tandem/migration';
import { readDisputeMapping } from '@tandem/migration';
import type { Dispute } from '@tandem/proto/billing';
import { fail, problem, ProblemError } from '../../api/problem.ts';
import type { BillingPort } from '../../ports.ts';

/** What became of a file. */
interface ReceivedFile {
  readonly dispute: Dispute;
  readonly form: string;
  readonly calls: number;
  readonly lines: DisputeLines;
}

/**
 * Reads another side's CDRs as they come, and passes them on some at a time, so that a file may be as long as it likes.
 * @throws ProblemError where it cannot be read
 */
export async function receiveFile(
  dispute: Dispute,
  chunks: AsyncIterable<Uint8Array>,
  billing: BillingPort,
): Promise<ReceivedFile> {
  const { file, id, mapping: text } = dispute;
  return inWords(async () => {
    const mapping = readDisputeMapping('mapping', text);
    const lines = new DisputeLines(mapping);
    const attempt = randomUUID();
    let [calls, form] = [0, ''];
    for await (const some of csvLines(file, chunks, mapping)) {
      ({ form } = some.shape);
      const read = lines.read(some);
      calls += read.length;
      if (read.length > 0)
        await billing.addDisputeCalls({ dispute: id, attempt, calls: [...read] });
    }
    if (calls === 0) throw fail(422, 'nothing-to-compare', `${file} has no call that could be compared (${form})${firstOf(lines)}`); // prettier-ignore
    const compared = await billing.compareDispute({ dispute: id, attempt, calls });
    return { dispute: compared, form, calls, lines };
  });
}

/** What is wrong with a mapping or a file, as a problem. */
export async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MappingMistakes) {
      const mistakes = error.mistakes.map(({ message, path }) => ({ path: `mapping.${path}`, message })); // prettier-ignore
      throw new ProblemError(problem(422, 'mapping-invalid', error.message, { mistakes }));
    }
    if (error instanceof UnreadableFile) throw fail(422, 'file-unreadable', error.message);
    throw error;
  }
}

function firstOf({ unfit: [first] }: DisputeLines): string {
  if (first === undefined) return '';
  const { column, found, line, message } = first;
  return `; line ${String(line)}, ${column}: ${JSON.stringify(found)} ${message}`;
}
