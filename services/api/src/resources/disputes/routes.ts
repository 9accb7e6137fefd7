import type { Readable } from 'node:stream';
import { readDisputeMapping } from '@tandem/migration';
import { Dispute } from '@tandem/proto/billing';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { signedIn } from '../../api/principal.ts';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { accountNamed } from '../accounts/account-named.ts';
import { pageLimit } from '../page-limit.ts';
import { presentDifference, presentDispute } from './presentation.ts';
import { inWords, receiveFile } from './receive-file.ts';
import type { DisputeRequest } from './schemas.ts';

const params = z.object({ id: z.int().min(1) });
type Params = z.output<typeof params>;
const cursor = z.string().default('').describe('nextCursor of the page before.');
const listQuery = z.object({ account: z.string().default(''), limit: pageLimit, cursor });
const differenceQuery = z.object({
  kind: z
    .enum(['', 'only-ours', 'only-theirs', 'duration', 'price', 'both'])
    .default('')
    .describe('duration and price have what differs in both, too.'),
  limit: z.int().min(1).max(5000).default(100),
  cursor,
});

const MAX_FILE_BYTES = 2 * 1024 * 1024 * 1024;

/** BILL-06: another side's CDRs are held against ours. */
export function disputeRoutes(app: FastifyInstance, { documents, ports }: RouteParts): void {
  // As it comes: a file of a million lines is never in memory.
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => {
    done(null, payload);
  });
  const found = async (id: number): Promise<Dispute> => {
    const { dispute } = await ports.billing.getDispute({ id });
    if (dispute === undefined) throw fail(404, 'no-such-dispute', `there is no dispute with the id ${String(id)}`); // prettier-ignore
    return dispute;
  };

  app.get<{ Querystring: z.output<typeof listQuery> }>(
    '/disputes',
    {
      schema: routeSchema({
        id: 'listDisputes',
        tag: 'money',
        summary: 'Files of CDRs that were compared with ours, newest first',
        query: listQuery,
        answer: 'DisputeList',
        list: 'disputes',
      }),
    },
    async ({ query }) => {
      const answer = await ports.billing.listDisputes(query);
      const nextCursor = answer.nextCursor === '' ? null : answer.nextCursor;
      return { disputes: answer.disputes.map(presentDispute), nextCursor };
    },
  );

  app.post<{ Body: DisputeRequest }>(
    '/disputes',
    {
      schema: routeSchema({
        id: 'createDispute',
        tag: 'money',
        summary: 'Say what a file of CDRs is compared with, and how it is read; then send it',
        body: 'DisputeRequest',
        answer: 'Dispute',
        errors: [404, 422],
      }),
    },
    async (request) => {
      const { account, file, from, mapping, side, tolerances, until } = request.body;
      const { type } = await accountNamed(documents.store, account);
      const text = JSON.stringify(mapping);
      await inWords(() => Promise.resolve(readDisputeMapping('mapping', text)));
      const made = {
        account,
        file,
        tolerances,
        side: side ?? type,
        mapping: text,
        fromMs: Date.parse(from),
        untilMs: Date.parse(until),
        createdBy: signedIn(request).name,
      };
      return presentDispute(await ports.billing.createDispute(Dispute.create(made)));
    },
  );

  app.put<{ Params: Params; Body: Readable | undefined }>(
    '/disputes/:id/file',
    {
      bodyLimit: MAX_FILE_BYTES,
      schema: {
        ...routeSchema({
          id: 'compareDispute',
          tag: 'money',
          summary: 'Send the file, and have it compared',
          params,
          answer: 'DisputeCompared',
          errors: [404, 415, 422],
        }),
        description:
          'The body is the CSV file as application/octet-stream. What breaks off is sent again from its beginning. One of very many lines is answered as comparing: ask for it again.',
      },
    },
    async ({ body, params: { id } }) => {
      const dispute = await found(id);
      if (body === undefined) throw fail(415, 'no-file', 'send the file as application/octet-stream'); // prettier-ignore
      const { calls, form, lines, dispute: compared } = await receiveFile(dispute, body, ports.billing); // prettier-ignore
      return {
        dispute: presentDispute(compared),
        form,
        calls,
        unfitCount: lines.unfitCount,
        unfit: lines.unfit.map(({ column, found: text, line, message }) => ({ column, found: text, line, message })), // prettier-ignore
      };
    },
  );

  app.get<{ Params: Params }>(
    '/disputes/:id',
    {
      schema: routeSchema({
        id: 'getDispute',
        tag: 'money',
        summary: 'What a comparison came to',
        params,
        answer: 'Dispute',
        errors: [404],
      }),
    },
    async ({ params: { id } }) => presentDispute(await found(id)),
  );

  app.delete<{ Params: Params }>(
    '/disputes/:id',
    {
      schema: routeSchema({
        id: 'removeDispute',
        tag: 'money',
        summary: 'Remove a comparison with its differences',
        params,
        answer: 'Dispute',
        errors: [404],
      }),
    },
    async ({ params: { id } }) => {
      const dispute = await found(id);
      await ports.billing.removeDispute({ id });
      return presentDispute(dispute);
    },
  );

  app.get<{ Params: Params; Querystring: z.output<typeof differenceQuery> }>(
    '/disputes/:id/differences',
    {
      schema: routeSchema({
        id: 'listDisputeDifferences',
        tag: 'money',
        summary: 'Calls that one side alone has, and those that the two tell differently',
        params,
        query: differenceQuery,
        answer: 'DisputeDifferenceList',
        list: 'differences',
        errors: [404],
      }),
    },
    async ({ params: { id }, query }) => {
      await found(id);
      const { cursor: after, kind, limit } = query;
      const answer = await ports.billing.listDisputeDifferences({ dispute: id, kind, limit, cursor: after }); // prettier-ignore
      const nextCursor = answer.nextCursor === '' ? null : answer.nextCursor;
      return { differences: answer.differences.map(presentDifference), nextCursor };
    },
  );
}
