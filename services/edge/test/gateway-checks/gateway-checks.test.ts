import assert from 'node:assert/strict';
import test from 'node:test';
import { GatewayCheck } from '@tandem/proto/health';
import type { AttemptCount, CheckOutcome, TakeChecksRequest } from '@tandem/proto/health';
import { silentLogger } from '@tandem/service';
import { FakeClock } from '@tandem/testing';
import { parseMessage, responseTo, SipRequest, topVia } from '@tandem/sip';
import { LocalAddresses } from '../../src/core/network/local-addresses.ts';
import type { PeerAddress } from '../../src/core/network/peer-address.ts';
import { GatewayChecks, OptionsRequests } from '../../src/gateway-checks/gateway-checks.ts';
import { sealer } from '../support/messages.ts';

const addresses = new LocalAddresses([
  { address: '192.0.2.1', port: 5060 },
  { address: '192.0.2.1', port: 5061, transport: 'tls' },
]);
const local = {
  name: 'edge-2',
  slot: 2,
  epoch: 7,
  host: '192.0.2.1',
  hostPort: '192.0.2.1:5060',
  addresses,
};
const A = '198.51.100.1:5060';
const B = '198.51.100.2:5070';

function checkOf(gateway: string, all: readonly string[], transport = 'udp'): GatewayCheck {
  return GatewayCheck.fromPartial({
    gateway,
    turn: 77,
    dueMs: 70,
    timeoutMs: 3000,
    addresses: all.map((address) => ({ uri: `sip:${address}`, transport, address })),
  });
}

/** One pod, in simulated time; routing has what the test puts there, once. */
class Bench {
  readonly clock = new FakeClock();
  readonly sent: { readonly request: SipRequest; readonly to: PeerAddress }[] = [];
  readonly asked: TakeChecksRequest[] = [];
  readonly options: OptionsRequests;
  readonly tally = { take: () => this.attempts.splice(0) };
  readonly attempts: AttemptCount[] = [];
  readonly checks: GatewayChecks;
  due: readonly GatewayCheck[] = [];
  askAgainMs = 0;
  isAway = false;
  #drawn = 0;

