import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allowedName,
  challengeOf,
  decisionOf,
  denialOf,
  exampleDocument,
  Scene,
} from '../scene.ts';

const password = 'tandem-demo';
const stranger = { fromUser: '441632960123', sourceAddress: '192.0.3.9', userAgent: 'PBX 7' };

test('AUTH-14 an INVITE from an address that nobody lists is challenged, and where nobody answers it is kept with the list that comes nearest', async () => {
  const scene = new Scene();
  await scene.challengeFor(stranger);
  scene.clock.advance(9999);
  assert.deepEqual(await scene.unanswered(), []);
  scene.clock.advance(1);
  const [failure] = await scene.unanswered();
  assert.ok(failure);
  assert.deepEqual(
    [failure.terminal, failure.reason, failure.cause],
    [
      { user: 'unknown-user 441632960123', place: '192.0.3.9' },
      'IpNotAllowed',
      'challenge never answered',
    ],
  );
  assert.deepEqual(factsOf(failure.decision), {
    'led-to': 'never-answered',
    challenges: '1',
    method: 'INVITE',
    source: '192.0.3.9:5060',
    SS_AUTHCHALLENGEMODE: '3',
    code: '407',
    SS_SIP_AUTHENTICATION_TIMEOUT: '10 s',
    sent: 'no credentials',
    expected: 'Authorization or Proxy-Authorization',
    'user-agent': 'PBX 7',
    'nearest-gateway': 'mapping-gateway trunk',
    'nearest-list': '192.0.2.0/24',
  });
  const [gathered] = await scene.store.listFailures();
  assert.equal(gathered?.reason, 'IpNotAllowed');
  assert.deepEqual(gathered.decision, failure.decision);
  assert.deepEqual(await scene.unanswered(), []);
});

test('AUTH-14 where somebody of that name is known the reason is ChallengeUnanswered', async () => {
  const scene = new Scene();
  await scene.challengeFor({ sipCallId: 'call' });
  await scene.challengeFor({ sipCallId: 'registration', method: 'REGISTER', fromUser: '2001' });
  scene.clock.advance(10_000);
  const reasons = (await scene.unanswered()).map(({ terminal, reason }) => [terminal.user, reason]);
  assert.deepEqual(reasons, [
    ['phone 1001', 'ChallengeUnanswered'],
    ['phone 2001', 'ChallengeUnanswered'],
  ]);
});

test('AUTH-14 the gateway whose name is called is nearer than any other', async () => {
  const scene = new Scene();
  await scene.challengeFor({ ...stranger, fromUser: 'pbx' });
  scene.clock.advance(10_000);
  const [failure] = await scene.unanswered();
  assert.ok(failure);
  const facts = factsOf(failure.decision);
  assert.equal(facts['nearest-gateway'], 'mapping-gateway pbx');
  assert.equal(facts['nearest-list'], '198.51.100.7:5062');
});

test('AUTH-14 what is answered is not kept, right or wrong, nor is a retransmission a second attempt', async () => {
  const scene = new Scene();
  await scene.send({});
  await scene.call({}, { password });
  await scene.call({ sipCallId: 'wrong' }, { password: 'no' });
  await scene.send({ sipCallId: 'silent' });
  scene.clock.advance(500);
  await scene.send({ sipCallId: 'silent' });
  scene.clock.advance(9500);
  const [failure, ...others] = await scene.unanswered();
  assert.deepEqual(others, []);
  assert.ok(failure);
  assert.equal(factsOf(failure.decision)['challenges'], '1');
});

