import assert from 'node:assert/strict';
import test from 'node:test';
import { LocalAddresses, listenerId } from '../../src/core/network/local-addresses.ts';
import { ListenerChoice } from '../../src/network/listener-choice.ts';

const outer = { address: '203.0.113.1', port: 5060 };
const inner = { address: '10.0.0.5', port: 5060 };
const six = { address: '2001:db8::1', port: 5060 };

function choiceOf(...given: ConstructorParameters<typeof LocalAddresses>[0]): ListenerChoice {
  return new ListenerChoice(new LocalAddresses(given));
}

test('CALL-07 what was heard by a listener is answered by it', () => {
  const choice = choiceOf({ ...outer, bound: outer }, { ...inner, bound: inner });
  const peer = { address: '192.0.2.9', port: 5060 };
  assert.equal(choice.heardBy(peer, outer), undefined);
  const listener = choice.heardBy(peer, inner);
  assert.equal(listener, listenerId('10.0.0.5:5060'));
  assert.deepEqual(choice.leavesBy({ ...peer, listener }), inner);
  assert.deepEqual(choice.leavesBy(peer), outer);
});

test('CALL-07 what is not yet heard leaves by the listener that its network is told of', () => {
  const block = { ...inner, network: '10.0.0.0/8' };
  const choice = choiceOf(block, { ...outer, bound: outer }, { ...inner, bound: inner });
  const peer = { address: '10.9.9.9', port: 5060 };
  assert.deepEqual(choice.leavesBy(peer), inner);
  assert.equal(choice.heardBy(peer, inner), undefined);
  assert.equal(choice.heardBy(peer, outer), listenerId('203.0.113.1:5060'));
});

test('CALL-07 one listener for each IP version and transport leaves nothing to choose', () => {
  const choice = choiceOf(
    { ...outer, transport: 'udp', bound: outer },
    { ...six, transport: 'udp', bound: six },
    { ...outer, transport: 'tcp', bound: outer },
  );
  const peer = { address: '192.0.2.9', port: 5060 };
  assert.equal(choice.leavesBy(peer), undefined);
  assert.equal(choice.heardBy(peer, outer), undefined);
});
