import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFlapping } from '../../src/core/binding.ts';
import { causeOf, NOON, PhoneUnderTest } from '../requests.ts';

const A = 'sip:1001@192.0.2.7';
const B = 'sip:1001@192.0.2.8';

test('REG-01 a contact is bound for as long as its parameter says, else Expires, else the longest there is', () => {
  for (const [contact, expires, granted] of [
    [{ uri: A, expires: 300 }, 600, 300],
    [{ uri: A }, 600, 600],
    [{ uri: A }, undefined, 3600],
    [{ uri: A, expires: 7200 }, undefined, 3600],
    [{ uri: A, expires: 60 }, undefined, 60],
  ] as const) {
    const phone = new PhoneUnderTest();
    phone.register({ contacts: [contact], expires });
    assert.deepEqual(phone.contacts, [[A, granted]]);
  }
});

test('REG-01 a refresh keeps the time of registration and has a new expiry', () => {
  const phone = new PhoneUnderTest();
  phone.register({ expires: 600 });
  phone.pass(540);
  const outcome = phone.register({ expires: 600, cseq: 2 });
  assert.equal(outcome.kind === 'registered' && outcome.changes.refreshed.length, 1);
  assert.deepEqual(phone.contacts, [[A, 600]]);
  assert.deepEqual(
    [phone.bindings[0]?.registeredMs, phone.bindings[0]?.refreshedMs],
    [NOON, NOON + 540_000],
  );
});

test('REG-01 the same contact in another spelling is the same binding', () => {
  const phone = new PhoneUnderTest({ maxDevices: 5 });
  phone.register({ contacts: ['sip:1001@host.example;transport=tcp'] });
  phone.register({ contacts: ['sip:%31001@HOST.example;transport=TCP'], sipCallId: 'call-2' });
  assert.equal(phone.bindings.length, 1);
});

test('REG-01 expires 0 removes one contact, the others stay; what is not there is no mistake', () => {
  const phone = new PhoneUnderTest({ maxDevices: 2 });
  phone.register({ contacts: [A, B] });
  phone.register({ contacts: [{ uri: A, expires: 0 }], cseq: 2 });
  assert.deepEqual(
    phone.contacts.map(([contact]) => contact),
    [B],
  );
  assert.equal(causeOf(phone.register({ contacts: [A], expires: 0, cseq: 3 })), 'registered');
});

test('REG-01 Contact * with Expires 0 removes all; anything else beside it is malformed', () => {
  const phone = new PhoneUnderTest({ maxDevices: 2 });
  phone.register({ contacts: [A, B] });
  for (const wrong of [
    { contacts: [], isStar: true, expires: 60 },
    { contacts: [], isStar: true },
    { contacts: [A], isStar: true, expires: 0 },
  ]) {
    assert.equal(causeOf(phone.register({ ...wrong, cseq: 2 })), 'Malformed');
  }
  assert.equal(phone.bindings.length, 2);
  assert.equal(
    causeOf(phone.register({ contacts: [], isStar: true, expires: 0, cseq: 2 })),
    'registered',
  );
  assert.equal(phone.bindings.length, 0);
});

test('REG-01 without a contact the bindings are told and stay as they are', () => {
  const phone = new PhoneUnderTest();
  phone.register({ expires: 600 });
  phone.pass(100);
  const before = phone.bindings;
  const outcome = phone.register({ contacts: [], sipCallId: 'other' });
  assert.equal(outcome.kind, 'registered');
  assert.deepEqual(phone.bindings, before);
});

test('REG-01 an expiry below the least is refused with it, an hour never is, nor is 0', () => {
  for (const [expires, cause] of [
    [59, 'IntervalTooBrief'],
    [1, 'IntervalTooBrief'],
    [60, 'registered'],
    [0, 'registered'],
  ] as const) {
    const outcome = new PhoneUnderTest().register({ expires });
    assert.equal(causeOf(outcome), cause);
    if (outcome.kind === 'refused') assert.equal(outcome.minSeconds, 60);
  }
  const strict = new PhoneUnderTest({ minSeconds: 7200, maxSeconds: 7200 });
  assert.equal(causeOf(strict.register({ expires: 3600 })), 'registered');
  assert.deepEqual(strict.contacts, [[A, 3600]]);
});

