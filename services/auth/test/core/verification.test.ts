import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthenticateResponse } from '@tandem/proto/auth';
import type { CallFacts, Verdict, VerdictKind } from '@tandem/stir';
import { Scene, denialOf } from '../scene.ts';
import type { Call } from '../scene.ts';

const call: Call = {
  sourceAddress: '192.0.2.1',
  fromUser: '441632960123',
  fromUri: 'sip:+441632960123;x=y@customer.example',
  toUser: '442079460000',
  identity: ['token'],
};

function verdictOf(kind: VerdictKind): Verdict {
  const cause = kind === 'passed' ? '' : 'because';
  const certificate = kind === 'missing' ? '' : 'https://c.example.org/a.pem';
  return { kind, cause, attestation: 'A', origid: 'o-1', number: '441632960123', certificate };
}

async function asked(
  verify: string | undefined,
  kind: VerdictKind,
  more: { readonly call?: Call; readonly identity?: Record<string, unknown> } = {},
): Promise<{ response: AuthenticateResponse; facts: CallFacts[] }> {
  const facts: CallFacts[] = [];
  const scene = new Scene({
    verifier: {
      verify: (each) => {
        facts.push(each);
        return Promise.resolve(verdictOf(kind));
      },
    },
  });
  const authentication = { mode: 'ip', addresses: ['192.0.2.0/24'] };
  const trunk = { name: 'trunk', account: 'demo', authentication, identity: more.identity };
  scene.apply({ mappingGateways: [{ ...trunk, stir: verify && { verify } }] });
  return { response: await scene.send({ ...call, ...more.call }), facts };
}

test('CALL-12 signatures are looked at where their gateway has them looked at, of INVITEs alone', async () => {
  for (const verify of [undefined, 'off']) {
    const { response, facts } = await asked(verify, 'invalid');
    assert.equal(response.outcome?.$case, 'allow');
    assert.deepEqual(facts, []);
    assert.equal(response.verification, undefined);
  }
  const options = await asked('refuse', 'invalid', { call: { method: 'OPTIONS' } });
  assert.deepEqual(options.facts, []);
});

test('CALL-12 what the verdict means: noted, or refused with the code of RFC 8224 §6.2.2', async () => {
  for (const [kind, reason] of [
    ['missing', 'IdentityMissing'],
    ['stale', 'DateStale'],
    ['invalid', 'IdentityInvalid'],
    ['untrusted', 'CredentialUnsupported'],
    ['unavailable', 'IdentityInfoBad'],
  ] as const) {
    const noted = (await asked('note', kind)).response;
    assert.equal(noted.outcome?.$case, 'allow');
    assert.deepEqual(
      noted.decisions.map(({ check, result }) => `${check} ${result}`),
      ['source-address passed', 'identity skipped'],
    );
    assert.deepEqual(noted.verification, { verdict: kind, attestation: 'A', origid: 'o-1' });
    const refused = (await asked('refuse', kind)).response;
    assert.equal(denialOf(refused).reason, reason);
    assert.equal(denialOf(refused).origin?.name, 'trunk');
    assert.equal(refused.decisions.at(-1)?.reason, reason);
    assert.equal(refused.verification?.verdict, kind);
    const failed = (await asked('refuse-failed', kind)).response;
    assert.equal(failed.outcome?.$case, kind === 'missing' ? 'allow' : 'deny');
  }
  const good = (await asked('refuse', 'passed')).response;
  assert.equal(good.outcome?.$case, 'allow');
  assert.equal(good.decisions.at(-1)?.result, 'passed');
});

test('CALL-12 a signature must be of the caller who is shown: of a trusted trunk its asserted identity', async () => {
  const pai = { assertedIdentity: ['<tel:+441632960777>', '"x" <sip:+441632960778@c.example>'] };
  const callersOf = async (identity: Record<string, unknown>, more: Call): Promise<unknown> =>
    (await asked('note', 'passed', { identity, call: more })).facts[0]?.callers;
  assert.deepEqual(await callersOf({}, pai), ['+441632960123']);
  assert.deepEqual(await callersOf({ trusted: true }, pai), ['+441632960777', '+441632960778']);
  assert.deepEqual(await callersOf({ trusted: true }, {}), ['+441632960123']);
  const anonymous = { fromUri: 'sip:anonymous@anonymous.invalid', ...pai };
  assert.deepEqual(await callersOf({}, anonymous), ['+441632960777', '+441632960778']);
  const { facts } = await asked('note', 'passed');
  assert.deepEqual(facts[0]?.callees, ['442079460000', '442079460000']);
});

test('CALL-12 of a gateway with a password the signature is looked at once it has proved that, and nothing is asked ahead', async () => {
  const authentication = { mode: 'password', username: 'office-user', password: 'office-pass' };
  const scene = new Scene({ verifier: { verify: () => Promise.resolve(verdictOf('invalid')) } });
  const office = { name: 'office', account: 'demo', authentication, stir: { verify: 'refuse' } };
  scene.apply({ mappingGateways: [office] });
  const from: Call = { fromUser: 'office-user', identity: ['token'] };
  const challenge = await scene.challengeFor(from);
  const response = await scene.answer({ ...from, cseq: 2 }, challenge, { password: 'office-pass' });
  assert.equal(denialOf(response).reason, 'IdentityInvalid');
});
