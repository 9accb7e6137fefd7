import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueCertificate } from '@tandem/testing';
import { signCall, verifyCall } from '../src/index.ts';
import {
  NOON,
  X5U,
  carrier,
  claims,
  facts,
  issued,
  root,
  verified,
  years,
} from './signed-calls.ts';

test('CALL-12 what is signed passes with its attestation, origin and certificate', async () => {
  assert.deepEqual(await verified(), {
    kind: 'passed',
    cause: '',
    attestation: 'A',
    origid: claims.origid,
    number: claims.caller,
    certificate: X5U,
  });
});

test('CALL-12 a call without a signature, or with one of another kind alone, is not signed (RFC 8224 §6.2.1)', async () => {
  const none = await verifyCall({ identity: [], ...facts }, neverAsked);
  assert.equal(none.kind, 'missing');
  const div = await verified({ mend: (identity) => identity.replace('ppt=shaken', 'ppt=div') });
  assert.equal(div.kind, 'missing');
});

test('CALL-12 a signature is for its caller and its callee alone', async () => {
  const otherCaller = await verified({ facts: { callers: ['441632960124'] } });
  assert.equal(otherCaller.kind, 'invalid');
  assert.match(otherCaller.cause, /signed for caller 441632960123, not for 441632960124/);
  const otherCallee = await verified({ facts: { callees: ['442079460001'] } });
  assert.equal(otherCallee.kind, 'invalid');
  const nobody = await verified({ facts: { callers: [] } });
  assert.equal(nobody.kind, 'invalid');
});

test('CALL-12 it is good for 60 s, and Date must not be of another time', async () => {
  for (const [atMs, kind] of [
    [NOON - 60_000, 'passed'],
    [NOON - 62_000, 'stale'],
    [NOON + 62_000, 'stale'],
  ] as const) {
    assert.equal((await verified({ claims: { atMs } })).kind, kind, String(atMs));
  }
  const dated = (date: string) => verified({ facts: { date } });
  assert.equal((await dated('Mon, 01 Jun 2026 12:00:30 GMT')).kind, 'passed');
  assert.equal((await dated('Mon, 01 Jun 2026 11:00:00 GMT')).kind, 'stale');
});

test('CALL-12 a changed token, another key or another algorithm is a wrong signature', async () => {
  const changed = await verified({
    mend: (identity) => {
      const [header = '', payload = '', ...rest] = identity.split('.');
      const text = Buffer.from(payload, 'base64url').toString().replace('"A"', '"B"');
      return [header, Buffer.from(text).toString('base64url'), ...rest].join('.');
    },
  });
  assert.equal(changed.kind, 'invalid');
  assert.equal(changed.cause, 'its signature is wrong');
  const foreign = await verified({ by: issued(), chain: [carrier] });
  assert.equal(foreign.kind, 'invalid');
  const none = await verified({ mend: (identity) => identity.replace('alg=ES256', 'alg=none') });
  assert.match(none.cause, /algorithm/);
  const moved = await verified({ mend: (identity) => identity.replace(`<${X5U}>`, '<https://x>') });
  assert.match(moved.cause, /do not name the same certificate/);
});

test('CALL-12 what is no full token of SHAKEN is wrong, and never thrown', async () => {
  for (const identity of [
    '',
    'a.b',
    'a..c;info=<https://x>;ppt=shaken',
    'x'.repeat(9000),
    `${Buffer.from('{"typ":"jwt"}').toString('base64url')}.e30.x;info=<https://x>`,
    `${Buffer.from('{"typ":"passport"}').toString('base64url')}.e30.x;info=<https://x>`,
    `${Buffer.from('[]').toString('base64url')}.e30.x;info=<https://x>`,
  ]) {
    const { kind } = await verifyCall({ identity: [identity], ...facts }, neverAsked);
    assert.equal(kind, 'invalid', identity.slice(0, 40));
  }
});

test('CALL-10 what a stranger writes into a signature is kept short and printable', async () => {
  const text = { caller: `4\r\n${'1'.repeat(99)}`, origid: 'a\r\nX-Injected: yes' };
  const { kind, number, origid } = await verified({ claims: text });
  assert.equal(kind, 'invalid');
  assert.equal(origid, '');
  assert.equal(number, `4??${'1'.repeat(37)}`);
});

