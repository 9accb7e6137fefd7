import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedName, challengeOf, decisionOf, denialOf, Scene } from '../scene.ts';
import type { Call } from '../scene.ts';

test('AUTH-01 a gateway in mode ip is allowed from any address of its list, without a challenge', async () => {
  const scene = new Scene();
  for (const sourceAddress of ['192.0.2.1', '192.0.2.255', '::ffff:192.0.2.7']) {
    const response = await scene.send({ sourceAddress, sourcePort: 40_000, fromUser: '4711' });
    assert.equal(allowedName(response), 'mapping-gateway trunk');
    const { decision, facts } = decisionOf(response);
    assert.deepEqual(
      [decision.service, decision.check, decision.result, decision.subject],
      ['auth', 'source-address', 'passed', 'mapping-gateway trunk'],
    );
    assert.equal(facts['mode'], 'ip');
  }
});

test('AUTH-01 the source address decides before the name in From', async () => {
  const scene = new Scene();
  const response = await scene.send({ sourceAddress: '192.0.2.1', fromUser: '1001' });
  assert.equal(allowedName(response), 'mapping-gateway trunk');
});

test('AUTH-01 a gateway in mode ip-port is allowed from its address and port only', async () => {
  const scene = new Scene();
  const right = { sourceAddress: '198.51.100.7', sourcePort: 5062, fromUser: '4711' };
  assert.equal(allowedName(await scene.send(right)), 'mapping-gateway pbx');
  const wrong = await scene.send({ ...right, sourcePort: 5063 });
  assert.deepEqual(denialOf(wrong), {
    reason: 'IpNotAllowed',
    origin: { kind: 'mapping-gateway', name: 'pbx', account: 'demo' },
    unrecorded: false,
    unanswered: false,
  });
  const { decision, facts } = decisionOf(wrong);
  assert.equal(decision.reason, 'IpNotAllowed');
  assert.equal(facts['source'], '198.51.100.7:5063');
  assert.equal(facts['allowed'], '198.51.100.7:5062');
});

test('DENY-18 how a gateway wants refusals told goes to the edge with them, and with nothing that is asked of strangers', async () => {
  const scene = new Scene();
  const authentication = { mode: 'ip-port', addresses: ['198.51.100.9:5060'] };
  const gateway = { name: 'told', account: 'demo', authentication };
  scene.apply({
    mappingGateways: [
      { ...gateway, codeMap: [{ code: 403, to: 603 }], q850: { makeReason: true } },
      {
        ...gateway,
        name: 'plain',
        authentication: { mode: 'ip-port', addresses: ['198.51.100.10:5060'] },
      },
    ],
  });
  const from = (sourceAddress: string): Call => ({
    sourceAddress,
    sourcePort: 5090,
    fromUser: '4711',
  });
  assert.deepEqual(denialOf(await scene.send(from('198.51.100.9'))).callerAnswers, {
    codes: [{ from: 403, to: 603, phrase: '' }],
    makesCause: true,
  });
  assert.equal(denialOf(await scene.send(from('198.51.100.10'))).callerAnswers, undefined);
  scene.apply({ parameters: { SS_UNKNOWN_SOURCE: 'refuse' } });
  assert.equal(denialOf(await scene.send(from('203.0.113.5'))).callerAnswers, undefined);
});

test('AUTH-01 a phone behind the address of a gateway in mode ip-port is challenged', async () => {
  const scene = new Scene();
  const response = await scene.send({ sourceAddress: '198.51.100.7', sourcePort: 5063 });
  assert.equal(challengeOf(response).code, 407);
});

test('AUTH-14 a request in the name of a gateway in mode ip from another address is challenged like any other', async () => {
  const scene = new Scene();
  const shape = (value: string): string => value.replace(/nonce-\d+/, 'N');
  const trunk = await scene.challengeFor({ fromUser: 'trunk', sourceAddress: '2001:db8::9' });
  const nobody = await scene.challengeFor({ fromUser: 'nobody', sourceAddress: '2001:db8::9' });
  assert.deepEqual(trunk.proxyAuthenticate.map(shape), nobody.proxyAuthenticate.map(shape));
});

test('DENY-03 a long list of addresses is shortened in the decision', async () => {
  const scene = new Scene();
  const addresses = Array.from({ length: 13 }, (_, index) => `10.0.0.${String(index)}:5060`);
  const authentication = { mode: 'ip-port', addresses };
  scene.apply({ mappingGateways: [{ name: 'wide', account: 'demo', authentication }] });
  const wrongPort = { fromUser: 'x', sourceAddress: '10.0.0.3', sourcePort: 5066 };
  const response = await scene.send(wrongPort);
  assert.match(decisionOf(response).facts['allowed'] ?? '', /10\.0\.0\.9:5060 and 3 more$/);
});

test('AUTH-05 a request from nowhere in the name of nobody is challenged like that of a phone', async () => {
  const scene = new Scene();
  const known = await scene.challengeFor({ fromUser: '1001' });
  const unknown = await scene.challengeFor({ fromUser: 'nobody', sourceAddress: 'not an address' });
  const shape = (value: string): string => value.replace(/nonce-\d+/, 'N');
  assert.equal(unknown.code, known.code);
  assert.deepEqual(unknown.proxyAuthenticate.map(shape), known.proxyAuthenticate.map(shape));
});

test('AUTH-01 with a gateway that is known by its address comes its list, without ports: its nodes may speak in its calls', async () => {
  const scene = new Scene();
  const listed = async (call: Parameters<Scene['send']>[0]): Promise<readonly string[]> =>
    (await scene.send(call)).callerAddresses;
  assert.deepEqual(await listed({ sourceAddress: '192.0.2.1' }), ['192.0.2.0/24']);
  const pbx = { sourceAddress: '198.51.100.7', sourcePort: 5062 };
  assert.deepEqual(await listed(pbx), ['198.51.100.7']);
  // A password proves one client.
  const phone = { fromUser: '1001', sipCallId: 'by-password' };
  const challenge = await scene.challengeFor(phone);
  const answered = await scene.answer(phone, challenge, { password: 'tandem-demo' });
  assert.equal(answered.outcome?.$case, 'allow');
  assert.deepEqual(answered.callerAddresses, []);
});

test('CALL-07 where a gateway takes answers goes with its being let in, by address and by password', async () => {
  const scene = new Scene();
  const byAddress = { mode: 'ip', addresses: ['192.0.2.0/24'] };
  const byPassword = { mode: 'password', username: 'office-user', password: 'office-pass' };
  scene.apply({
    mappingGateways: [
      { name: 'a', account: 'demo', authentication: byAddress, replyAddress: 'via-port' },
      { name: 'b', account: 'demo', authentication: byPassword, replyAddress: 'via' },
    ],
  });
  const known = await scene.send({ sourceAddress: '192.0.2.9' });
  assert.equal(allowedName(known), 'mapping-gateway a');
  assert.equal(known.replyAddress, 'via-port');
  const call = { fromUser: 'office-user', sipCallId: 'call-2' };
  const challenge = await scene.challengeFor(call);
  const proved = await scene.answer({ ...call, cseq: 2 }, challenge, { password: 'office-pass' });
  assert.equal(proved.replyAddress, 'via');
  const phone = await scene.challengeFor({ sipCallId: 'call-3' });
  const again = { sipCallId: 'call-3', cseq: 2 };
  assert.equal(
    (await scene.answer(again, phone, { password: 'tandem-demo' })).replyAddress,
    undefined,
  );
});
