import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import {
  judge,
  notCompared,
  Origins,
  readCdrMapping,
  readCdrs,
  readCsv,
  readHep,
  Tally,
  WatchedCalls,
  type Analysis,
  type ObservedCall,
} from '../src/index.ts';
import { hepDatagram, invite, response } from './fixtures/hep-messages.ts';

const call: ObservedCall = {
  id: '1',
  from: 'trunk',
  caller: '1',
  callee: '44',
  atMs: undefined,
  gateways: ['a'],
  code: 200,
  seconds: 61,
  price: '0.0246',
};

function routed(...gateways: string[]): Analysis {
  const candidates = gateways.map((gateway, at) => ({ gateway, addresses: [`192.0.2.${String(at)}:5080`], isChosen: at === 0 })); // prettier-ignore
  return { outcome: 'routed', reason: '', summary: 'It goes.', candidates, charge: { price: '0.0246', currency: 'USD' } }; // prettier-ignore
}
const refused: Analysis = { outcome: 'refused', reason: 'NoAvailableRouter', summary: 'No gateway.', candidates: [], charge: null }; // prettier-ignore

test('ROUTE-12 same gateway, other gateway, would refuse, would allow, both refuse', () => {
  const kindOf = (gateways: string[], analysis: Analysis): string[] => {
    const { gateway, kind, why } = judge({ ...call, gateways }, analysis, new Map());
    return [kind, gateway, why];
  };
  assert.deepEqual(kindOf(['a', 'b'], routed('a', 'b')), ['same', 'a', '']);
  assert.deepEqual(kindOf(['b'], routed('a', 'b')), ['other', 'a', 'b would be number 2 here']);
  assert.deepEqual(kindOf(['z'], routed('a')), ['other', 'a', 'z would not be tried here']);
  assert.deepEqual(kindOf(['a'], refused), ['would-refuse', '', 'NoAvailableRouter: No gateway.']);
  assert.deepEqual(kindOf([], routed('a')), ['would-allow', 'a', 'It goes.']);
  assert.equal(kindOf([], refused)[0], 'both-refuse');
  assert.equal(notCompared(call, 'nobody').kind, 'not-compared');
});

test('ROUTE-12 a gateway is the same by its address, too, and where it stands under several names', () => {
  const known = new Map([['carrier', ['192.0.2.0:5080']], ['carrier-place-2', ['192.0.2.0:5080']]]); // prettier-ignore
  const kindOf = (there: string): string => judge({ ...call, gateways: [there] }, routed('carrier-place-2'), known).kind; // prettier-ignore
  assert.equal(kindOf('carrier'), 'same');
  assert.equal(kindOf('192.0.2.0:5080'), 'same');
  assert.equal(kindOf('192.0.2.0:5060'), 'other');
  const plain: Analysis = { ...routed('x'), candidates: [{ gateway: 'x', addresses: ['[2001:db8::1]', '192.0.2.9'], isChosen: true }] }; // prettier-ignore
  for (const there of ['192.0.2.9:5060', '[2001:db8::1]:5060']) {
    assert.equal(judge({ ...call, gateways: [there] }, plain, new Map()).kind, 'same');
  }
});

test('BILL-02 sums are compared to the last digit, and summed by currency', () => {
  const tally = new Tally();
  for (const price of ['0.0246', '0.02460', '0.03', undefined]) tally.add(judge({ ...call, price }, routed('a'), new Map())); // prettier-ignore
  tally.add(judge({ ...call, gateways: ['b'] }, routed('a'), new Map()));
  tally.add(judge(call, refused, new Map()));
  tally.add(judge(call, refused, new Map()));
  const { calls, differences, kinds, money } = tally.summary();
  assert.equal(calls, 7);
  assert.deepEqual([kinds.same, kinds.other, kinds['would-refuse']], [4, 1, 2]);
  assert.deepEqual(money, [{ currency: 'USD', calls: 4, differing: 1, there: '0.1038', here: '0.0984', difference: '-0.0054' }]); // prettier-ignore
  assert.deepEqual(differences, [
    { kind: 'would-refuse', there: 'a', here: 'NoAvailableRouter', calls: 2 },
    { kind: 'other', there: 'b', here: 'a', calls: 1 },
  ]);
});