  constructor() {
    const edge = {
      clock: this.clock,
      local,
      logger: silentLogger(),
      random: (bytes: number) => {
        const drawn = Buffer.alloc(bytes);
        drawn.writeUInt16BE(++this.#drawn, 0);
        return drawn.toString('base64url');
      },
      sealer,
      transport: {
        send: (bytes: Buffer, to: PeerAddress) => {
          const request = parseMessage(bytes);
          assert.ok(request instanceof SipRequest);
          this.sent.push({ request, to });
        },
      },
    };
    this.options = new OptionsRequests(edge);
    const client = {
      takeChecks: (request: TakeChecksRequest) => {
        this.asked.push(request);
        if (this.isAway) return Promise.reject(new Error('away'));
        const due = [...this.due];
        this.due = [];
        return Promise.resolve({ due, askAgainMs: this.askAgainMs });
      },
    };
    this.checks = new GatewayChecks({ ...edge, client, tally: this.tally }, this.options);
    this.checks.start();
  }

  pass(ms: number): Promise<void> {
    return this.clock.advanceSettled(ms);
  }

  answer(at: number, status: number, from = this.sent[at]?.to): boolean {
    const sent = this.sent[at];
    assert.ok(sent !== undefined && from !== undefined);
    return this.options.receive(responseTo(sent.request, status, 'Whatever', { toTag: 't' }), from);
  }

  get outcomes(): CheckOutcome[] {
    return this.asked.flatMap(({ reports }) => reports.flatMap(({ outcomes }) => outcomes));
  }
}

test('ROUTE-07 OPTIONS of a check is as RFC 3261 §11.1 says, and what is answered is told with code and time', async () => {
  const bench = new Bench();
  bench.due = [checkOf('carrier', [A])];
  await bench.pass(600);
  const { request, to } = bench.sent[0] ?? {};
  assert.ok(request !== undefined);
  assert.deepEqual([request.method, request.uri], ['OPTIONS', `sip:${A}`]);
  assert.deepEqual([to?.address, to?.port], ['198.51.100.1', 5060]);
  const { headers } = request;
  assert.match(headers.get('From') ?? '', /^<sip:options@192\.0\.2\.1:5060>;tag=/);
  assert.equal(headers.get('To'), `<sip:${A}>`);
  assert.equal(headers.get('Contact'), '<sip:options@192.0.2.1:5060>');
  assert.equal(headers.get('Accept'), 'application/sdp');
  assert.match(headers.get('Via') ?? '', /^SIP\/2\.0\/UDP 192\.0\.2\.1:5060;branch=z9hG4bK-o/);
  await bench.pass(40);
  assert.equal(bench.answer(0, 100), true);
  await bench.pass(10);
  assert.equal(bench.answer(0, 404), true);
  assert.equal(bench.answer(0, 404), false);
  await bench.pass(200);
  const told = bench.asked.find(({ reports }) => reports.length > 0);
  assert.equal(told?.edge, 'edge-2');
  const [report] = told.reports;
  assert.deepEqual([report?.gateway, report?.turn, report?.dueMs], ['carrier', 77, 70]);
  const [outcome] = bench.outcomes;
  assert.deepEqual([outcome?.code, outcome?.source, outcome?.times], [404, A, 1]);
  assert.ok((outcome?.rttMs ?? 0) >= 50);
});

test('ROUTE-07 over UDP it is repeated, and given up after the time-out; by the next exchange routing knows', async () => {
  const bench = new Bench();
  bench.due = [checkOf('carrier', [A])];
  await bench.pass(3800);
  assert.equal(bench.sent.length, 3);
  const [one, two] = bench.sent.map(({ request }) => topVia(request).branch);
  assert.equal(one, two);
  const [outcome] = bench.outcomes;
  assert.deepEqual([outcome?.code, outcome?.failure, outcome?.times], [0, 'no answer within 3 s', 3]); // prettier-ignore
});

test('ROUTE-07 a check is told of once all addresses have answered or not, in their order', async () => {
  const bench = new Bench();
  bench.due = [checkOf('carrier', [A, B])];
  await bench.pass(600);
  bench.answer(1, 200);
  await bench.pass(1000);
  assert.deepEqual(bench.outcomes, []);
  await bench.pass(2500);
  assert.deepEqual(
    bench.outcomes.map(({ address, code }) => [address, code]),
    [
      [A, 0],
      [B, 200],
    ],
  );
});

test('ROUTE-07 over TLS a connection that fails is a failed check; what cannot be called at all says why', async () => {
  const bench = new Bench();
  const own = { uri: 'sip:192.0.2.1:5060', transport: 'udp', address: '192.0.2.1:5060' };
  bench.due = [
    checkOf('secure', [A], 'tls'),
    GatewayCheck.fromPartial({ ...checkOf('own', []), addresses: [own] }),
    checkOf('none', ['[2001:db8::1]:5060']),
  ];
  await bench.pass(600);
  const [secure] = bench.sent;
  assert.ok(secure !== undefined);
  assert.equal(bench.sent.length, 1);
  assert.match(secure.request.headers.get('Via') ?? '', /^SIP\/2\.0\/TLS 192\.0\.2\.1:5061/);
  bench.options.undelivered(topVia(secure.request).branch ?? '');
  await bench.pass(200);
  const failures = bench.outcomes.map(({ failure }) => failure).toSorted();
  assert.deepEqual(failures, [
    'it cannot be connected to, or its certificate is not for it',
    'the switch listens by no such transport and IP version',
    'this is an address of the switch itself',
  ]);
});

test('ROUTE-07 what falls due at once goes out little by little, and where nothing is checked it is asked seldom', async () => {
  const bench = new Bench();
  bench.due = Array.from({ length: 100 }, (_, at) => checkOf(`g${String(at)}`, [A]));
  while (bench.sent.length === 0) await bench.pass(1);
  await bench.pass(5);
  assert.ok(bench.sent.length <= 20, String(bench.sent.length));
  await bench.pass(200);
  assert.equal(bench.sent.length, 100);
  const idle = new Bench();
  idle.askAgainMs = 1500;
  await idle.pass(15_000);
  assert.ok(idle.asked.length <= 11, String(idle.asked.length));
});

test('ROUTE-07 what is not told while routing is away is told afterwards; a pod that drains takes nothing more', async () => {
  const bench = new Bench();
  bench.due = [checkOf('carrier', [A])];
  await bench.pass(600);
  bench.isAway = true;
  bench.answer(0, 200);
  await bench.pass(3000);
  assert.ok(bench.asked.some(({ reports }) => reports.length > 0));
  bench.isAway = false;
  const before = bench.asked.length;
  await bench.pass(3000);
  const told = bench.asked.slice(before).flatMap(({ reports }) => reports);
  assert.deepEqual(told.map(({ gateway }) => gateway), ['carrier']); // prettier-ignore
  bench.due = [checkOf('other', [A])];
  await bench.checks.drain();
  await bench.pass(3000);
  assert.equal(bench.sent.length, 1);
});

test('ROUTE-16 what attempts at gateways have come to is told with the checks, once, and at the end', async () => {
  const bench = new Bench();
  bench.askAgainMs = 1500;
  const failed = { gateway: 'carrier', code: 503, count: 3 };
  const answered = { gateway: 'carrier', code: 200, count: 5 };
  bench.attempts.push(failed, answered);
  await bench.pass(5000);
  assert.deepEqual(bench.asked.flatMap(({ attempts }) => attempts), [failed, answered]); // prettier-ignore
  bench.attempts.push(answered);
  await bench.checks.drain();
  const last = bench.asked.at(-1);
  assert.deepEqual([last?.isLeaving, last?.attempts], [true, [answered]]);
});
