import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { memoryLimits } from '@tandem/limits';
import type { AuthenticateRequest } from '@tandem/proto/auth';
import type { NetworkFinding } from '@tandem/proto/edge';
import { silentLogger } from '@tandem/service';
import { ScriptedPeer, freeServerPort } from '@tandem/testing';
import {
  createEdgeApp,
  edgeDefaults,
  memoryCallStore,
  soloPodRegistry,
  systemClock,
} from '../../src/app.ts';
import type { EdgeApp, EdgeConfig } from '../../src/app.ts';
import { deniedBy, nextIs, routedTo } from '../support/call-samples.ts';
import { hideTcp, hideUdp } from '../support/hiding-relay.ts';

const address = '127.0.0.1';

interface TestedEdge {
  readonly app: EdgeApp;
  /** What auth was asked. */
  readonly asked: AuthenticateRequest[];
}

async function openEdge(
  context: TestContext,
  settings: Partial<EdgeConfig> & Pick<EdgeConfig, 'sipListen'>,
): Promise<TestedEdge> {
  const asked: AuthenticateRequest[] = [];
  const app = await createEdgeApp(
    { ...edgeDefaults, name: 'edge-1', deadlineMs: 1000, ...settings },
    {
      logger: silentLogger(),
      secretKey: createSecretKey(Buffer.alloc(32, 7)),
      pods: soloPodRegistry(5),
      store: memoryCallStore(systemClock, memoryLimits().lines),
      auth: {
        authenticate: (request) => {
          asked.push(request);
          return Promise.resolve(deniedBy('IpNotAllowed'));
        },
      },
      routing: {
        route: () => Promise.resolve(routedTo([])),
        nextCandidate: () => Promise.resolve(nextIs('')),
        rest: () => Promise.resolve(),
      },
      publisher: { publish: () => Promise.resolve(), close: () => Promise.resolve() },
    },
  );
  await app.start();
  context.after(() => app.stop());
  return { app, asked };
}

/** UDP and TCP on one port, which no outgoing connection of another test takes meanwhile. */
async function listening(): Promise<EdgeConfig['sipListen']> {
  const port = await freeServerPort();
  return [
    { transport: 'udp', address, port },
    { transport: 'tcp', address, port },
  ];
}

function verdicts(findings: readonly NetworkFinding[]): string[] {
  return findings.map(({ transport, source, leadsHere }) => `${transport} ${source} ${leadsHere}`);
}

/** A call that is refused, over and done with. */
async function callThrough(port: number, { app }: TestedEdge, context: TestContext): Promise<void> {
  const caller = await ScriptedPeer.onUdp({ user: '4711' });
  context.after(() => caller.close());
  const call = caller.invite({ to: { address, port }, called: '442079460000' });
  await assert.rejects(call.answered());
  while ((await app.handlers.getStatus({})).pendingCalls > 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('CALL-07 an edge that nothing hides finds so at start, and auth is told that addresses hold', async (context) => {
  const [udp, tcp] = await listening();
  assert.ok(udp && tcp);
  const edge = await openEdge(context, { sipListen: [udp, tcp] });
  const { app, asked } = edge;
  const { edge: tester, findings } = await app.handlers.testNetwork({});
  assert.equal(tester, 'edge-1');
  assert.deepEqual(verdicts(findings), ['udp preserved yes', 'tcp preserved yes']);
  assert.deepEqual((await app.handlers.getStatus({})).network, findings);
  const { pods } = await app.handlers.listPods({});
  assert.deepEqual(
    pods.map(({ name, source }) => [name, source]),
    [['edge-1', 'preserved']],
  );
  await callThrough(udp.port, edge, context);
  assert.equal(asked[0]?.sourceHidden, false);
});

test('CALL-07 behind a relay that hides sources auth is told so, for calls of that transport', async (context) => {
  const [udp, tcp] = await listening();
  assert.ok(udp && tcp);
  const relay = await hideUdp(address, udp);
  context.after(() => relay.close());
  const overTcp = await hideTcp({ address, port: relay.port }, tcp);
  context.after(() => overTcp.close());
  const edge = await openEdge(context, {
    sipListen: [udp, tcp],
    sipAdvertised: [{ address, port: relay.port }],
  });
  const { app, asked } = edge;
  const { findings } = await app.handlers.testNetwork({});
  assert.deepEqual(verdicts(findings), ['udp hidden yes', 'tcp hidden yes']);
  for (const { sentFrom, seenFrom, text } of findings) {
    assert.notEqual(sentFrom, seenFrom);
    assert.match(text, /IP authentication is refused/);
  }
  await callThrough(relay.port, edge, context);
  assert.equal(asked[0]?.sourceHidden, true);
  assert.equal((await app.handlers.listPods({})).pods[0]?.source, 'hidden');
});

test('CALL-07 an advertised address that does not answer is undecided, and refuses no call', async (context) => {
  const silent = createSocket('udp4').bind({ address, port: 0 });
  await once(silent, 'listening');
  context.after(() => silent.close());
  const [udp] = await listening();
  assert.ok(udp);
  const edge = await openEdge(context, {
    sipListen: [udp],
    sipAdvertised: [{ address, port: silent.address().port }],
  });
  const { app, asked } = edge;
  const { findings } = await app.handlers.testNetwork({});
  assert.deepEqual(verdicts(findings), ['udp undecided undecided']);
  await callThrough(udp.port, edge, context);
  assert.equal(asked[0]?.sourceHidden, false);
});

test('CALL-07 what the operator says of the network holds, whatever the test finds', async (context) => {
  const [udp] = await listening();
  assert.ok(udp);
  const edge = await openEdge(context, { sipListen: [udp], sipSource: 'hidden' });
  const { app, asked } = edge;
  const { findings } = await app.handlers.testNetwork({});
  assert.deepEqual(verdicts(findings), ['udp preserved yes']);
  await callThrough(udp.port, edge, context);
  assert.equal(asked[0]?.sourceHidden, true);
});
