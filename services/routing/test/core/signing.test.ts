import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verification } from '@tandem/proto/auth';
import { ReceivedIdentity } from '@tandem/proto/routing';
import type { CandidateIdentity, RouteRequest } from '@tandem/proto/routing';
import { configure, openRouter, phone, request, routedOf } from '../routing-fixture.ts';

const stir = {
  certificates: [
    { name: 'main', x5u: 'https://certificates.example.org/main.pem' },
    { name: 'demo', x5u: 'https://certificates.example.org/demo.pem' },
  ],
  certificate: 'main',
};

async function identityOf(
  world: {
    readonly account?: Record<string, unknown>;
    readonly trunk?: Record<string, unknown>;
    readonly carrier?: Record<string, unknown>;
    readonly stir?: unknown;
  },
  asked: Partial<RouteRequest> = {},
): Promise<CandidateIdentity | undefined> {
  const base = configure();
  const { router } = await openRouter(
    configure({
      accounts: [{ ...base.accounts[0], numbers: ['44163296'], ...world.account }],
      mappingGateways: [{ ...base.mappingGateways[0], ...world.trunk }],
      routingGateways: [{ ...base.routingGateways[0], stir: 'sign', ...world.carrier }],
      stir: 'stir' in world ? world.stir : stir,
    }),
  );
  const response = await router.route(request('c1', { caller: '441632960123', ...asked }));
  return routedOf(response).candidates[0]?.identity;
}

test('CALL-12 a number of the account is attested as A, another of a customer as B, what is in transit as C', async () => {
  const own = await identityOf({});
  assert.deepEqual(
    { ...own?.signature, origid: '' },
    {
      attestation: 'A',
      because: '441632960123 is a number of account demo',
      certificate: 'main',
      x5u: 'https://certificates.example.org/main.pem',
      origid: '',
      number: '441632960123',
    },
  );
  assert.equal(own?.asserted, '441632960123');
  const other = await identityOf({}, { caller: '12025550123' });
  assert.equal(other?.signature?.attestation, 'B');
  assert.match(other.signature.because, /is no number of account demo/);
  const transit = await identityOf({ trunk: { stir: { traffic: 'transit' } } });
  assert.equal(transit?.signature?.attestation, 'C');
});

test('CALL-12 an origin has one id in all its signatures, that says nothing of it (RFC 8588 §5.4)', async () => {
  const [one, again] = [await identityOf({}), await identityOf({})];
  const id = one?.signature?.origid ?? '';
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(again?.signature?.origid, id);
  const ofPhone = await identityOf({}, { origin: phone });
  assert.notEqual(ofPhone?.signature?.origid, id);
});

test('CALL-12 an account signs with its own certificate; without one, or without a number, it is said why not', async () => {
  const own = await identityOf({ account: { certificate: 'demo' } });
  assert.equal(own?.signature?.certificate, 'demo');
  const none = await identityOf({ stir: { certificates: [] } });
  assert.deepEqual(
    [none?.signature?.attestation, none?.signature?.because],
    ['', 'account demo has no certificate'],
  );
  const nobody = await identityOf({}, { caller: 'anonymous' });
  assert.equal(nobody?.signature?.because, 'the caller has no number');
});

test('CALL-12 a number that is withheld from a gateway is not signed for it, nor passed in a signature', async () => {
  const identity = ReceivedIdentity.fromPartial({ privacy: 'id' });
  const away = await identityOf({}, { identity });
  assert.equal(away?.signature?.attestation, '');
  const verification = verdict('passed');
  const passed = await identityOf({}, { identity, verification });
  assert.deepEqual([passed?.signature, passed?.passesSignature], [undefined, false]);
  const trusted = await identityOf({ carrier: { identity: { trusted: true } } }, { identity });
  assert.equal(trusted?.signature?.attestation, 'A');
});

test('CALL-12 a signature that was verified passes, in place of a weaker one; others where the gateway takes them', async () => {
  const good = await identityOf({}, { verification: verdict('passed') });
  assert.deepEqual([good?.signature, good?.passesSignature], [undefined, true]);
  const bad = await identityOf({}, { verification: verdict('invalid') });
  assert.deepEqual([bad?.signature?.attestation, bad?.passesSignature], ['A', false]);
  const passing = await identityOf({ carrier: { stir: 'pass' } });
  assert.deepEqual([passing?.signature, passing?.passesSignature], [undefined, true]);
  const off = await identityOf({ carrier: { stir: 'off' }, account: { numbers: [] } });
  assert.equal(off, undefined);
});

test('CALL-12 the verdict goes to gateways that want it', async () => {
  const verification = verdict('stale');
  const told = await identityOf({ carrier: { identity: { verstat: true } } }, { verification });
  assert.deepEqual(told?.verification, verification);
  assert.equal((await identityOf({}, { verification }))?.verification, undefined);
});

function verdict(said: string): Verification {
  return Verification.fromPartial({ verdict: said, attestation: 'A', origid: 'o-1' });
}