test('REG-01 a sips contact is bound over TLS and wss alone, and behind a Path of sips URIs (RFC 5630 §5.2)', () => {
  const contacts = ['sips:1001@192.0.2.7'];
  const outcomeOf = (request: { transport: string; path?: string[] }): string =>
    causeOf(new PhoneUnderTest().register({ contacts, ...request }));
  for (const transport of ['udp', 'tcp', 'ws']) {
    assert.equal(outcomeOf({ transport }), 'Malformed', transport);
  }
  for (const transport of ['tls', 'wss']) assert.equal(outcomeOf({ transport }), 'registered');
  const transport = 'tls';
  assert.equal(outcomeOf({ transport, path: ['<sips:192.0.2.1;lr>'] }), 'registered');
  const path = ['<sips:192.0.2.1;lr>', '<sip:192.0.2.2;lr>'];
  assert.equal(outcomeOf({ transport, path }), 'Malformed');
  const mixed = { contacts: [A, 'SIPS:1001@192.0.2.7'], transport: 'udp' };
  assert.equal(causeOf(new PhoneUnderTest().register(mixed)), 'Malformed');
});

test('REG-01 of several contacts all are bound or none', () => {
  const phone = new PhoneUnderTest({ maxDevices: 5 });
  assert.equal(
    causeOf(phone.register({ contacts: [A, { uri: B, expires: 5 }] })),
    'IntervalTooBrief',
  );
  assert.equal(causeOf(phone.register({ contacts: [A, 'mailto:me@example.org'] })), 'Malformed');
  assert.equal(causeOf(phone.register({ contacts: [A, 'sip:'] })), 'Malformed');
  assert.deepEqual(phone.bindings, []);
  phone.register({ contacts: [A], cseq: 7 });
  assert.equal(causeOf(phone.register({ contacts: [B, A], cseq: 6 })), 'OutOfOrder');
  assert.deepEqual(
    phone.contacts.map(([contact]) => contact),
    [A],
  );
});

test('REG-01 of one Call-ID the higher CSeq counts, for *, too; another Call-ID begins anew', () => {
  const phone = new PhoneUnderTest({ maxDevices: 5 });
  phone.register({ cseq: 10 });
  for (const late of [
    { cseq: 10 },
    { cseq: 9 },
    { cseq: 9, expires: 0 },
    { cseq: 10, contacts: [], isStar: true, expires: 0 },
  ]) {
    assert.equal(causeOf(phone.register(late)), 'OutOfOrder');
  }
  assert.equal(phone.bindings.length, 1);
  assert.equal(causeOf(phone.register({ cseq: 1, sipCallId: 'after a restart' })), 'registered');
  assert.equal(phone.bindings[0]?.cseq, 1);
});

test('REG-01 a request that is repeated, as its answer was lost, has the same result', () => {
  const phone = new PhoneUnderTest();
  phone.register({ expires: 600 }, { mark: 7 });
  const { bindings } = phone;
  phone.pass(0.5);
  const again = phone.register({ expires: 600 }, { mark: 7, random: 0.9 });
  assert.equal(again.kind, 'registered');
  assert.deepEqual(phone.bindings, bindings);
  assert.equal(causeOf(phone.register({ expires: 600 }, { mark: 8 })), 'OutOfOrder');
});

test('REG-01 a binding is kept some seconds past its expiry, and not longer', () => {
  const phone = new PhoneUnderTest();
  phone.register({ expires: 60 });
  phone.pass(64);
  phone.register({ contacts: [], sipCallId: 'fetch' });
  assert.equal(phone.bindings.length, 1);
  phone.pass(1);
  phone.register({ contacts: [], sipCallId: 'fetch' });
  assert.equal(phone.bindings.length, 0);
});

test('REG-03 a device past the limit takes the place of the one that is silent for longest', () => {
  const phone = new PhoneUnderTest({ maxDevices: 2 });
  for (const [at, contact] of [A, B].entries()) {
    phone.register({ contacts: [contact], sipCallId: `call-${String(at)}` });
    phone.pass(10);
  }
  phone.register({ contacts: [A], sipCallId: 'call-0', cseq: 2 });
  phone.pass(10);
  const outcome = phone.register({ contacts: ['sip:1001@192.0.2.9'], sipCallId: 'call-9' });
  assert.deepEqual(
    outcome.kind === 'registered' && outcome.changes.replaced.map(({ contact }) => contact),
    [B],
  );
  assert.deepEqual(
    phone.bindings.map(({ contact }) => contact),
    [A, 'sip:1001@192.0.2.9'],
  );
});

test('REG-03 SS_ENDPOINT_REGISTER_REPLACE 0: a device past the limit is refused, those that are there may refresh', () => {
  const phone = new PhoneUnderTest({ replaces: false });
  phone.register({ expires: 60 });
  assert.equal(causeOf(phone.register({ contacts: [B], sipCallId: 'call-2' })), 'BindingsFull');
  assert.equal(causeOf(phone.register({ cseq: 2, expires: 60 })), 'registered');
  phone.pass(62);
  assert.equal(causeOf(phone.register({ contacts: [B], sipCallId: 'call-2' })), 'registered');
  assert.deepEqual(
    phone.bindings.map(({ contact }) => contact),
    [B],
  );
});