test('AUTH-14 SS_UNKNOWN_SOURCE refuse answers 403 at once to who has no password here, and writes no CDR', async () => {
  const scene = new Scene({ parameters: { SS_UNKNOWN_SOURCE: 'refuse' } });
  const response = await scene.send(stranger);
  assert.deepEqual(denialOf(response), {
    reason: 'IpNotAllowed',
    origin: undefined,
    unrecorded: true,
    unanswered: false,
  });
  const { decision, facts } = decisionOf(response);
  assert.equal(decision.reason, 'IpNotAllowed');
  assert.deepEqual(facts, {
    SS_UNKNOWN_SOURCE: 'refuse',
    source: '192.0.3.9:5060',
    'nearest-gateway': 'mapping-gateway trunk',
    'nearest-list': '192.0.2.0/24',
  });
  const [gathered] = await scene.store.listFailures();
  assert.deepEqual(
    [gathered?.cause, gathered?.reason, gathered?.place],
    ['address in no list', 'IpNotAllowed', '192.0.3.9'],
  );
  // Who registers is known by no address, and whoever has a password is asked for it.
  assert.equal((await scene.send({ ...stranger, method: 'REGISTER' })).outcome?.$case, 'challenge');
  assert.equal(allowedName(await scene.call({}, { password })), 'phone 1001');
  await scene.store.addToBlacklist({ place: '192.0.3.9', forMs: 60_000, cause: 'test' });
  assert.equal(denialOf(await scene.send(stranger)).unanswered, true);
});

const silent = { sipCallId: 'silent', method: 'REGISTER', fromUser: '1001' };

test('AUTH-15 challenges that lead nowhere are told apart', async () => {
  const told = async (play: (scene: Scene) => Promise<unknown>): Promise<[string, string]> => {
    const scene = new Scene();
    await play(scene);
    scene.clock.advance(10_000);
    const [failure] = await scene.unanswered();
    assert.ok(failure);
    return [failure.cause, factsOf(failure.decision)['sent'] ?? ''];
  };
  const again = async (scene: Scene, count: number): Promise<void> => {
    for (let cseq = 1; cseq <= count; cseq += 1) await scene.send({ ...silent, cseq });
  };
  assert.deepEqual(await told((scene) => again(scene, 1)), [
    'challenge never answered',
    'no credentials',
  ]);
  assert.deepEqual(await told((scene) => again(scene, 2)), [
    'sent again without credentials',
    'no credentials',
  ]);
  assert.deepEqual(await told((scene) => again(scene, 3)), [
    'loop of challenges',
    'no credentials',
  ]);
  const basic = (scene: Scene) => scene.send({ ...silent, authorization: ['Basic MTIzNA=='] });
  assert.deepEqual(await told(basic), [
    'credentials that cannot be read',
    'credentials of another scheme than Digest',
  ]);
  const torn = (scene: Scene) => scene.send({ ...silent, authorization: ['Digest username="1001"'] }); // prettier-ignore
  assert.deepEqual(await told(torn), [
    'credentials that cannot be read',
    'credentials that cannot be read (realm is missing)',
  ]);
  const late = async (scene: Scene): Promise<void> => {
    const challenge = await scene.challengeFor(silent);
    scene.clock.advance(60_000);
    await scene.unanswered();
    challengeOf(await scene.answer({ ...silent, cseq: 2 }, challenge, { password }));
  };
  assert.deepEqual(await told(late), [
    'nonce not good, and the fresh one never answered',
    'a nonce that is unknown or past its time (one is good for 60 s, TANDEM_AUTH_NONCE_SECONDS)',
  ]);
  const replayed = async (scene: Scene): Promise<void> => {
    const challenge = await scene.challengeFor(silent);
    await scene.answer({ ...silent, cseq: 2 }, challenge, { password });
    challengeOf(await scene.answer({ ...silent, cseq: 3 }, challenge, { password }));
  };
  assert.deepEqual(await told(replayed), [
    'nonce not good, and the fresh one never answered',
    'a nonce count that was used before',
  ]);
  const moved = async (scene: Scene): Promise<void> => {
    const challenge = await scene.challengeFor({ ...silent, sourceAddress: '203.0.113.9' });
    scene.clock.advance(10_000);
    await scene.unanswered();
    challengeOf(await scene.answer({ ...silent, cseq: 2 }, challenge, { password }));
  };
  assert.deepEqual(await told(moved), [
    'nonce not good, and the fresh one never answered',
    'a nonce that another source was given',
  ]);
});

