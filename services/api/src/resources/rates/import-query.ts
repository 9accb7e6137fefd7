import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import { parseQueryTime } from '../../core/query-time.ts';
import {
  rateFields,
  type RateField,
  type WantedColumns,
} from '../../core/rate-file/rate-columns.ts';
import type { ReadTerms } from '../../core/rate-file/rate-reader.ts';
import type { ImportTerms } from '../../rate-ports.ts';

/** What an import is told beside the file. */
export const importQuery = z.object({
  mode: z
    .enum(['replace', 'update'])
    .default('replace')
    .describe('replace: a prefix that is not in the file is gone. update: it stays as it is.'),
  from: z
    .string()
    .optional()
    .describe(
      'Lines that name no time are in effect from then on, also in the past; by default from the moment at which the import is applied.',
    ),
  until: z.string().optional().describe('And until then; by default for ever.'),
  delimiter: z.enum(['comma', 'semicolon', 'tab', 'bar']).optional().describe('Found out.'),
  decimal: z.enum(['point', 'comma']).optional().describe('Found out.'),
  dates: z
    .enum(['dmy', 'mdy'])
    .optional()
    .describe('Which number is the day in 01/02/2027: without it such dates are bad lines.'),
  encoding: z
    .string()
    .optional()
    .describe('Such as gb18030, where columns are named by other letters. Found out.'),
  column: z
    .array(z.string())
    .default([])
    .describe(
      `FIELD=NAME for each column: ${rateFields.join(', ')}; the name in the heading, or the number of the column from 1. Found out where none is given. A prefix may stand in several, which are put together.`,
    ),
  increments: z
    .string()
    .regex(/^\d{1,4}\/\d{1,4}$/)
    .default('60/60')
    .describe('Of lines that do not say, in seconds.'),
  file: z.string().max(200).default('').describe('The name of the file, for people.'),
  note: z.string().max(1000).default('').describe('Kept with the version.'),
});

const DELIMITERS = { comma: ',', semicolon: ';', tab: '\t', bar: '|' } as const;
const MOST_INCREMENT = 3600;

/** What is to be done with a file. @throws ProblemError where the query is none */
export function importTerms(query: z.output<typeof importQuery>): {
  readonly terms: ImportTerms;
  readonly read: ReadTerms;
} {
  const { dates, decimal, delimiter, encoding, file, from, mode, until } = query;
  const effectiveFrom = from === undefined ? new Date().toISOString() : timeOf('from', from);
  const effectiveUntil = until === undefined ? undefined : timeOf('until', until);
  if (effectiveUntil !== undefined && effectiveUntil <= effectiveFrom) {
    throw fail(400, 'invalid-request', `until is ${effectiveUntil}, must be later than from, ${effectiveFrom}`); // prettier-ignore
  }
  const [first = 0, next = 0] = query.increments.split('/').map(Number);
  if (![first, next].every((each) => each >= 1 && each <= MOST_INCREMENT)) {
    throw fail(400, 'invalid-request', `increments is ${query.increments}, must be whole seconds from 1 to 3600 each, such as 60/60`); // prettier-ignore
  }
  return {
    terms: { mode, file, effectiveFrom, isAtOnce: from === undefined, effectiveUntil },
    read: {
      firstIncrement: first,
      nextIncrement: next,
      effectiveFrom,
      effectiveUntil,
      encoding,
      form: {
        decimal,
        dates,
        delimiter: delimiter && DELIMITERS[delimiter],
        columns: query.column.map(columnOf),
      },
    },
  };
}

function columnOf(text: string): WantedColumns[number] {
  const at = text.indexOf('=');
  const field = rateFields.find((each) => each === text.slice(0, at));
  if (field !== undefined && at < text.length - 1) return [field satisfies RateField, text.slice(at + 1)];
  throw fail(400, 'invalid-request', `column is "${text}", must be FIELD=NAME with one of ${rateFields.join(', ')}`);
} // prettier-ignore

function timeOf(name: string, text: string): string {
  const ms = parseQueryTime(text, Date.now());
  if (ms !== undefined) return new Date(ms).toISOString();
  throw fail(400, 'invalid-request', `${name} is "${text}", must be a time such as 2027-01-31T12:00:00Z, or a day`); // prettier-ignore
}
