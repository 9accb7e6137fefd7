import { didYouMean } from '@tandem/config';
import type { Origin } from '@tandem/proto/auth';
import type { AnalyseRequest } from '@tandem/proto/routing';
import { isSipsUri, userOf } from '@tandem/sip';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { explainRoute, type ExplainedRoute } from '../../core/explain-route.ts';
import type { ConfigurationStore } from '../../ports.ts';
import { readQueryTime } from '../times.ts';
import { presentRouteAnalysis, presentRouteSummary } from './presentation.ts';
import type { RouteCalls, RouteSummaryView } from './schemas.ts';

const routeQuery = z.object({
  callee: z
    .string()
    .min(1)
    .describe(
      'Called number as received: digits, the user part of a SIP URI, or a sip, sips or tel URI.',
    ),
  from: z.string().min(1).describe('Mapping gateway by name, or phone by username.'),
  caller: z
    .string()
    .default('')
    .describe('Calling number as received; of a phone its own name where it is not given.'),
  at: z.string().optional().describe('A UTC time; now where it is not set.'),
  seconds: z
    .int()
    .min(0)
    .max(4_294_967_295)
    .default(0)
    .describe('How long it would last once it is answered: what is charged for that is in charge.'),
});

/** Analyses that routing is asked for at a time: few, so that no live call waits for a file of numbers. */
const AT_ONCE = 4;

/** Routing analysis (ROUTE-12): of one call with all of its reasons, or of some calls. */
export function routeRoutes(app: FastifyInstance, { documents, ports }: RouteParts): void {
  app.get<{ Querystring: z.output<typeof routeQuery> }>(
    '/route',
    {
      schema: routeSchema({
        id: 'analyseRoute',
        tag: 'operation',
        summary: 'Where a call would go, and why each gateway was taken or left; no side effect',
        query: routeQuery,
        answer: 'RouteAnalysis',
        errors: [404],
      }),
    },
    async ({ query: { at, from, ...call } }) => {
      const origin = await originNamed(documents.store, from);
      return presentRouteAnalysis(await analysed(call, { origin, atMs: readQueryTime('at', at) }));
    },
  );

  app.post<{ Body: RouteCalls }>(
    '/route',
    {
      schema: routeSchema({
        id: 'analyseRoutes',
        tag: 'operation',
        summary: 'Where each of some calls would go; no side effect',
        body: 'RouteCalls',
        answer: 'RouteSummaryList',
        errors: [404, 413, 415],
      }),
    },
    async ({ body: { at, calls, from } }) => {
      const common = {
        origin: await originNamed(documents.store, from),
        atMs: readQueryTime('at', at),
      };
      const analyses: RouteSummaryView[] = [];
      const left = calls.entries();
      // Each takes the next one when it has done one: calls are routed in between.
      const some = Array.from({ length: AT_ONCE }, async () => {
        for (const [index, call] of left) {
          analyses[index] = presentRouteSummary(call, await analysed(call, common));
        }
      });
      await Promise.all(some);
      return { analyses };
    },
  );

  async function analysed(
    {
      callee,
      caller,
      seconds = 0,
    }: { readonly callee: string; readonly caller: string; readonly seconds?: number },
    common: Pick<AnalyseRequest, 'origin' | 'atMs'>,
  ): Promise<ExplainedRoute> {
    const analysis = await ports.routing.analyse({
      ...common,
      caller: caller === '' ? ownNumber(common.origin) : dialledIn(caller),
      callee: dialledIn(callee),
      isSips: isSipsUri(callee),
      seconds,
    });
    return explainRoute(analysis);
  }
}

/** What a phone gives as its number, as a rule: lists of callers have something to look at. */
function ownNumber(origin: Origin | undefined): string {
  return origin?.kind === 'phone' ? origin.name : '';
}

/** What the edge would send of a URI; a number is that itself. */
function dialledIn(text: string): string {
  return /^(?:sips?|tel):/i.test(text) ? userOf(text) : text;
}

async function originNamed(store: ConfigurationStore, name: string): Promise<Origin> {
  const current = await store.current();
  const phones = current?.configuration.phones ?? [];
  const gateways = current?.configuration.mappingGateways ?? [];
  const phone = phones.find(({ username }) => username === name);
  if (phone !== undefined) return { kind: 'phone', name, account: phone.account };
  const gateway = gateways.find((candidate) => candidate.name === name);
  if (gateway !== undefined) return { kind: 'mapping-gateway', name, account: gateway.account };
  const known = [...gateways.map((entry) => entry.name), ...phones.map(({ username }) => username)];
  throw fail(
    404,
    'no-such-origin',
    `"${name}" is neither a mapping gateway nor a phone${didYouMean(name, known)}`,
  );
}