test('OPS-08 CDRs are read by a mapping; a line that does not fit is named', () => {
  const mapping = readCdrMapping(
    'm.yaml',
    'cdrs: { columns: { id: ID, from: { column: In, as: name }, callee: To, gateway: Out, at: { column: When, as: utc }, code: Code, seconds: Talk, price: { column: Sum, as: decimal-comma } } }',
  );
  const head = 'ID;In;To;Out;When;Code;Talk;Sum\n';
  const { table } = readCsv('c.csv', Buffer.from(`${head}7;Trunk 1;4420;A;2026-01-31 12:00:00;200;0:01:01;0,5\n;Trunk 1;4420;;;486;;\n8;;;A;soon;x;1;free\n`)); // prettier-ignore
  const { calls, unfit } = readCdrs(table, mapping);
  assert.deepEqual(calls, [
    { id: '7', from: 'Trunk-1', caller: '', callee: '4420', atMs: Date.UTC(2026, 0, 31, 12), gateways: ['A'], code: 200, seconds: 61, price: '0.5' }, // prettier-ignore
    { id: 'line 3', from: 'Trunk-1', caller: '', callee: '4420', atMs: undefined, gateways: [], code: 486, seconds: 0, price: undefined }, // prettier-ignore
  ]);
  assert.deepEqual(
    unfit.map(({ column, found, line }) => [line, column, found]),
    [[4, 'In', ''], [4, 'To', ''], [4, 'When', 'soon'], [4, 'Code', 'x'], [4, 'Sum', 'free']], // prettier-ignore
  );
  assert.throws(
    () => readCdrMapping('m.yaml', 'cdrs: { columns: { from: A, calee: B, gateway: C } }'),
    {
      // prettier-ignore
      mistakes: [
      { path: 'cdrs.columns.calee', message: 'is not known; did you mean "callee"?', line: 1 },
      { path: 'cdrs.columns', message: 'has no callee: say in which column it stands', line: 1 },
    ],
    },
  );
});

test('OPS-08 the example of CDRs is read', () => {
  const at = (name: string): Buffer => readFileSync(new URL(`../../../examples/migration/${name}`, import.meta.url)); // prettier-ignore
  const mapping = readCdrMapping('shadow.yaml', at('shadow.yaml').toString());
  const { table, unfit } = readCsv('cdrs.csv', at('cdrs.csv'), mapping);
  const read = readCdrs(table, mapping);
  assert.deepEqual([...unfit, ...read.unfit], []);
  assert.deepEqual(
    read.calls.map(({ callee, from, gateways, id, price }) => [
      id,
      from,
      callee,
      gateways[0],
      price,
    ]),
    [
      ['1001', 'demo-trunk', '442079460000', 'carrier-a', '0.0246'],
      ['1002', 'demo-trunk', '442079460001', 'carrier-b', '0.0123'],
      ['1003', '1001', '3312345', 'carrier-a', '0.01'],
      ['1004', '1001', '442079460002', undefined, undefined],
    ],
  );
});

test('ROUTE-12 HEP 3 is read with its addresses, time, key and compressed payload; all else is not', () => {
  const payload = Buffer.from('OPTIONS sip:x SIP/2.0\r\n\r\n');
  const packet = readHep(hepDatagram({ payload }), undefined);
  assert.deepEqual(packet, {
    source: '192.0.2.1:5060',
    destination: '198.51.100.2:5080',
    atMs: 1_700_000_000_123,
    correlationId: '',
    payload,
  });
  const six = readHep(hepDatagram({ payload, source: '2001:db8::1', destination: '2001:db8::2' }), undefined); // prettier-ignore
  assert.deepEqual([six?.source, six?.destination], ['[2001:db8::1]:5060', '[2001:db8::2]:5080']);
  assert.deepEqual(readHep(hepDatagram({ compressed: deflateSync(payload) }), undefined)?.payload, payload); // prettier-ignore
  assert.equal(readHep(hepDatagram({ compressed: deflateSync(Buffer.alloc(200_000)) }), undefined), undefined); // prettier-ignore
  assert.ok(readHep(hepDatagram({ payload, key: 'right' }), 'right'));
  for (const key of ['wrong', 'righ', undefined]) {
    assert.equal(readHep(hepDatagram({ payload, key }), 'right'), undefined);
  }
  assert.equal(readHep(hepDatagram({ payload, protocol: 5 }), undefined), undefined);
  const whole = hepDatagram({ payload });
  for (let length = 0; length < whole.length; length += 1) {
    assert.equal(readHep(whole.subarray(0, length), undefined), undefined);
  }
});

