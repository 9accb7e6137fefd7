import { CreateReratingRequest } from '@tandem/proto/billing';
import type { Rerating } from '@tandem/proto/billing';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { signedIn } from '../../api/principal.ts';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { accountNamed } from '../accounts/account-named.ts';
import { pageLimit } from '../page-limit.ts';
import { heldRatesOf } from '../rates/held-rates.ts';
import { presentRerating, presentReratingDetail, presentReratedLine } from './presentation.ts';
import type { ReratingRequest } from './schemas.ts';

const params = z.object({ id: z.int().min(1) });
type Params = z.output<typeof params>;
const cursor = z.string().default('').describe('nextCursor of the page before.');
const listQuery = z.object({ limit: pageLimit, cursor });
const lineQuery = z.object({
  only: z.enum(['', 'unrated']).default('').describe('unrated: calls that find no rate.'),
  limit: z.int().min(1).max(5000).default(100),
  cursor,
});

/** BILL-06: calls of a period are rated once more. */
export function reratingRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { documents, ports } = parts;
  const found = async (id: number): Promise<Rerating> => {
    const { rerating } = await ports.billing.getRerating({ id });
    if (rerating === undefined) throw fail(404, 'no-such-rerating', `there is no re-rating with the id ${String(id)}`); // prettier-ignore
    return rerating;
  };

  app.get<{ Querystring: z.output<typeof listQuery> }>(
    '/reratings',
    {
      schema: routeSchema({
        id: 'listReratings',
        tag: 'money',
        summary: 'Calls that were rated once more, newest first',
        query: listQuery,
        answer: 'ReratingList',
        list: 'reratings',
      }),
    },
    async ({ query }) => {
      const { nextCursor, reratings } = await ports.billing.listReratings(query);
      return { reratings: reratings.map(presentRerating), nextCursor: nextCursor === '' ? null : nextCursor }; // prettier-ignore
    },
  );

  app.post<{ Body: ReratingRequest }>(
    '/reratings',
    {
      schema: {
        ...routeSchema({
          id: 'createRerating',
          tag: 'money',
          summary:
            'Rate the calls of a period once more, and see the difference; nothing is booked',
          body: 'ReratingRequest',
          answer: 'ReratingDetail',
          isAccepted: true,
          errors: [400, 404, 409, 422],
        }),
        description:
          'Each call is rated by the rate in effect when it began. Ask for it again until its state is ready; then apply it, or cancel it.',
      },
    },
    async (request, reply) => {
      const { accounts, from, note, rates, until, version } = request.body;
      const [fromMs, untilMs] = [Date.parse(from), Date.parse(until)];
      if (untilMs <= fromMs) throw fail(400, 'invalid-request', 'until must be later than from');
      for (const account of accounts) await accountNamed(documents.store, account);
      const held = await heldRatesOf(rates, parts);
      const made = await ports.billing.createRerating(
        CreateReratingRequest.create({
          fromMs,
          untilMs,
          accounts,
          note,
          version: await versionOf(version, parts),
          held: held.map(({ group, id }) => ({ rateGroup: group, importId: id })),
          createdBy: signedIn(request).name,
        }),
      );
      return reply.code(202).header('location', `/api/v1/reratings/${String(made.id)}`).send(presentReratingDetail(made)); // prettier-ignore
    },
  );

  app.get<{ Params: Params }>(
    '/reratings/:id',
    {
      schema: routeSchema({
        id: 'getRerating',
        tag: 'money',
        summary: 'How far a re-rating is, and what it comes to',
        params,
        answer: 'ReratingDetail',
        errors: [404],
      }),
    },
    async ({ params: { id } }) => presentReratingDetail(await found(id)),
  );

  app.get<{ Params: Params; Querystring: z.output<typeof lineQuery> }>(
    '/reratings/:id/lines',
    {
      schema: routeSchema({
        id: 'listReratingLines',
        tag: 'money',
        summary: 'Calls whose price becomes another one, and those that find no rate',
        params,
        query: lineQuery,
        answer: 'ReratingLineList',
        list: 'lines',
        errors: [404],
      }),
    },
    async ({ params: { id }, query }) => {
      await found(id);
      const { cursor: after, limit, only } = query;
      const asked = { rerating: id, unrated: only === 'unrated', limit, cursor: after };
      const { lines, nextCursor } = await ports.billing.listReratingLines(asked);
      return { lines: lines.map(presentReratedLine), nextCursor: nextCursor === '' ? null : nextCursor }; // prettier-ignore
    },
  );

  app.post<{ Params: Params }>(
    '/reratings/:id/apply',
    {
      schema: {
        ...routeSchema({
          id: 'applyRerating',
          tag: 'money',
          summary: 'Book the differences of a preview',
          params,
          answer: 'ReratingDetail',
          isAccepted: true,
          errors: [404, 422],
        }),
        description:
          'Each call gets an entry of the ledger that refers to its charge; nothing is edited. Who asks again books nothing twice. Ask for it until its state is applied.',
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await found(id);
      const applied = await ports.billing.applyRerating({ id, appliedBy: signedIn(request).name });
      return reply.code(202).send(presentReratingDetail(applied));
    },
  );

  app.post<{ Params: Params; Body: { readonly note: string } }>(
    '/reratings/:id/reverse',
    {
      schema: {
        ...routeSchema({
          id: 'reverseRerating',
          tag: 'money',
          summary: 'Preview taking back what a re-rating has booked',
          params,
          body: 'ReratingReversalRequest',
          answer: 'ReratingDetail',
          isAccepted: true,
          errors: [404, 422],
        }),
        description: 'It is a re-rating of its own: apply it when its state is ready.',
      },
    },
    async (request, reply) => {
      const { id: reverses } = request.params;
      await found(reverses);
      const { note } = request.body;
      const createdBy = signedIn(request).name;
      const made = await ports.billing.createRerating(CreateReratingRequest.create({ reverses, note, createdBy })); // prettier-ignore
      return reply.code(202).header('location', `/api/v1/reratings/${String(made.id)}`).send(presentReratingDetail(made)); // prettier-ignore
    },
  );

  app.delete<{ Params: Params }>(
    '/reratings/:id',
    {
      schema: routeSchema({
        id: 'cancelRerating',
        tag: 'money',
        summary: 'Give up a re-rating that is not applied',
        params,
        answer: 'ReratingDetail',
        errors: [404, 422],
      }),
    },
    async ({ params: { id } }) => {
      await found(id);
      return presentReratingDetail(await ports.billing.cancelRerating({ id }));
    },
  );
}

/** The one in effect where none is named. @throws where there is no such version */
async function versionOf(version: number | undefined, { documents }: RouteParts): Promise<number> {
  const [found] = await documents.store.list({
    limit: 1,
    ...(version === undefined ? {} : { before: version + 1 }),
  });
  if (found !== undefined && (version === undefined || found.version === version)) return found.version; // prettier-ignore
  throw version === undefined
    ? fail(409, 'no-configuration', 'no configuration is in effect that could be rated by')
    : fail(404, 'no-such-version', `there is no version ${String(version)}`);
}
