import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusedRegistration } from '../../src/core/journal-notes.ts';
import { allowedName, decisionOf, denialOf, exampleDocument, requestOf, Scene } from '../scene.ts';

/** A gateway that calls and is called, and one that is only called. */
function scene(): Scene {
  const opened = new Scene();
  opened.apply({
    mappingGateways: [
      ...exampleDocument.mappingGateways,
      {
        name: 'site',
        account: 'demo',
        authentication: { mode: 'password', password: 'site-pass' },
        registration: {},
      },
    ],
    routingGateways: [
      { name: 'site', type: 'dynamic', prefixes: ['49'] },
      { name: 'gsm', type: 'dynamic', prefixes: ['44'], password: 'gsm-pass' },
    ],
  });
  return opened;
}

const register = (fromUser: string) => ({ method: 'REGISTER', fromUser, sipCallId: fromUser });

test('REG-10 AUTH-01 a dynamic gateway registers with its name and password, and calls with them as a mapping gateway', async () => {
  const opened = scene();
  const password = 'site-pass';
  const registered = await opened.call(register('site'), { password });
  assert.equal(allowedName(registered), 'mapping-gateway site');
  const called = await opened.call({ fromUser: 'site' }, { password });
  assert.equal(allowedName(called), 'mapping-gateway site');
  const wrong = await opened.call({ ...register('site'), sipCallId: 'w' }, { password: 'no' });
  assert.equal(wrong.outcome?.$case, 'challenge');
});

test('REG-10 one that is a routing gateway alone registers and makes no calls', async () => {
  const opened = scene();
  const password = 'gsm-pass';
  const registered = await opened.call(register('gsm'), { password });
  assert.equal(allowedName(registered), 'routing-gateway gsm');
  const refused = await opened.call({ fromUser: 'gsm', sipCallId: 'c' }, { password });
  assert.equal(denialOf(refused).reason, 'CallNotPermitted');
  assert.deepEqual(decisionOf(refused).facts, { method: 'INVITE' });
});

test('REG-10 REG-11 a mapping gateway without a registration does not register, and the journal says why', async () => {
  const opened = scene();
  const call = register('office-user');
  const refused = await opened.call(call, { password: 'office-pass' });
  assert.equal(denialOf(refused).reason, 'CallNotPermitted');
  const note = refusedRegistration(requestOf(call), refused, () => 'demo');
  assert.deepEqual([note?.cause, note?.terminal], ['not-dynamic', 'office']);
  const called = await opened.call({ fromUser: 'office-user' }, { password: 'office-pass' });
  assert.equal(allowedName(called), 'mapping-gateway office');
});

test('REG-10 AUTH-01 a REGISTER is of the name that it gives, though it comes from the address of a trunk', async () => {
  const opened = scene();
  const call = { ...register('1001'), sourceAddress: '192.0.2.1' };
  await opened.challengeFor(call);
  assert.equal(allowedName(await opened.call(call, { password: 'tandem-demo' })), 'phone 1001');
});
