import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { sealSecret } from '@tandem/config';
import { memoryLimits } from '@tandem/limits';
import { OutboundWork } from '@tandem/proto/outbound';
import type { ReportOutboundRequest } from '@tandem/proto/outbound';
import { silentLogger } from '@tandem/service';
import { eventually, freeTcpPort, ScriptedPeer } from '@tandem/testing';
import {
  createEdgeApp,
  edgeDefaults,
  memoryCallStore,
  soloPodRegistry,
  systemClock,
} from '../../../src/app.ts';
import { allowed, nextIs, routedTo } from '../../support/call-samples.ts';

const secretKey = createSecretKey(Buffer.alloc(32, 7));

test('REG-08 over TCP the Contact says so, its password is opened here, and a connection that is lost is told; one that cannot be opened is a failure', async () => {
  const registrar = await ScriptedPeer.onTcp({ user: 'carrier' });
  const closed = await freeTcpPort();
  const told: ReportOutboundRequest[] = [];
  const work = (gateway: string, port: number): OutboundWork =>
    OutboundWork.fromPartial({
      settings: {
        gateway,
        user: '4930123',
        domain: 'carrier.example',
        username: '4930123',
        sealedPassword: sealSecret(secretKey, 'carrier-secret'),
        contactUser: '4930123',
      },
      turn: 1,
      what: 'register',
      targets: [
        {
          uri: 'sip:carrier.example',
          transport: 'tcp',
          addresses: [`127.0.0.1:${String(port)}`],
        },
      ],
      sipCallId: `call-of-${gateway}`,
      firstCseq: 1,
      lastCseq: 64,
      expires: 300,
    });
  let due = [work('there', registrar.local.port), work('away', closed)];
  const app = await createEdgeApp(
    {
      ...edgeDefaults,
      name: 'edge-1',
      sipListen: [{ transport: 'tcp', address: '127.0.0.1', port: 0 }],
      deadlineMs: 1000,
    },
    {
      logger: silentLogger(),
      secretKey,
      pods: soloPodRegistry(5),
      store: memoryCallStore(systemClock, memoryLimits().lines),
      auth: { authenticate: () => Promise.resolve(allowed()) },
      routing: {
        route: () => Promise.resolve(routedTo([])),
        nextCandidate: () => Promise.resolve(nextIs('')),
        rest: () => Promise.resolve(),
      },
      outbound: {
        takeOutbound: () => {
          const given = due;
          due = [];
          return Promise.resolve({ work: given, lost: [], leaseMs: 3000 });
        },
        reportOutbound: (request) => {
          told.push(request);
          return Promise.resolve({});
        },
      },
      publisher: { publish: () => Promise.resolve(), close: () => Promise.resolve() },
    },
  );
  await app.start();
  const first = await registrar.receive('REGISTER');
  const contact = `<sip:4930123@${app.advertised ?? ''};transport=tcp>;expires=300`;
  assert.equal(first.request.headers.get('Contact'), contact);
  first.challenge();
  const second = await registrar.receive('REGISTER');
  assert.match(second.request.headers.get('Authorization') ?? '', /username="4930123"/);
  second.respond(200, { headers: { Expires: '300' } });
  const saidOf = (gateway: string) =>
    told.flatMap(({ hold, outcome }) => (hold?.gateway === gateway ? [outcome] : []));
  await eventually('both are told', () => told.length === 2);
  const [registered] = saidOf('there');
  assert.ok(registered?.$case === 'answer' && registered.value.isConnection);
  const [failed] = saidOf('away');
  assert.ok(failed?.$case === 'failure');
  assert.match(failed.value, /cannot be connected to/);
  await registrar.close();
  await eventually('the lost connection is told', () => told.length === 3);
  assert.equal(saidOf('there')[1]?.$case, 'isFlowLost');
  await app.drain();
  await app.stop();
});
