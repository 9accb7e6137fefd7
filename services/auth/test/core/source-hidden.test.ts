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

test('CALL-07 AUTH-14 of a call that proves nothing it is said that its source is hidden, not that a list lacks it', async () => {
  const scene = new Scene();
  await scene.send({ ...hidden, method: 'INVITE', sourceAddress: '10.0.0.1', fromUser: '4711' });
  scene.clock.advance(10_000);
  const [failure] = await scene.unanswered();
  assert.equal(factOf(failure?.decision, 'source-hidden'), 'yes');
});

test('CALL-07 AUTH-14 where the Via has an address of a list, and another one was seen, the gateway is told that would have been it', async () => {
  const sent = {
    method: 'INVITE',
    sourceAddress: '10.0.0.1',
    sentBy: '192.0.2.7',
    fromUser: '4711',
  };
  const scene = new Scene();
  await scene.send(sent);
  scene.clock.advance(10_000);
  const [failure] = await scene.unanswered();
  const refusing = new Scene({ parameters: { SS_UNKNOWN_SOURCE: 'refuse' } });
  const { decision } = decisionOf(await refusing.send(sent));
  for (const record of [failure?.decision, decision]) {
    assert.equal(factOf(record, 'sent-by'), '192.0.2.7');
    assert.equal(factOf(record, 'nearest-gateway'), 'mapping-gateway trunk');
  }
  // An address behind NAT is in nobody's list.
  const behind = decisionOf(await refusing.send({ ...sent, sentBy: '192.168.1.5' }));
  assert.equal(behind.facts['sent-by'], undefined);
});

function factOf(
  record:
    { readonly facts: readonly { readonly name: string; readonly value: string }[] } | undefined,
  name: string,
): string | undefined {
  return record?.facts.find((fact) => fact.name === name)?.value;
}