test('REG-03 more contacts in one request than there may be devices are refused', () => {
  const phone = new PhoneUnderTest();
  assert.equal(causeOf(phone.register({ contacts: [A, B] })), 'BindingsFull');
  assert.deepEqual(phone.bindings, []);
});

test('REG-03 whoever registers its public address in the same Call-ID is the same device', () => {
  const phone = new PhoneUnderTest({ replaces: false });
  phone.register({ contacts: ['sip:1001@10.0.0.7:5060'] });
  const moved = phone.register({ contacts: ['sip:1001@192.0.2.7:40000'], cseq: 2 });
  assert.deepEqual(
    moved.kind === 'registered' && moved.changes.replaced.map(({ contact }) => contact),
    ['sip:1001@10.0.0.7:5060'],
  );
  assert.equal(phone.bindings.length, 1);
});

test('REG-03 the same +sip.instance is the same device, whatever its contact and Call-ID', () => {
  const phone = new PhoneUnderTest({ replaces: false });
  const instance = '<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>';
  phone.register({ contacts: [{ uri: A, instance }] });
  phone.register({ contacts: [{ uri: B, instance }], sipCallId: 'after a restart' });
  assert.deepEqual(
    phone.bindings.map(({ contact }) => contact),
    [B],
  );
  const other = { uri: B, instance: '<urn:uuid:other>' };
  assert.equal(causeOf(phone.register({ contacts: [other], sipCallId: 'call-3' })), 'BindingsFull');
});

test('REG-03 several flows of a device (RFC 5626) are bound side by side and count as one; without outbound they are one', () => {
  const flow = (regId: number, source: string) => ({
    contacts: [{ uri: A, instance: '<urn:uuid:1>', regId }],
    isOutbound: true,
    sipCallId: `call-${String(regId)}`,
    source,
  });
  const phone = new PhoneUnderTest();
  phone.register(flow(1, '192.0.2.7:1001'));
  phone.register(flow(2, '192.0.2.7:1002'));
  assert.deepEqual(
    phone.bindings.map(({ regId, source }) => [regId, source]),
    [
      [1, '192.0.2.7:1001'],
      [2, '192.0.2.7:1002'],
    ],
  );
  phone.register({ ...flow(1, '192.0.2.7:1003'), cseq: 2 });
  assert.deepEqual(phone.bindings.map(({ source }) => source).sort(), [
    '192.0.2.7:1002',
    '192.0.2.7:1003',
  ]);
  for (const regId of [3, 4, 5]) {
    phone.pass(1);
    phone.register(flow(regId, `192.0.2.7:200${String(regId)}`));
  }
  assert.equal(phone.bindings.length, 4);
  const plain = new PhoneUnderTest();
  plain.register({ ...flow(1, '192.0.2.7:1001'), isOutbound: false });
  plain.register({ ...flow(2, '192.0.2.7:1002'), isOutbound: false });
  assert.equal(plain.bindings.length, 1);
});

test('REG-04 behind NAT the expiry is shorter, though never below the least, and the contact stays the client’s own', () => {
  for (const [parts, seconds] of [
    [{ contacts: ['sip:1001@10.0.0.7:5060'] }, 120],
    [{ source: '192.0.2.7:40000' }, 120],
    [{ contacts: ['sip:1001@[2001:db8::7]'], source: '[2001:db8::7]:5060' }, 3600],
    [{ contacts: ['sip:1001@phone.example'] }, 120],
    [{ transport: 'tcp', source: '192.0.2.7:40000' }, 3600],
    [{ transport: 'tcp', source: '192.0.2.9:40000' }, 120],
    [{ transport: 'ws', contacts: ['sip:x@abc.invalid;transport=ws'] }, 3600],
    [{ source: '198.51.100.1:5060', path: ['<sip:192.0.2.99;lr>'] }, 3600],
  ] as const) {
    const phone = new PhoneUnderTest();
    phone.register({ ...parts, path: [...('path' in parts ? parts.path : [])] });
    assert.equal(phone.contacts[0]?.[1], seconds, JSON.stringify(parts));
    assert.equal(phone.bindings[0]?.isBehindNat, seconds === 120);
  }
  const long = new PhoneUnderTest({ minSeconds: 300 });
  long.register({ contacts: ['sip:1001@10.0.0.7'] });
  assert.equal(long.contacts[0]?.[1], 120);
});

