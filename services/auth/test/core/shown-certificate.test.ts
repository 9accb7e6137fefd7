import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedName, decisionOf, denialOf, exampleDocument, Scene } from '../scene.ts';

const certificateNames = ['PBX.example', 'backup.example'];

function scene(): Scene {
  const one = new Scene();
  one.apply({
    mappingGateways: exampleDocument.mappingGateways.map((gateway) => ({
      ...gateway,
      certificateNames,
    })),
  });
  return one;
}

test('AUTH-01 a gateway that must show a certificate is let in with one of its names, from its address', async () => {
  const call = { sourceAddress: '192.0.2.1', fromUser: '4711', transport: 'tls' };
  for (const certificate of ['pbx.example', 'voice.example,backup.example']) {
    const response = await scene().send({ ...call, certificate });
    assert.equal(allowedName(response), 'mapping-gateway trunk');
  }
  for (const certificate of ['', 'other.example', 'a.pbx.example']) {
    const response = await scene().send({ ...call, certificate });
    assert.equal(denialOf(response).reason, 'AuthenticationFailed');
  }
});

test('AUTH-01 the certificate does not stand for the address', async () => {
  const call = { sourceAddress: '203.0.113.9', fromUser: 'trunk', certificate: 'pbx.example' };
  const { outcome } = await scene().send(call);
  assert.equal(outcome?.$case, 'challenge');
});

test('AUTH-04 a gateway with a password must show its certificate as well, and the decision says what was shown', async () => {
  const one = scene();
  const call = { fromUser: 'office-user', transport: 'tls', certificate: 'other.example' };
  const challenge = await one.challengeFor(call);
  const answer = { username: 'office-user', password: 'office-pass' };
  const response = await one.answer(call, challenge, answer);
  assert.deepEqual(denialOf(response), {
    reason: 'AuthenticationFailed',
    origin: { kind: 'mapping-gateway', name: 'office', account: 'demo' },
    unanswered: false,
    unrecorded: false,
  });
  assert.deepEqual(
    response.decisions.map(({ check, result }) => `${check} ${result}`),
    ['digest passed', 'certificate refused'],
  );
  const right = { ...call, certificate: 'pbx.example' };
  const known = await one.answer(right, await one.challengeFor(right), answer);
  assert.equal(allowedName(known), 'mapping-gateway office');
  assert.equal(decisionOf(known).decision.check, 'digest');
});