test('ROUTE-12 a call is paired of its INVITE in, its INVITEs out and its final answer', () => {
  const calls = new WatchedCalls();
  const out = { source: 'S:5060', destination: 'G:5060' };
  calls.see(invite({ source: 'A:5060', destination: 'S:5060' }), 0);
  calls.see(response(407, { source: 'S:5060', destination: 'A:5060' }), 1);
  calls.see(invite({ source: 'A:5060', destination: 'S:5060', username: '1001' }), 2);
  calls.see(invite(out), 3);
  calls.see(invite(out), 4); // Once more.
  calls.see(response(503, { source: 'G:5060', destination: 'S:5060' }), 5);
  calls.see(invite({ source: 'S:5060', destination: 'H:5060' }), 6);
  calls.see(response(180, { source: 'S:5060', destination: 'A:5060' }), 7);
  assert.deepEqual(calls.take(100_000), []);
  calls.see(response(200, { source: 'S:5060', destination: 'A:5060' }), 8);
  assert.deepEqual(calls.take(1007), []);
  const told = { callId: 'c@x', atMs: 5, source: 'A:5060', caller: '7', callee: '44', username: '1001', gateways: ['G:5060', 'H:5060'], code: 200 }; // prettier-ignore
  assert.deepEqual(calls.take(1008), [told]);
  // What comes late begins no new call.
  calls.see(response(200, { source: 'S:5060', destination: 'A:5060' }), 1009);
  calls.see(invite({ source: 'A:5060', destination: 'S:5060' }), 1010);
  assert.deepEqual(calls.take(1_000_000), []);
  assert.deepEqual(calls.take(2_000_000), []);
});

test('ROUTE-12 a call is paired where packets change places, legs have Call-IDs of their own, and carriers are callers, too', () => {
  const one = (feed: (calls: WatchedCalls) => void): unknown => {
    const calls = new WatchedCalls();
    feed(calls);
    return calls.take(10_000).map(({ callId, gateways, source }) => [callId, source, gateways]);
  };
  const enter = { source: 'A:5060', destination: 'S:5060' };
  const leave = { source: 'S:5060', destination: 'G:5060' };
  const end = response(200, { source: 'S:5060', destination: 'A:5060' });
  assert.deepEqual(
    one((calls) => [invite(leave), invite(enter), end].every((packet) => calls.see(packet, 0))),
    [['c@x', 'A:5060', ['G:5060']]],
  );
  const own = { ...invite({ ...leave, callId: 'other@x' }), correlationId: 'c@x' };
  assert.deepEqual(
    one((calls) => [invite(enter), own, end].every((packet) => calls.see(packet, 0))),
    [['c@x', 'A:5060', ['G:5060']]],
  );
  const back = invite({ source: 'S:5060', destination: 'A:5060' });
  assert.deepEqual(
    one((calls) => [invite(enter), back, end].every((packet) => calls.see(packet, 0))),
    [['c@x', 'A:5060', ['A:5060']]],
  );
});

test('ROUTE-12 what is no call is not watched, and no more calls than are allowed', () => {
  const calls = new WatchedCalls({ most: 1 });
  const enter = { source: 'A:5060', destination: 'S:5060' };
  assert.equal(calls.see({ ...invite(enter), payload: Buffer.from('\r\n\r\n') }, 0), false);
  assert.equal(calls.see(response(200, enter), 0), false);
  assert.equal(calls.see(invite({ ...enter, toTag: 't' }), 0), false);
  assert.equal(calls.see(invite(enter), 0), true);
  calls.see(invite({ ...enter, callId: 'd@x' }), 0);
  assert.equal(calls.overflow, 1);
  assert.equal(calls.take(0, true).length, 1);
  assert.equal(calls.take(1, true).length, 0);
});

test('AUTH-01 who called is known by the address, the port or the name that was proved', () => {
  const trunk = (name: string, authentication: object): object => ({ name, authentication });
  const origins = new Origins({
    phones: [{ username: '1001' }, { username: '1002' }],
    mappingGateways: [
      trunk('block', { mode: 'ip', addresses: ['192.0.2.0/28', '2001:db8::/32', '203.0.113.1'] }),
      trunk('port', { mode: 'ip-port', addresses: ['198.51.100.1:5080'] }),
      trunk('pbx', { mode: 'password', username: 'user@pbx' }),
    ],
  });
  const of = (source: string, caller = '', username = ''): string | undefined =>
    origins.of({ callId: '', atMs: 0, callee: '', code: 0, gateways: [], source, caller, username }); // prettier-ignore
  assert.equal(of('192.0.2.15:9'), 'block');
  assert.equal(of('[2001:db8::7]:5060'), 'block');
  assert.equal(of('203.0.113.1:1', '1001'), 'block');
  assert.equal(of('198.51.100.1:5080'), 'port');
  assert.equal(of('198.51.100.1:5081'), undefined);
  assert.equal(of('198.51.100.9:1', '1002'), '1002');
  assert.equal(of('192.0.2.1:1', '7', '1001@sip.example.org'), '1001');
  assert.equal(of('192.0.2.1:1', '7', 'user@pbx'), 'pbx');
  assert.equal(of('192.0.2.1:1', '7', 'stranger'), undefined);
});
