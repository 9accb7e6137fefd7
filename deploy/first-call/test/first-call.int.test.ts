import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { serialize } from '@tandem/sip';
import { ScriptedPeer } from '@tandem/testing';
import { AnsweringCarrier } from '../src/answering-carrier.ts';
import { makeFirstCall, testNetwork } from '../src/first-call.ts';

const cdr = {
  callId: '7IhyJVrZuHljnHIF',
  code: 200,
  reason: 'NormalClearing',
  billedSeconds: 60,
  price: '0.0123',
  currency: 'USD',
  gateway: 'trial-carrier',
};

async function carrierOf(context: TestContext): Promise<AnsweringCarrier> {
  const carrier = await AnsweringCarrier.listen({ address: '127.0.0.1', port: 0 });
  context.after(() => carrier.close());
  return carrier;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** An API that gives these answers, one for each request, the last one for all that follow. */
async function apiOf(context: TestContext, answers: readonly Answer[]) {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(`${String(request.method)} ${String(request.url)}`);
    assert.equal(request.headers.authorization, 'Bearer secret');
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    response.writeHead(answer?.status ?? 500, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer?.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}`, token: 'secret', asked };
}

test('OPS-07 the carrier of a trial rings, answers, and takes a BYE', async (context) => {
  const carrier = await carrierOf(context);
  const peer = await ScriptedPeer.onUdp();
  context.after(() => peer.close());
  const call = peer.invite({ to: carrier.local, called: '442079460000' });
  await call.provisional(180);
  const answer = await call.answered();
  assert.match(answer.body.toString('latin1'), /^v=0\r\n/);
  assert.equal((await call.bye()).status, 200);
});

test('OPS-07 an INVITE that a second pod sends again gets the answer of the first, until there is an ACK', async (context) => {
  const carrier = await carrierOf(context);
  const peer = await ScriptedPeer.onUdp();
  context.after(() => peer.close());
  const call = peer.invite({ to: carrier.local, called: '4420', isAckAutomatic: false });
  const first = await call.answered();
  const again = call.final();
  peer.sendRaw(serialize(call.invite), carrier.local);
  assert.equal((await again).headers.get('To'), first.headers.get('To'));
  call.acknowledge();
  assert.equal((await call.bye()).status, 200);
});

test('OPS-07 the first call is made, hung up, and told with its CDR, which comes later', async (context) => {
  const carrier = await carrierOf(context);
  const missing = { status: 404, body: { title: 'no such call' } };
  const api = await apiOf(context, [missing, missing, { status: 200, body: cdr }]);
  const found = await makeFirstCall(api, callTo(carrier));
  assert.deepEqual(found, cdr);
  assert.equal(api.asked.length, 3);
  assert.match(api.asked[0] ?? '', /^GET \/api\/v1\/cdrs\/[\w%.-]+$/);
});

test('OPS-07 a call that is answered and has no CDR is a failure that says so', async (context) => {
  const carrier = await carrierOf(context);
  const api = await apiOf(context, [{ status: 404, body: { title: 'no such call' } }]);
  await assert.rejects(
    makeFirstCall(api, { ...callTo(carrier), cdrTimeoutMs: 1 }),
    /there is no CDR of it: 404/,
  );
});

test('OPS-07 a call that is refused is a failure with the code', async (context) => {
  const peer = await ScriptedPeer.onUdp();
  context.after(() => peer.close());
  const api = await apiOf(context, []);
  const target = `127.0.0.1:${String(peer.local.port)}`;
  const made = makeFirstCall(api, { ...callTo({ local: peer.local }), target });
  (await peer.receiveCall()).refuse(403);
  await assert.rejects(made, /not answered: 403/);
});

test('CALL-07 what an edge finds of its network is told', async (context) => {
  const finding = {
    transport: 'udp',
    target: '203.0.113.1:5060',
    source: 'preserved',
    leadsHere: 'yes',
    text: 'peers are seen by their addresses',
  };
  const body = { edge: 'tandem-edge-1', findings: [finding] };
  const api = await apiOf(context, [{ status: 200, body }]);
  assert.deepEqual(await testNetwork(api), body);
  assert.deepEqual(api.asked, ['POST /api/v1/network-tests']);
});

function callTo({ local }: Pick<AnsweringCarrier, 'local'>) {
  return {
    address: '127.0.0.1',
    target: `udp:127.0.0.1:${String(local.port)}`,
    number: '442079460000',
    username: '1001',
    password: 'tandem-demo',
    talkMs: 0,
  };
}
