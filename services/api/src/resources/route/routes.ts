import { didYouMean } from '@tandem/config';
import type { Origin } from '@tandem/proto/auth';
import { isSipsUri, userOf } from '@tandem/sip';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { fail } from '../../api/problem.ts';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { explainRoute } from '../../core/explain-route.ts';
import type { ConfigurationStore } from '../../ports.ts';
import { readQueryTime } from '../times.ts';
import { presentRouteAnalysis } from './presentation.ts';

const routeQuery = z.object({
  callee: z
    .string()
    .min(1)
    .describe(
      'Called number as received: digits, the user part of a SIP URI, or a sip, sips or tel URI.',
    ),
  from: z.string().min(1).describe('Mapping gateway by name, or phone by username.'),
  caller: z.string().default(''),
  at: z.string().optional().describe('A UTC time; now where it is not set.'),
  seconds: z
    .int()
    .min(0)
    .max(4_294_967_295)
    .default(0)
    .describe('How long it would last once it is answered: what is charged for that is in charge.'),
});

/** Routing analysis (ROUTE-12). */
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
    async ({ query: { callee, caller, from, at, seconds } }) => {
      const analysis = await ports.routing.analyse({
        origin: await originNamed(documents.store, from),
        caller: dialledIn(caller),
        callee: dialledIn(callee),
        isSips: isSipsUri(callee),
        atMs: readQueryTime('at', at),
        seconds,
      });
      return presentRouteAnalysis(explainRoute(analysis));
    },
  );
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