test('AUTH-15 of a User-Agent that is known to answer one code it is said', async () => {
  const scene = new Scene();
  const userAgents = [{ begins: 'Old PBX', answers: 401 }];
  scene.apply({ parameters: { SS_AUTHCHALLENGEMODE: 2 }, security: { userAgents } });
  const agents = [
    'old pbx 3',
    'RTCC/6.0.0.0 MediationServer',
    'Another',
    'Cisco-SIPGateway/IOS-16',
  ];
  for (const userAgent of agents) await scene.send({ ...silent, sipCallId: userAgent, userAgent });
  scene.clock.advance(10_000);
  const failures = await scene.unanswered();
  assert.deepEqual(
    failures.map(({ decision }) => factsOf(decision)['agent-answers']),
    ['401', 'none', undefined, undefined],
  );
  assert.deepEqual(
    failures.map(({ decision }) => factsOf(decision)['agent-habit']),
    [undefined, undefined, undefined, 'own-realm'],
  );
});

test('AUTH-15 the header, the qop and the algorithm that were sent are named beside what was expected', async () => {
  const wrong = async (
    change: (value: string) => string,
    header: 'authorization' | 'proxyAuthorization' = 'proxyAuthorization',
  ): Promise<string> => {
    const scene = new Scene({ parameters: { SS_AUTHCHALLENGEMODE: 2 } });
    const [response] = [await scene.challengeFor({})];
    const value = scene.credentials({}, response, { password: 'no' });
    await scene.send({ cseq: 2, [header]: [change(value)] });
    const [failure] = await scene.store.listFailures();
    return `${failure?.cause ?? ''}: ${failure?.explanation ?? ''}`;
  };
  assert.equal(await wrong((value) => value), 'wrong password: ');
  assert.equal(
    await wrong((value) => value, 'authorization'),
    'wrong password: sent Authorization, expected Proxy-Authorization',
  );
  assert.equal(
    await wrong((value) => value.replace('qop=auth', 'qop=auth-conf')),
    'qop not offered: sent qop "auth-conf", expected qop=auth',
  );
  assert.equal(
    await wrong((value) => value.replace('algorithm=MD5', 'algorithm=SHA-256')),
    'algorithm not offered: sent algorithm "SHA-256", expected MD5',
  );
});

test('AUTH-14 a list that comes nearest is found among ten thousand, of either version', async () => {
  const gateways = Array.from({ length: 10_000 }, (_, at) => ({
    name: `g${String(at)}`,
    account: 'demo',
    authentication: {
      mode: 'ip',
      addresses: [
        `10.${String(at >> 8)}.${String(at & 255)}.0/28`,
        `2001:db8:${at.toString(16)}::/64`,
      ],
    },
  }));
  const scene = new Scene({ parameters: { SS_UNKNOWN_SOURCE: 'refuse' } });
  scene.apply({
    parameters: { SS_UNKNOWN_SOURCE: 'refuse' },
    mappingGateways: [...exampleDocument.mappingGateways, ...gateways],
  });
  const nearest = async (sourceAddress: string): Promise<string | undefined> =>
    decisionOf(await scene.send({ ...stranger, sourceAddress })).facts['nearest-gateway'];
  assert.equal(await nearest('10.3.7.200'), 'mapping-gateway g775');
  assert.equal(await nearest('2001:db8:307:1::1'), 'mapping-gateway g775');
  assert.equal(await nearest('198.51.100.6'), 'mapping-gateway pbx');
});

function factsOf({
  facts,
}: {
  readonly facts: readonly { readonly name: string; readonly value: string }[];
}): Readonly<Record<string, string>> {
  return Object.fromEntries(facts.map(({ name, value }) => [name, value]));
}
