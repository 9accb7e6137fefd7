import assert from 'node:assert/strict';
import test from 'node:test';
import { OutboundWork } from '@tandem/proto/outbound';
import type {
  OutboundAnswer,
  ReportOutboundRequest,
  TakeOutboundRequest,
} from '@tandem/proto/outbound';
import type { ScriptedPeer } from '@tandem/testing';
import { EdgeBench } from '../../support/edge-bench.ts';

const workOf = (addresses: readonly string[], more: Partial<OutboundWork> = {}): OutboundWork =>
  OutboundWork.fromPartial({
    settings: {
      gateway: 'carrier',
      user: '4930123',
      domain: 'carrier.example',
      username: '4930123',
      sealedPassword: 'sealed:secret',
      contactUser: '4930999',
    },
    turn: 7,
    what: 'register',
    targets: [{ uri: 'sip:carrier.example', transport: 'udp', addresses: [...addresses] }],
    sipCallId: 'call-id-of-the-registration',
    firstCseq: 65,
    lastCseq: 128,
    expires: 300,
    ...more,
  });

/** An edge whose registrar gives work once, and notes what it is told. */
class Bench {
  readonly bench = new EdgeBench();
  readonly asked: TakeOutboundRequest[] = [];
  readonly told: ReportOutboundRequest[] = [];
  isAway = false;
  lost: string[] = [];
  work: OutboundWork[];
  readonly server: ReturnType<EdgeBench['addPod']>;

  constructor(work: OutboundWork[]) {
    this.work = work;
    this.server = this.bench.addPod({
      carriers: {
        openPassword: (sealed) => sealed.replace('sealed:', ''),
        client: {
          takeOutbound: (request) => {
            this.asked.push(request);
            if (this.isAway) return Promise.reject(new Error('away'));
            const given = request.isLeaving ? [workOf(CARRIER, { what: 'unregister' })] : this.work;
            this.work = [];
            return Promise.resolve({ work: given, lost: this.lost, leaseMs: 3000 });
          },
          reportOutbound: (request) => {
            this.told.push(request);
            return Promise.resolve({});
          },
        },
      },
    });
    this.bench.pick = () => this.server;
    this.server.start();
  }

  get carrier(): ScriptedPeer {
    const [carrier] = this.bench.carriers;
    assert.ok(carrier !== undefined);
    return carrier;
  }

  async next() {
    const incoming = this.carrier.receive('REGISTER');
    return this.bench.clock.until(incoming);
  }

  answer(): OutboundAnswer | string | undefined {
    const outcome = this.told.at(-1)?.outcome;
    return outcome?.$case === 'isFlowLost' ? 'flow lost' : outcome?.value;
  }
}

const CARRIER = ['10.0.1.1:5070'];

test('REG-08 AUTH-11 a REGISTER goes out as it was asked for, answers the challenge, and what it came to is told', async () => {
  const bench = new Bench([workOf(CARRIER)]);
  const first = await bench.next();
  const { headers, uri } = first.request;
  assert.equal(uri, 'sip:carrier.example');
  assert.match(headers.get('From') ?? '', /^<sip:4930123@carrier\.example>;tag=/);
  assert.equal(headers.get('Contact'), '<sip:4930999@10.0.0.1:5060>;expires=300');
  assert.equal(headers.get('CSeq'), '65 REGISTER');
  assert.equal(headers.has('Authorization'), false);
  first.challenge({ algorithm: 'SHA-256' });
  const second = await bench.next();
  assert.match(second.request.headers.get('Authorization') ?? '', /username="4930123"/);
  assert.equal(second.request.headers.get('CSeq'), '66 REGISTER');
  const contact = '<sip:4930999@10.0.0.1>;expires=99, <SIP:4930999@10.0.0.1:5060>;expires=120';
  second.respond(200, { headers: { Contact: contact, 'Service-Route': '<sip:p;lr>' } });
  await bench.bench.settle(1000);
  const told = bench.told[0];
  assert.deepEqual(told?.hold, { gateway: 'carrier', turn: 7 });
  assert.equal(told.cseq, 66);
  const answer = bench.answer() as OutboundAnswer;
  assert.deepEqual([answer.code, answer.expires], [200, 120]);
  assert.deepEqual(answer.serviceRoute, ['<sip:p;lr>']);
  // It is kept, and said so.
  assert.deepEqual(bench.asked.at(-1)?.held, [{ gateway: 'carrier', turn: 7 }]);
});

test('REG-08 AUTH-11 credentials that are refused are a failure, not a loop', async () => {
  const bench = new Bench([workOf(CARRIER)]);
  const { realm, nonce } = (await bench.next()).challenge();
  (await bench.next()).challenge({ realm, nonce: `${nonce}2` });
  await bench.bench.settle(1000);
  const answer = bench.answer() as OutboundAnswer;
  assert.equal(answer.code, 401);
  assert.match(answer.text, /refused our username or password/);
  assert.equal(bench.told.length, 1);
});

test('REG-08 an address that says nothing, or 503, is left for the next one', async () => {
  const bench = new Bench([workOf(['10.0.1.9:5070', '10.0.1.2:5070', ...CARRIER])]);
  const [, second] = bench.bench.carriers;
  assert.ok(second !== undefined);
  const busy = second.receive('REGISTER');
  (await bench.bench.clock.until(busy)).respond(503, { headers: { 'Retry-After': '7' } });
  const last = await bench.next();
  last.respond(200, { headers: { Expires: '60' } });
  await bench.bench.settle(1000);
  assert.deepEqual([(bench.answer() as OutboundAnswer).code, bench.told[0]?.cseq], [200, 67]);
});

test('REG-08 nobody answers: that is told, with who does not', async () => {
  const bench = new Bench([workOf(['10.0.1.9:5070'])]);
  await bench.bench.settle(40_000);
  assert.match(JSON.stringify(bench.answer()), /10\.0\.1\.9:5070 does not answer/);
});

test('REG-08 fencing: without a word of the registrar nothing is sent any more, not even again', async () => {
  const bench = new Bench([workOf(CARRIER)]);
  await bench.next();
  bench.isAway = true;
  await bench.bench.settle(4000);
  const heard = () =>
    bench.carrier.transcript.lines.filter(({ direction }) => direction === 'received').length;
  const before = heard();
  await bench.bench.settle(20_000);
  assert.equal(heard(), before);
  assert.ok(before >= 2);
});

test('REG-08 what was given to another pod is dropped', async () => {
  const bench = new Bench([workOf(CARRIER)]);
  await bench.next();
  bench.lost = ['carrier'];
  await bench.bench.settle(1500);
  assert.deepEqual(bench.asked.at(-1)?.held, []);
  assert.deepEqual(bench.told, []);
});

test('REG-08 a pod that stops gives back what it has, and unregisters what no other takes', async () => {
  const bench = new Bench([workOf(CARRIER)]);
  (await bench.next()).respond(200, { headers: { Expires: '60' } });
  await bench.bench.settle(1000);
  const drained = bench.server.drain();
  const last = await bench.next();
  assert.equal(last.request.headers.get('Expires'), '0');
  last.respond(200);
  await bench.bench.clock.until(drained);
  assert.equal(bench.asked.at(-1)?.isLeaving, true);
  assert.equal(bench.told.length, 2);
});
