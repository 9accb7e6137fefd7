import { Dispute, GetStatementResponse, Invoice, Rerating } from '@tandem/proto/billing';
import { GetStatusResponse } from '@tandem/proto/edge';
import { createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { silentLogger, type Logger } from '@tandem/service';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { advertisedAddresses } from '../src/adapters/advertised-addresses.ts';
import { memoryAlarmStore } from '../src/adapters/memory-alarm-store.ts';
import { memoryConfigurationStore } from '../src/adapters/memory-configuration-store.ts';
import { memoryNumberListStore } from '../src/adapters/memory-number-list-store.ts';
import { memoryReplayStore } from '../src/adapters/memory-replay-store.ts';
import { buildServer } from '../src/api/server.ts';
import type { ConfigurationStore, ServicePorts } from '../src/ports.ts';
import type { OperatorParts } from '../src/api/route-parts.ts';
import { checkAnswers } from './answer-check.ts';
import { noRates } from './no-rates.ts';
import { memoryOperators, type OperatorOptions } from './operators-under-test.ts';

export const TEST_TOKEN = 'test-token-of-no-other-use-than-this';

/** The configuration that the switch starts with. */
export const example = readFileSync(
  new URL('../../../examples/first-call.yaml', import.meta.url),
  'utf8',
);

/** A registrar that knows nothing of carriers. */
export const noCarriers = {
  listOutbound: () => Promise.resolve({ registrations: [] }),
  retryOutbound: () => Promise.resolve({ registration: undefined }),
};

/** Ports of services that know nothing: each test replaces what it needs. */
const noInvoice = { id: 1, kind: 'invoice', state: 'draft' };

export function emptyPorts(): ServicePorts {
  return {
    auth: {
      listSuspensions: () => Promise.resolve({ suspensions: [] }),
      liftSuspension: () => Promise.resolve({ lifted: false }),
      listBlacklist: () => Promise.resolve({ entries: [] }),
      addToBlacklist: ({ source }) => Promise.resolve({ source, refused: '' }),
      liftFromBlacklist: () => Promise.resolve({ lifted: false }),
      listAuthenticationFailures: () => Promise.resolve({ failures: [] }),
    },
    routing: {
      analyse: () =>
        Promise.resolve({
          route: undefined,
          price: '',
          configurationVersion: 0,
          charge: undefined,
        }),
      replay: () => Promise.resolve({ isReady: false, routes: [] }),
      listLines: () => Promise.resolve({ lines: [] }),
      listRests: () => Promise.resolve({ rests: [] }),
      endRest: () => Promise.resolve({ ended: false }),
      listGateways: () => Promise.resolve({ gateways: [], nextAfter: '' }),
      listCheckTargets: () =>
        Promise.resolve({ isKnown: false, addresses: [], names: [], isDynamic: false }),
    },
    billing: {
      listCdrs: () => Promise.resolve({ cdrs: [], nextCursor: '' }),
      getCdr: () => Promise.resolve({ cdrs: [] }),
      listBalances: () => Promise.resolve({ balances: [] }),
      bookPayment: () => Promise.resolve({ balance: undefined, booked: true }),
      listPayments: () => Promise.resolve({ payments: [], nextCursor: '' }),
      getStatement: () => Promise.resolve(GetStatementResponse.create()),
      listReconciliations: () => Promise.resolve({ reconciliations: [] }),
      exportCdrs: () => Promise.resolve({ csv: Buffer.alloc(0), cdrs: 0, nextCursor: '' }),
      getLag: () => Promise.resolve({ events: 0 }),
      analyseCalls: ({ fromMs, untilMs }) =>
        Promise.resolve({ rows: [], fromMs, untilMs, more: false }),
      draftInvoice: () => Promise.resolve(Invoice.create(noInvoice)),
      draftCreditNote: () => Promise.resolve(Invoice.create(noInvoice)),
      issueInvoice: () => Promise.resolve(Invoice.create(noInvoice)),
      discardInvoice: () => Promise.resolve({}),
      listInvoices: () => Promise.resolve({ invoices: [], nextCursor: '' }),
      getInvoice: () => Promise.resolve({ invoice: undefined, lines: [] }),
      createDispute: (asked) => Promise.resolve({ ...asked, id: 1, state: 'receiving' }),
      addDisputeCalls: () => Promise.resolve({}),
      compareDispute: () => Promise.resolve(Dispute.create({ id: 1, state: 'comparing' })),
      removeDispute: () => Promise.resolve({}),
      listDisputes: () => Promise.resolve({ disputes: [], nextCursor: '' }),
      getDispute: () => Promise.resolve({ dispute: undefined }),
      createRerating: (asked) =>
        Promise.resolve(Rerating.create({ ...asked, id: 1, state: 'previewing' })),
      getRerating: () => Promise.resolve({ rerating: undefined }),
      listReratings: () => Promise.resolve({ reratings: [], nextCursor: '' }),
      listReratingLines: () => Promise.resolve({ lines: [], nextCursor: '' }),
      applyRerating: ({ id }) => Promise.resolve(Rerating.create({ id, state: 'applying' })),
      cancelRerating: ({ id }) => Promise.resolve(Rerating.create({ id, state: 'cancelled' })),
      listDisputeDifferences: () => Promise.resolve({ differences: [], nextCursor: '' }),
    },
    edge: {
      listCalls: () => Promise.resolve({ calls: [], total: 0 }),
      getCall: () => Promise.resolve({ call: undefined }),
      hangUp: () => Promise.resolve({ result: 'no-such-call' }),
      getStatus: () => Promise.resolve(GetStatusResponse.create({ edge: 'edge-1' })),
      listPods: () => Promise.resolve({ pods: [] }),
      testNetwork: () => Promise.resolve({ edge: 'edge-1', findings: [] }),
      testAddresses: () => Promise.resolve({ edge: 'edge-1', tests: [] }),
    },
  };
}

export interface ApiUnderTest {
  readonly server: FastifyInstance;
  readonly store: ConfigurationStore;
  readonly operators: OperatorParts;
  readonly replays: ReturnType<typeof memoryReplayStore>;
  /** A request with the token. */
  ask(
    options: InjectOptions,
  ): Promise<{ status: number; body: never; headers: Record<string, unknown>; text: string }>;
}

/** The server without a socket, over a store in memory; what it answers is held against the description. */
export async function apiUnderTest(
  ports: Partial<ServicePorts> = {},
  logger: Logger = silentLogger(),
  options: OperatorOptions = {},
): Promise<ApiUnderTest> {
  const store = memoryConfigurationStore(() => new Date('2026-11-21T12:00:00Z'));
  const all = { ...emptyPorts(), ...ports };
  const secretKey = createSecretKey(Buffer.alloc(32, 7));
  const operators = memoryOperators(options);
  const replays = memoryReplayStore(() => new Date('2026-11-21T12:00:00Z'));
  const built = await buildServer({
    ports: all,
    alarms: options.alarms ?? { store: memoryAlarmStore(), deliver: () => Promise.resolve('') },
    numberLists: memoryNumberListStore(() => new Date('2026-11-21T12:00:00Z')),
    rates: { ...noRates(store), ...options.rates },
    operators,
    replays,
    requestsPerMinute: options.requestsPerMinute,
    livePeriodMs: options.livePeriodMs,
    signOfLifeMs: options.signOfLifeMs,
    documents: { store, secretKey, advertised: advertisedAddresses(all, logger) },
    token: { path: '/nowhere/api-token', isRight: (token) => token === TEST_TOKEN },
    logger,
  });
  const server = checkAnswers(built);
  return {
    server,
    store,
    operators,
    replays,
    ask: async (request) => {
      const headers = { authorization: `Bearer ${TEST_TOKEN}`, ...request.headers };
      const answer = await server.inject({ ...request, headers });
      const isJson = String(answer.headers['content-type']).includes('json');
      return {
        status: answer.statusCode,
        body: (isJson ? JSON.parse(answer.payload) : undefined) as never,
        headers: answer.headers,
        text: answer.payload,
      };
    },
  };
}

/** The same, with the example in effect. */
export async function apiWithExample(ports: Partial<ServicePorts> = {}): Promise<ApiUnderTest> {
  const api = await apiUnderTest(ports);
  const headers = { 'content-type': 'application/yaml' };
  await api.ask({ method: 'POST', url: '/api/v1/configuration', payload: example, headers });
  return api;
}