test('REG-07 expiries are spread by up to SS_ENDPOINT_EXPIRE_SPREAD, never below the least', () => {
  for (const [expires, random, granted] of [
    [3600, 0, 3600],
    [3600, 0.5, 3420],
    [3600, 0.999, 3241],
    [60, 0.999, 60],
    [62, 0.999, 60],
  ] as const) {
    const phone = new PhoneUnderTest({ spread: 10 });
    phone.register({ expires }, { random });
    assert.deepEqual(phone.contacts, [[A, granted]]);
  }
});

test('REG-02 a binding holds where it was heard, by which pod, from what', () => {
  const phone = new PhoneUnderTest();
  phone.register({
    contacts: [{ uri: A, q: 500 }],
    flow: '10.0.0.3:7000;17',
    transport: 'tcp',
    local: '192.0.2.1:5062',
    path: ['<sip:192.0.2.99;lr>'],
  });
  const [binding] = phone.bindings;
  assert.deepEqual(
    [binding?.source, binding?.transport, binding?.flow, binding?.edge, binding?.userAgent],
    ['192.0.2.7:5060', 'tcp', '10.0.0.3:7000;17', 'edge-1', 'baresip v1.0.0'],
  );
  assert.deepEqual(
    [binding?.q, binding?.local, binding?.path, binding?.registeredMs],
    [500, '192.0.2.1:5062', ['<sip:192.0.2.99;lr>'], NOON],
  );
});

test('REG-01 requests beyond all measure are refused', () => {
  const phone = new PhoneUnderTest({ maxDevices: 100 });
  const contacts = Array.from({ length: 17 }, (_, at) => `sip:1001@192.0.2.${String(at + 1)}`);
  assert.equal(causeOf(phone.register({ contacts })), 'Malformed');
  const path = contacts.slice(0, 9).map((uri) => `<${uri};lr>`);
  assert.equal(causeOf(phone.register({ path })), 'Malformed');
  const long = 'x'.repeat(1024);
  assert.equal(causeOf(phone.register({ contacts: [`sip:${long}@192.0.2.1`] })), 'Malformed');
  const longPath = [`<sip:${long}@p>`, `<sip:${long}@q>`];
  assert.equal(causeOf(phone.register({ path: longPath })), 'Malformed');
});

test('REG-10 devices that keep taking the place of each other are counted until ten minutes have passed without it', () => {
  const phone = new PhoneUnderTest();
  const takeovers = (user: string, seconds: number): number => {
    phone.pass(seconds);
    phone.register({
      contacts: [`sip:${user}@192.0.2.7`],
      sipCallId: `${user} ${String(phone.nowMs)}`,
    });
    return phone.bindings[0]?.takeovers ?? -1;
  };
  assert.deepEqual([takeovers('a', 0), takeovers('b', 60), takeovers('a', 599)], [0, 1, 2]);
  assert.equal(isFlapping(phone.bindings, phone.nowMs), false);
  assert.equal(takeovers('b', 60), 3);
  assert.equal(isFlapping(phone.bindings, phone.nowMs), true);
  // It refreshes: nobody has taken its place.
  assert.deepEqual([takeovers('b', 300), isFlapping(phone.bindings, phone.nowMs)], [3, true]);
  assert.equal(isFlapping(phone.bindings, phone.nowMs + 300_000), false);
  assert.equal(takeovers('b', 300), 0);
});

test('REG-10 a device that has moved, or takes a place whose time is over, has taken nobody’s', () => {
  const phone = new PhoneUnderTest();
  for (const port of [5060, 5062, 5064, 5066, 5068]) {
    phone.register({ contacts: [`sip:1001@192.0.2.7:${String(port)}`], cseq: port });
  }
  assert.equal(phone.bindings[0]?.takeovers, 0);
  phone.pass(3601);
  phone.register({ contacts: ['sip:b@192.0.2.8'], sipCallId: 'other' });
  assert.deepEqual(phone.bindings.map(({ contact, takeovers }) => [contact, takeovers]), [['sip:b@192.0.2.8', 0]]); // prettier-ignore
});

test('REG-10 of three devices where there may be two, the phone flaps whichever is seen', () => {
  const phone = new PhoneUnderTest({ maxDevices: 2 });
  for (const user of ['a', 'b', 'c', 'a', 'b']) {
    phone.pass(10);
    phone.register({
      contacts: [`sip:${user}@192.0.2.7`],
      sipCallId: user,
      cseq: phone.nowMs % 1e6,
    });
  }
  assert.deepEqual(
    phone.bindings.map(({ takeovers }) => takeovers),
    [2, 3],
  );
  assert.equal(isFlapping(phone.bindings, phone.nowMs), true);
});
