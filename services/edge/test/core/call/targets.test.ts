import assert from 'node:assert/strict';
import test from 'node:test';
import type { Target } from '@tandem/proto/routing';
import { destinationsOf } from '../../../src/core/call/targets.ts';
import { candidateOf } from '../../support/call-samples.ts';

const phone: Target = {
  uri: 'sip:1002@10.1.1.1:33000;ob',
  transport: 'tcp',
  addresses: ['192.0.2.20:33000', '[2001:db8::20]:5060'],
  flow: '10.0.0.3:7000;17',
  path: ['<sip:proxy.example;lr>'],
};

test('ROUTE-02 every address of a target comes before the next target', () => {
  const desk: Target = { ...phone, uri: 'sip:desk', transport: 'udp', flow: '', path: [] };
  const found = destinationsOf(candidateOf('phones', { targets: [phone, desk] }));
  assert.deepEqual(
    found.map(({ target, text }) => [target.uri, text]),
    [
      [phone.uri, '192.0.2.20:33000'],
      [phone.uri, '[2001:db8::20]:5060'],
      [desk.uri, '192.0.2.20:33000'],
      [desk.uri, '[2001:db8::20]:5060'],
    ],
  );
  assert.deepEqual(found[3]?.address, { address: '2001:db8::20', port: 5060 });
});

test('edge.md §3: an address has the transport of its target, the first one the flow by which it was heard', () => {
  const [first, second] = destinationsOf(candidateOf('phones', { targets: [phone] }));
  assert.deepEqual(first?.address, {
    address: '192.0.2.20',
    port: 33_000,
    transport: 'tcp',
    flow: { gate: '10.0.0.3:7000', connection: 17 },
  });
  assert.deepEqual(second?.address, { address: '2001:db8::20', port: 5060, transport: 'tcp' });
  assert.equal(first.target.transport.name, 'tcp');
  assert.deepEqual(first.target.path, phone.path);
});

test('CALL-10 an address that cannot be read keeps its place and its text, a transport that is none is UDP', () => {
  const targets = [{ ...phone, addresses: ['gw.example:5060'], transport: 'carrier pigeon' }];
  const [found] = destinationsOf(candidateOf('phones', { targets }));
  assert.equal(found?.address, undefined);
  assert.equal(found?.text, 'gw.example:5060');
  assert.equal(found.target.transport.name, 'udp');
});

test('CALL-06 a candidate of the version before has a target for each address, with that in its URI', () => {
  const candidate = { ...candidateOf('a', { callee: '+*100#', transport: 'tcp' }), targets: [] };
  const addresses = ['203.0.113.5:5070', '203.0.113.6:5070'];
  const found = destinationsOf({ ...candidate, addresses });
  assert.deepEqual(
    found.map(({ target }) => target.uri),
    ['sip:+*100%23@203.0.113.5:5070', 'sip:+*100%23@203.0.113.6:5070'],
  );
  assert.deepEqual(found[1]?.address, { address: '203.0.113.6', port: 5070, transport: 'tcp' });
});
