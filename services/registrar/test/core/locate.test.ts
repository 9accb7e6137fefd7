import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locate } from '../../src/core/locate.ts';
import { PhoneUnderTest } from '../requests.ts';
import type { RequestParts } from '../requests.ts';

function targetOf(parts: RequestParts) {
  const phone = new PhoneUnderTest();
  phone.register(parts);
  return locate(phone.bindings, phone.nowMs)[0]?.target;
}

test('ROUTE-01 the Request-URI is the client’s own contact, the message goes where it was heard', () => {
  assert.deepEqual(
    targetOf({ contacts: ['sip:1001@10.0.0.7:5060;ob'], source: '192.0.2.7:40000' }),
    {
      uri: 'sip:1001@10.0.0.7:5060;ob',
      transport: 'udp',
      addresses: ['192.0.2.7:40000'],
      flow: '',
      path: [],
      local: undefined,
    },
  );
});

test('REG-02 a connection is named by its flow, and the listener by its address', () => {
  const target = targetOf({ transport: 'tcp', flow: '10.0.0.3:7000;17', local: '192.0.2.1:5062' });
  assert.deepEqual(
    [target?.transport, target?.flow, target?.local],
    ['tcp', '10.0.0.3:7000;17', '192.0.2.1:5062'],
  );
});

test('REG-01 behind proxies the first of the Path is where the message goes, and all of them are its Route (RFC 3327)', () => {
  const path = ['<sip:192.0.2.99:5070;lr>', '<sip:192.0.2.98;lr>'];
  const target = targetOf({ path, flow: 'g;1' });
  assert.deepEqual(
    [target?.addresses, target?.path, target?.flow],
    [['192.0.2.99:5070'], path, ''],
  );
  const named = targetOf({ path: ['<sip:proxy.example;lr>'], flow: 'g;1' });
  assert.deepEqual([named?.addresses, named?.flow], [['192.0.2.7:5060'], 'g;1']);
});

test('REG-03 the binding with the higher q comes first, among equals the one that was heard last; none past its time', () => {
  const phone = new PhoneUnderTest({ maxDevices: 5 });
  const at = (uri: string, q: number, expires: number) =>
    phone.register({ contacts: [{ uri, q, expires }], sipCallId: uri });
  at('sip:1@192.0.2.1', 500, 600);
  phone.pass(1);
  at('sip:1@192.0.2.2', 1000, 600);
  phone.pass(1);
  at('sip:1@192.0.2.3', 500, 60);
  const found = () => locate(phone.bindings, phone.nowMs).map(({ contact }) => contact);
  assert.deepEqual(found(), ['sip:1@192.0.2.2', 'sip:1@192.0.2.3', 'sip:1@192.0.2.1']);
  phone.pass(70);
  assert.deepEqual(found(), ['sip:1@192.0.2.2', 'sip:1@192.0.2.1']);
});

test('REG-03 devices with one q have one rank, those with a lower q the next', () => {
  const phone = new PhoneUnderTest({ maxDevices: 5 });
  for (const [host, q] of [
    ['192.0.2.1', 500],
    ['192.0.2.2', 1000],
    ['192.0.2.3', 500],
    ['192.0.2.4', 1000],
    ['192.0.2.5', 0],
  ] as const) {
    phone.register({ contacts: [{ uri: `sip:1@${host}`, q }], sipCallId: host });
    phone.pass(1);
  }
  assert.deepEqual(
    locate(phone.bindings, phone.nowMs).map(({ contact, target }) => [
      contact,
      target?.device,
      target?.rank,
    ]),
    [
      ['sip:1@192.0.2.4', undefined, undefined],
      ['sip:1@192.0.2.2', 1, undefined],
      ['sip:1@192.0.2.3', 2, 1],
      ['sip:1@192.0.2.1', 3, 1],
      ['sip:1@192.0.2.5', 4, 2],
    ],
  );
});

test('REG-03 the flows of a device are one place, the one heard last first (RFC 5626)', () => {
  const phone = new PhoneUnderTest({ maxDevices: 5 });
  const flow = (host: string, regId: number, q: number) => {
    const instance = '<urn:uuid:1>';
    const contacts = [{ uri: `sip:1@${host}`, instance, regId, q }];
    phone.register({ contacts, isOutbound: true, sipCallId: host });
    phone.pass(1);
  };
  flow('192.0.2.1', 1, 300);
  phone.register({ contacts: [{ uri: 'sip:1@192.0.2.9', q: 500 }], sipCallId: 'other' });
  flow('192.0.2.2', 2, 700);
  assert.deepEqual(
    locate(phone.bindings, phone.nowMs).map(({ contact, target }) => [
      contact,
      target?.device,
      target?.rank,
    ]),
    [
      ['sip:1@192.0.2.2', undefined, undefined],
      ['sip:1@192.0.2.1', undefined, undefined],
      ['sip:1@192.0.2.9', 1, 1],
    ],
  );
});
