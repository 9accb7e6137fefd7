import assert from 'node:assert/strict';
import test from 'node:test';
import { Keepalive } from '@tandem/proto/registrar';
import type { KeepalivesRequest, KeepaliveResult } from '@tandem/proto/registrar';
import { SwitchError } from '@tandem/domain';
import { silentLogger } from '@tandem/service';
import { FakeClock } from '@tandem/testing';
import { parseMessage, responseTo, SipRequest, topVia } from '@tandem/sip';
import type { SipResponse } from '@tandem/sip';
import type { PeerAddress } from '../../src/core/network/peer-address.ts';
import { Keepalives } from '../../src/registration/keepalives.ts';
import { sealer } from '../support/messages.ts';

const local = { name: 'edge-2', slot: 2, epoch: 7, host: '192.0.2.1', hostPort: '192.0.2.1:5060' };

const due = Keepalive.fromPartial({
  phone: '1001',
  contact: 'sip:1001@10.0.0.7:5060;ob',
  target: {
    uri: 'sip:1001@10.0.0.7:5060;ob',
    transport: 'udp',
    addresses: ['198.51.100.7:40312'],
    flow: '10.0.0.3:7000;0',
  },
  isAnswerTold: true,
});

/** One pod, in simulated time; the registrar has what the test puts there, once. */
class Bench {
  readonly clock = new FakeClock();
  readonly sent: { readonly request: SipRequest; readonly to: PeerAddress }[] = [];
  readonly asked: KeepalivesRequest[] = [];
  readonly keepalives: Keepalives;
  due: readonly Keepalive[] = [];
  isAway = false;
  #drawn = 0;

  constructor() {
    this.keepalives = new Keepalives({
      clock: this.clock,
      local,
      logger: silentLogger(),
      random: (bytes) => {
        const drawn = Buffer.alloc(bytes);
        drawn.writeUInt16BE(++this.#drawn, 0);
        return drawn.toString('base64url');
      },
      sealer,
      transport: {
        send: (bytes, to) => {
          const request = parseMessage(bytes);
          assert.ok(request instanceof SipRequest);
          this.sent.push({ request, to });
        },
      },
      registrar: {
        register: () => Promise.reject(new Error('nobody registers')),
        endFlows: () => Promise.reject(new Error('nothing ends')),
        keepalives: (request) => {
          if (this.isAway) return Promise.reject(new SwitchError('SWITCH_SERVICE_UNAVAILABLE', ''));
          this.asked.push(request);
          const found = [...this.due];
          this.due = [];
          return Promise.resolve({ due: found });
        },
      },
    });
    this.keepalives.start();
  }

  pass(seconds: number): Promise<void> {
    return this.clock.advanceSettled(seconds * 1000);
  }

  answer(status: number, at = 0): SipResponse {
    const sent = this.sent[at];
    assert.ok(sent !== undefined);
    return responseTo(sent.request, status, 'Whatever', { toTag: 't' });
  }

  get results(): readonly KeepaliveResult[] {
    return this.asked.flatMap(({ results }) => results);
  }
}

test('REG-04 OPTIONS goes to the address and by the flow that the phone registered from, with its own contact as Request-URI', async () => {
  const bench = new Bench();
  bench.due = [due];
  await bench.pass(1);
  const [{ request, to } = { request: undefined, to: undefined }] = bench.sent;
  assert.equal(request?.method, 'OPTIONS');
  assert.equal(request.uri, 'sip:1001@10.0.0.7:5060;ob');
  assert.deepEqual(to, {
    address: '198.51.100.7',
    port: 40312,
    flow: { gate: '10.0.0.3:7000', connection: 0 },
  });
  assert.equal(topVia(request).host, '192.0.2.1');
  bench.keepalives.close();
});

test('REG-04 whatever the phone answers it is reached: 200, 404, 405, 501; it is told once, with the time that it took', async () => {
  for (const status of [200, 404, 405, 501]) {
    const bench = new Bench();
    bench.due = [due];
    await bench.pass(1);
    await bench.pass(0.04);
    assert.equal(bench.keepalives.receive(bench.answer(status)), true);
    assert.equal(bench.keepalives.receive(bench.answer(status)), false);
    await bench.pass(10);
    assert.equal(bench.results.length, 1);
    const [result] = bench.results;
    assert.deepEqual([result?.phone, result?.isAnswered], ['1001', true]);
    assert.ok(result !== undefined && result.rttMs >= 40 && result.rttMs < 1040);
    bench.keepalives.close();
  }
});

test('REG-04 an answer that is no news is not told', async () => {
  const bench = new Bench();
  bench.due = [{ ...due, isAnswerTold: false }];
  await bench.pass(1);
  assert.equal(bench.keepalives.receive(bench.answer(200)), true);
  await bench.pass(10);
  assert.deepEqual(bench.results, []);
  bench.keepalives.close();
});

test('REG-04 silence is asked again over UDP, and told once; over a connection it is asked once; what cannot be delivered is told at once', async () => {
  const bench = new Bench();
  const target = { ...due.target, transport: 'tcp' };
  bench.due = [due, Keepalive.fromPartial({ ...due, phone: '1002', target })];
  await bench.pass(12);
  const byUdp = bench.sent.filter(({ to }) => to.transport === undefined);
  assert.deepEqual([byUdp.length, bench.sent.length], [4, 5]);
  assert.equal(new Set(byUdp.map(({ request }) => topVia(request).branch)).size, 1);
  const told = bench.results.map(({ isAnswered, phone }) => [phone, isAnswered]);
  assert.deepEqual(told, [['1001', false], ['1002', false]]); // prettier-ignore
  bench.due = [due];
  await bench.pass(0.9);
  const last = bench.sent.at(-1)?.request;
  bench.keepalives.undelivered((last && topVia(last).branch) ?? '');
  await bench.pass(0.9);
  assert.equal(bench.results.length, 3);
  bench.keepalives.close();
});

test('REG-04 while the registrar is away results wait for it; a pod that leaves begins none, and answers of others are not its own', async () => {
  const bench = new Bench();
  bench.due = [due];
  await bench.pass(1);
  bench.isAway = true;
  bench.keepalives.receive(bench.answer(200));
  await bench.pass(5);
  assert.deepEqual(bench.results, []);
  bench.isAway = false;
  bench.keepalives.drain();
  await bench.pass(2);
  assert.equal(bench.results.length, 1);
  assert.equal(bench.asked.at(-1)?.isLeaving, true);
  const other = new Bench();
  const branch = topVia(bench.answer(200)).branch ?? '';
  assert.equal(other.keepalives.receive(bench.answer(200)), false);
  const owner = other.keepalives.ownerOf(branch);
  assert.deepEqual([owner?.slot, owner?.epoch], [2, 7]);
  assert.equal(other.keepalives.ownerOf(`${branch.slice(0, -1)}!`), undefined);
  bench.keepalives.close();
  other.keepalives.close();
  assert.equal(bench.clock.pending + other.clock.pending, 0);
});
