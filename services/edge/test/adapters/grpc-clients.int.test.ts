import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import { Decision } from '@tandem/proto/decision';
import { AuthenticateRequest, AuthServiceService } from '@tandem/proto/auth';
import type { AuthenticateRequestItem, AuthenticateResponseItem } from '@tandem/proto/auth';
import { NextCandidateRequest, RouteRequest, RoutingServiceService } from '@tandem/proto/routing';
import type { RouteRequestItem, RouteResponseItem } from '@tandem/proto/routing';
import { grpcService, serveBatchStream, serveGrpc, silentLogger } from '@tandem/service';
import type { GrpcServer } from '@tandem/service';
import { freeTcpPort } from '@tandem/testing';
import { grpcAuthClient } from '../../src/adapters/grpc-auth-client.ts';
import { grpcRoutingClient } from '../../src/adapters/grpc-routing-client.ts';
import { allowed, candidateOf, nextIs, routedTo } from '../support/call-samples.ts';

const logger = silentLogger();
const unused = (): Promise<never> => Promise.reject(new Error('not asked for'));

function serveAuth(
  handle: (item: AuthenticateRequestItem) => Promise<AuthenticateResponseItem>,
): Promise<GrpcServer> {
  const service = grpcService(
    AuthServiceService,
    {
      authenticate: unused,
      listSuspensions: unused,
      liftSuspension: unused,
      listBlacklist: unused,
      addToBlacklist: unused,
      liftFromBlacklist: unused,
      listAuthenticationFailures: unused,
    },
    {
      authenticateStream: (call) =>
        serveBatchStream(call, {
          handle,
          toError: (error) => ({ id: 0, response: undefined, error }),
        }),
    },
  );
  return serveGrpc({ listen: '127.0.0.1:0', services: [service], logger });
}

function serveRouting(
  handle: (item: RouteRequestItem) => Promise<RouteResponseItem>,
): Promise<GrpcServer> {
  const service = grpcService(
    RoutingServiceService,
    {
      route: unused,
      nextCandidate: unused,
      rest: unused,
      listRests: unused,
      endRest: unused,
      analyse: unused,
      replay: unused,
      listLines: unused,
      takeChecks: unused,
      listGateways: unused,
      listCheckTargets: unused,
    },
    {
      routeStream: (call) =>
        serveBatchStream(call, {
          handle,
          toError: (value): RouteResponseItem => ({ id: 0, response: { $case: 'error', value } }),
        }),
    },
  );
  return serveGrpc({ listen: '127.0.0.1:0', services: [service], logger });
}

const settingsOf = (port: number, deadlineMs = 5000) => ({
  address: `127.0.0.1:${String(port)}`,
  deadlineMs,
  logger,
});
/** A reply of the tests as its service gives it: with decisions that are not encoded yet. */
function asServed<Reply extends { readonly decisions: readonly Uint8Array[] }>(
  reply: Reply,
): Omit<Reply, 'decisions'> & { decisions: Decision[] } {
  return { ...reply, decisions: reply.decisions.map((decision) => Decision.decode(decision)) };
}

const codeIs =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof SwitchError && error.code === code;

test('AUTH-01 auth is asked over one stream, and each of many concurrent answers finds its question', async () => {
  const server = await serveAuth((item) => {
    const response = asServed(allowed());
    if (response.outcome?.$case === 'allow') {
      response.outcome.value = { ...response.outcome.value, name: item.request?.fromUser ?? '' };
    }
    return Promise.resolve({ id: 0, response, error: '' });
  });
  const client = grpcAuthClient(settingsOf(server.port));
  const users = Array.from({ length: 100 }, (_, at) => `user${String(at)}`);
  const answers = await Promise.all(
    users.map((fromUser) => client.authenticate(AuthenticateRequest.fromPartial({ fromUser }))),
  );
  assert.deepEqual(
    answers.map(({ outcome }) => (outcome?.$case === 'allow' ? outcome.value.name : '')),
    users,
  );
  assert.deepEqual(
    answers.map(({ decisions }) => decisions.map((decision) => Decision.decode(decision))),
    users.map(() => asServed(allowed()).decisions),
  );
  client.close();
  await server.close();
});

test('DENY-19 auth that cannot decide, is slow or away rejects with a SwitchError', async () => {
  const undecided = await serveAuth(() =>
    Promise.resolve({ id: 0, response: undefined, error: 'the store is away' }),
  );
  const client = grpcAuthClient(settingsOf(undecided.port));
  await assert.rejects(
    client.authenticate(AuthenticateRequest.create()),
    (error) =>
      codeIs('SWITCH_SERVICE_UNAVAILABLE')(error) && String(error).includes('store is away'),
  );
  client.close();
  await undecided.close();

  let release = (): void => undefined;
  const slow = await serveAuth(async () => {
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    return { id: 0, response: asServed(allowed()), error: '' };
  });
  const hasty = grpcAuthClient(settingsOf(slow.port, 200));
  await assert.rejects(
    hasty.authenticate(AuthenticateRequest.create()),
    codeIs('SWITCH_DEADLINE_EXCEEDED'),
  );
  release();
  hasty.close();
  await slow.close();

  const nobody = grpcAuthClient(settingsOf(await freeTcpPort(), 500));
  await assert.rejects(
    nobody.authenticate(AuthenticateRequest.create()),
    (error) => error instanceof SwitchError,
  );
  nobody.close();
});

test('ROUTE-06 routing is asked for a route and for the next candidate over one stream', async () => {
  const server = await serveRouting((item) =>
    Promise.resolve(
      item.request?.$case === 'next'
        ? {
            id: 0,
            response: {
              $case: 'next',
              value: asServed(nextIs(item.request.value.gateways[0] ?? '')),
            },
          }
        : {
            id: 0,
            response: { $case: 'route', value: asServed(routedTo([candidateOf('carrier-a')])) },
          },
    ),
  );
  const client = grpcRoutingClient(settingsOf(server.port));
  const [route, next] = await Promise.all([
    client.route(RouteRequest.create()),
    client.nextCandidate(NextCandidateRequest.fromPartial({ gateways: ['carrier-b'] })),
  ]);
  assert.equal(route.outcome?.$case, 'routed');
  assert.equal(next.gateway, 'carrier-b');
  client.close();
  await server.close();
});

test('DENY-19 an answer of routing that is an error, empty or of another kind rejects', async () => {
  const replies: RouteResponseItem['response'][] = [
    { $case: 'error', value: 'the store is away' },
    undefined,
    { $case: 'next', value: asServed(nextIs('x')) },
    { $case: 'route', value: asServed(routedTo([])) },
  ];
  const server = await serveRouting(() => Promise.resolve({ id: 0, response: replies.shift() }));
  const client = grpcRoutingClient(settingsOf(server.port));
  for (const words of [/store is away/, /no answer/, /another kind/]) {
    await assert.rejects(
      client.route(RouteRequest.create()),
      (error) => codeIs('SWITCH_SERVICE_UNAVAILABLE')(error) && words.test(String(error)),
    );
  }
  await assert.rejects(client.nextCandidate(NextCandidateRequest.create()), /another kind/);
  client.close();
  await server.close();
});