test('CALL-12 of several signatures one that passes is enough', async () => {
  const good = await signCall(claims, { key: carrier.key, x5u: X5U });
  const verdict = await verified({ facts: { identity: [good.slice(9), good] } });
  assert.equal(verdict.kind, 'passed');
});

test('CALL-12 the certificate must come from an authority that is trusted, also over others in between', async () => {
  const stranger = issueCertificate({ name: 'Root', ...years });
  const untrusted = await verified({ authorities: [stranger] });
  assert.equal(untrusted.kind, 'untrusted');
  assert.match(untrusted.cause, /no trusted authority has issued certificate CN=Carrier/);
  const between = issueCertificate({ name: 'Between', issuer: root, isAuthority: true, ...years });
  const by = issued({ issuer: between });
  assert.equal((await verified({ by, chain: [by, between] })).kind, 'passed');
  assert.equal((await verified({ by })).kind, 'untrusted');
  // One that may issue none has issued another.
  const second = issued({ name: 'Second', issuer: carrier });
  const { kind, cause } = await verified({ by: second, chain: [second, carrier] });
  assert.equal(kind, 'untrusted');
  assert.match(cause, /may not issue certificates/);
  // A closed network may trust the certificate itself.
  assert.equal((await verified({ authorities: [carrier] })).kind, 'passed');
});

test('CALL-12 certificates of another time, without numbers or of another curve are not trusted', async () => {
  const validTo = new Date('2026-05-01T00:00:00Z');
  const expired = await verified({ by: issued({ validTo }) });
  assert.match(expired.cause, /has expired/);
  const early = await verified({ by: issued({ validFrom: new Date('2026-07-01T00:00:00Z') }) });
  assert.match(early.cause, /is not valid before/);
  const web = issueCertificate({ name: 'Web', issuer: root, ...years });
  assert.match((await verified({ by: web })).cause, /no TNAuthList/);
  const { kind, cause } = await verified({ chain: [issued({ curve: 'secp384r1' })] });
  assert.deepEqual([kind, cause], ['untrusted', 'its certificate has no key for ES256']);
});

test('CALL-12 a certificate for numbers is for those numbers (RFC 8226 §9)', async () => {
  for (const [numbers, kind] of [
    [[{ one: '441632960123' }], 'passed'],
    [[{ one: '441632960124' }], 'untrusted'],
    [[{ from: '441632960100', count: 100 }], 'passed'],
    [[{ from: '441632960100', count: 23 }], 'untrusted'],
    [[{ from: '4416329601', count: 100 }], 'untrusted'],
    [[], 'untrusted'],
  ] as const) {
    assert.equal((await verified({ by: issued({ numbers }) })).kind, kind, JSON.stringify(numbers));
  }
});

test('CALL-12 what a certificate says of claims holds (RFC 8226 §8, RFC 9118)', async () => {
  for (const [constraints, kind] of [
    [{ include: ['origid'] }, 'passed'],
    [{ include: ['rcd'] }, 'untrusted'],
    [{ permit: { attest: ['A', 'B'] } }, 'passed'],
    [{ permit: { attest: ['C'] } }, 'untrusted'],
    [{ permit: { orig: ['{"tn":"441632960123"}'] } }, 'passed'],
    [{ exclude: ['rcd'] }, 'passed'],
    [{ exclude: ['origid'] }, 'untrusted'],
  ] as const) {
    const verdict = await verified({ by: issued({ constraints }) });
    assert.equal(verdict.kind, kind, JSON.stringify(constraints));
  }
});

test('CALL-12 a certificate that is not to be had leaves the call unverified, with the cause', async () => {
  const identity = await signCall(claims, { key: carrier.key, x5u: X5U });
  const verdict = await verifyCall(
    { identity: [identity], ...facts },
    { authorities: [], certificates: () => Promise.resolve('no answer within 2000 ms') },
  );
  assert.deepEqual([verdict.kind, verdict.cause], ['unavailable', 'no answer within 2000 ms']);
});

const neverAsked = {
  authorities: [],
  certificates: () => Promise.reject(new Error('nothing is fetched for it')),
};
