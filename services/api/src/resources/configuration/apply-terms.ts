import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import { signedIn } from '../../api/principal.ts';
import type { ApplyTerms } from '../../apply-document.ts';

/** What a request that changes one thing may say about it. */
export const changeQuery = z.object({
  dryRun: z.boolean().default(false).describe('Check and compare only.'),
  note: z.string().max(1000).default('').describe('Kept with the version.'),
});

/** What a request that applies a document may say about it. */
export const applyQuery = changeQuery.extend({
  allowRemoval: z
    .int()
    .min(0)
    .optional()
    .describe('How many entries may be removed, over all kinds.'),
});

/** What every operation that applies something tells of its rules. */
export const REMOVAL_RULE =
  'Where it would remove more than 5 entries of a kind (parameters, rate groups, accounts, phones, gateways, their groups, rates, prefixes) that are more than 10 % of it, leave none of a kind (parameters aside) that had several, or leave nothing of what there was, it is refused with 409 unless allowRemoval is at least the number of all entries that it removes. With allowRemoval it is refused where it removes more.';

type TermsRequest = FastifyRequest<{ Querystring: z.output<typeof applyQuery> }>;

/** @param defaultNote kept where none was given */
export function readApplyTerms(request: TermsRequest, defaultNote = ''): ApplyTerms {
  const { query, headers } = request;
  return {
    context: {
      appliedBy: signedIn(request).name,
      note: query.note === '' ? defaultNote : query.note,
      isDryRun: query.dryRun,
    },
    expectedVersion: expectedVersion(headers['if-match']),
    allowRemoval: query.allowRemoval,
  };
}

/** `If-Match: "12"` or `12`; `*` is any version. */
function expectedVersion(header: string | undefined): number | undefined {
  if (header === undefined || header === '*') return undefined;
  const match = /^(?:W\/)?"?(\d{1,15})"?$/.exec(header.trim());
  if (match === null) {
    throw fail(
      400,
      'invalid-request',
      'If-Match must be a version such as "12", as the ETag gives it',
    );
  }
  return Number(match[1]);
}
