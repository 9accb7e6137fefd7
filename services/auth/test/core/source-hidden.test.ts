import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedName, challengeOf, decisionOf, denialOf, Scene } from '../scene.ts';

const hidden = { sourceHidden: true };

test('CALL-07 a gateway in mode ip is refused where the network hides sources, and the decision says so', async () => {
  const scene = new Scene();
  const response = await scene.send({ ...hidden, sourceAddress: '192.0.2.1', fromUser: '4711' });
  assert.deepEqual(denialOf(response), {
    reason: 'IpNotAllowed',
    origin: { kind: 'mapping-gateway', name: 'trunk', account: 'demo' },
    unrecorded: false,
    unanswered: false,
  });
  const { decision, facts } = decisionOf(response);
  assert.deepEqual(
    [decision.check, decision.result, decision.reason, decision.subject],
    ['source-address', 'refused', 'IpNotAllowed', 'mapping-gateway trunk'],
  );
  assert.equal(facts['source-hidden'], 'yes');
  assert.equal(facts['mode'], 'ip');
});

test('DENY-03 a gateway in mode ip-port is refused behind a hidden source, from its own port and from another', async () => {
  const scene = new Scene();
  for (const sourcePort of [5062, 5063]) {
    const call = { ...hidden, sourceAddress: '198.51.100.7', sourcePort, fromUser: '4711' };
    const response = await scene.send(call);
    assert.equal(denialOf(response).reason, 'IpNotAllowed');
    assert.equal(decisionOf(response).facts['source-hidden'], 'yes');
  }
});

test('AUTH-07 AUTH-08 behind a hidden source all are at one place, whatever address is seen, and none is black-listed', async () => {
  const scene = new Scene({ parameters: { SS_BLACKLIST_MAX_FAILURES: 1 } });
  const challenge = await scene.challengeFor({ ...hidden, sourceAddress: '10.0.0.1' });
  const call = { ...hidden, sourceAddress: '10.0.0.2', cseq: 2 };
  const response = await scene.answer(call, challenge, { password: 'tandem-demo' });
  assert.equal(allowedName(response), 'phone 1001');
  await scene.guess({ ...hidden, sipCallId: 'b', sourceAddress: '10.0.0.1' }, ['no']);
  assert.deepEqual(await scene.store.listBlacklist(), []);
  const [failure] = await scene.store.listFailures();
  assert.equal(failure?.place, 'a hidden source');
});

test('CALL-07 a password still proves who calls behind a hidden source, even one that is a gateway address', async () => {
  const scene = new Scene();
  const call = { ...hidden, sourceAddress: '192.0.2.1', fromUser: '1001' };
  const challenge = await scene.challengeFor(call);
  const response = await scene.answer(call, challenge, { password: 'tandem-demo' });
  assert.equal(allowedName(response), 'phone 1001');
});

test('CALL-07 an unknown user behind a hidden source is challenged, and the decision says that it is hidden', async () => {
  const scene = new Scene();
  const response = await scene.send({ ...hidden, fromUser: '4711' });
  assert.equal(challengeOf(response).code, 407);
  assert.equal(decisionOf(response).facts['source-hidden'], 'yes');
});
