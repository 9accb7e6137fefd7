import { didYouMean } from '@tandem/config';
import type { Origin } from '@tandem/proto/auth';
import { userOf } from '@tandem/sip';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { explainRoute } from '../core/explain-route.ts';
import { parseQueryTime } from '../core/query-time.ts';
import type { ConfigurationStore, ServicePorts } from '../ports.ts';
import { presentRouteAnalysis } from './present-explanation.ts';
import { presentNetworkTest, presentPod, presentStatus } from './present-edge.ts';
import { presentLine, presentSuspension } from './present.ts';
import { fail } from './problem.ts';
import { routeSchema } from './route-schema.ts';

const terminalParams = z.object({
  terminal: z.string().describe('As in the list: "phone 1001", with the blank as %20.'),
});
const lineQuery = z.object({
  subject: z.string().default('').describe('"account demo"; all where it is empty.'),
});
const routeQuery = z.object({
  callee: z
    .string()
    .min(1)
    .describe(
      'Called number as received: digits, the user part of a SIP URI, or a sip or tel URI.',
    ),
  from: z.string().min(1).describe('Mapping gateway by name, or phone by username.'),
  caller: z.string().default(''),
  at: z.string().optional().describe('A UTC time; now where it is not set.'),
});

/** What an operator watches and does: suspensions, lines, pods, the network, routing analysis. */
export function operationRoutes(
  app: FastifyInstance,
  { ports, store }: { ports: ServicePorts; store: ConfigurationStore },
): void {
  app.get(
    '/suspensions',
    {
      schema: routeSchema({
        id: 'listSuspensions',
        tag: 'operation',
        summary: 'Terminals that are suspended, with the cause and the end',
        answer: 'SuspensionList',
      }),
    },
    async () => {
      const { suspensions } = await ports.auth.listSuspensions({});
      return { suspensions: suspensions.map(presentSuspension) };
    },
  );

  app.delete<{ Params: z.output<typeof terminalParams> }>(
    '/suspensions/:terminal',
    {
      schema: {
        ...routeSchema({
          id: 'liftSuspension',
          tag: 'operation',
          summary: 'Lift a suspension',
          params: terminalParams,
          answer: 'SuspensionList',
          errors: [404],
        }),
        description: 'Answers the suspensions that are left.',
      },
    },
    async ({ params: { terminal } }) => {
      const { lifted } = await ports.auth.liftSuspension({ terminal });
      if (!lifted) throw fail(404, 'not-suspended', `"${terminal}" is not suspended`);
      const { suspensions } = await ports.auth.listSuspensions({});
      return { suspensions: suspensions.map(presentSuspension) };
    },
  );

  app.get<{ Querystring: z.output<typeof lineQuery> }>(
    '/lines',
    {
      schema: routeSchema({
        id: 'listLines',
        tag: 'operation',
        summary: 'Lines in use: who holds each and since when',
        query: lineQuery,
        answer: 'LineList',
      }),
    },
    async ({ query }) => ({ lines: (await ports.routing.listLines(query)).lines.map(presentLine) }),
  );

  app.get(
    '/status',
    {
      schema: routeSchema({
        id: 'getStatus',
        tag: 'operation',
        summary: 'How the edge is: calls, outbox, what it received and dropped, its network',
        answer: 'Status',
      }),
    },
    async () => presentStatus(await ports.edge.getStatus({})),
  );

  app.get(
    '/pods',
    {
      schema: routeSchema({
        id: 'listPods',
        tag: 'operation',
        summary: 'Pods and fronts of the edge that live: calls, adoptions, hand-overs',
        answer: 'PodList',
      }),
    },
    async () => ({ pods: (await ports.edge.listPods({})).pods.map(presentPod) }),
  );

  app.post(
    '/network-tests',
    {
      schema: {
        ...routeSchema({
          id: 'testNetwork',
          tag: 'operation',
          summary:
            'Test the network of an edge now: are sources preserved, does its address lead to it',
          answer: 'NetworkTest',
        }),
        description: 'Takes up to three seconds. Every edge tests its network at its start, too.',
      },
    },
    async () => presentNetworkTest(await ports.edge.testNetwork({})),
  );

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
    async ({ query: { callee, caller, from, at } }) => {
      const analysis = await ports.routing.analyse({
        origin: await originNamed(store, from),
        caller: dialledIn(caller),
        callee: dialledIn(callee),
        atMs: timeOf(at),
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

function timeOf(at: string | undefined): number {
  if (at === undefined) return 0;
  const ms = parseQueryTime(at, Date.now());
  if (ms === undefined) {
    throw fail(
      400,
      'invalid-request',
      `at is "${at}", must be a time such as 2026-01-31T12:00:00Z`,
    );
  }
  return ms;
}
