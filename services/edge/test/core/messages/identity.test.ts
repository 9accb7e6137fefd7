import assert from 'node:assert/strict';
import test from 'node:test';
import { identityTermsOf } from '@tandem/domain';
import type { IdentitySetting } from '@tandem/domain';
import { CandidateIdentity, DialogTerms } from '@tandem/proto/routing';
import { Headers, serialize } from '@tandem/sip';
import { carrierInvite } from '../../../src/core/messages/carrier-invite.ts';
import type { CarrierInvite } from '../../../src/core/messages/carrier-invite.ts';
import { passIdentity } from '../../../src/core/messages/identity.ts';
import { CALL_ID, inviteOf, local } from '../../support/messages.ts';

const NUMBER = '+441632960123';
const trusted = { trusted: true, uri: 'sip', userPhone: false } as const;
const untrusted = { trusted: false, uri: 'sip', userPhone: false } as const;

/** The INVITE of leg B. */
function sent(
  headers: Readonly<Record<string, string>>,
  sides: {
    readonly a?: IdentitySetting;
    readonly b?: IdentitySetting;
    readonly asserted?: string;
    readonly more?: Partial<CandidateIdentity>;
    readonly parts?: Partial<CarrierInvite>;
  } = {},
): Headers {
  const { a, b, asserted = '', more = {}, parts = {} } = sides;
  const terms = DialogTerms.fromPartial({
    identityA: identityTermsOf(a),
    identityB: identityTermsOf(b),
  });
  const invite = inviteOf(headers);
  const written = carrierInvite({
    invite,
    callId: CALL_ID,
    local,
    caller: '442070000000',
    target: { uri: 'sip:00442079460000@203.0.113.5:5070', path: [] },
    branch: 'z9hG4bKours',
    cseqOffset: 0,
    passedBody: invite.body,
    contactToken: 'TOKEN',
    terms,
    identity: CandidateIdentity.fromPartial({ asserted, ...more }),
    ...parts,
  });
  assert.ok(!serialize(written).toString('latin1').includes('customer.example'));
  return written.headers;
}

const anonymousTrunk = {
  From: '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=a',
  'P-Asserted-Identity': `"Alice" <sip:${NUMBER}@customer.example>, <tel:${NUMBER}>`,
  Privacy: 'id',
  Diversion:
    '<sip:+441632960999@pbx.customer.example>;reason=unconditional;counter=1;privacy=off;x-host=pbx.customer.example',
  'History-Info':
    '<sip:+441632960999@pbx.customer.example>;index=1, <sip:442079460000@customer.example;cause=302?Reason=SIP%3Bcause%3D302&Privacy=none>;index=1.1;rc=1',
};

test('CALL-12 T2-19 a trusted trunk’s identity and diversions reach a trusted carrier, at our address', () => {
  const headers = sent(anonymousTrunk, {
    a: trusted,
    b: trusted,
    asserted: NUMBER,
    parts: { caller: 'anonymous' },
  });
  assert.equal(headers.get('From'), 'Anonymous <sip:anonymous@anonymous.invalid>;tag=a');
  assert.deepEqual(headers.getAll('P-Asserted-Identity'), [`Alice <sip:${NUMBER}@198.51.100.1>`]);
  assert.equal(headers.get('Privacy'), 'id');
  assert.equal(
    headers.get('Diversion'),
    '<sip:+441632960999@198.51.100.1>;reason=unconditional;counter=1;privacy=off',
  );
  assert.equal(
    headers.get('History-Info'),
    '<sip:+441632960999@198.51.100.1>;index=1, <sip:442079460000@198.51.100.1;cause=302?Reason=SIP%3Bcause%3D302&Privacy=none>;index=1.1;rc=1',
  );
});

test('CALL-12 T2-19 a carrier that is not trusted gets none of it, and no Privacy that means nothing', () => {
  for (const b of [undefined, untrusted, { ...untrusted, headers: ['pai'] as const }]) {
    const headers = sent(anonymousTrunk, { a: trusted, ...(b && { b }), asserted: NUMBER });
    for (const name of ['P-Asserted-Identity', 'Privacy', 'Diversion', 'History-Info']) {
      assert.ok(!headers.has(name), name);
    }
  }
});

test('CALL-12 nothing of a trunk that is not trusted counts', () => {
  const headers = sent(anonymousTrunk, { b: trusted });
  for (const name of ['P-Asserted-Identity', 'Privacy', 'Diversion', 'History-Info']) {
    assert.ok(!headers.has(name), name);
  }
});

test('CALL-12 a carrier that is not trusted may have the number of who does not withhold it (RFC 3325 §7)', () => {
  const b = { ...untrusted, headers: ['pai'] as const };
  const open = { 'P-Asserted-Identity': `<sip:${NUMBER}@customer.example>` };
  const told = (headers: Readonly<Record<string, string>>): string | undefined =>
    sent(headers, { a: trusted, b, asserted: NUMBER }).get('P-Asserted-Identity');
  assert.equal(told(open), `<sip:${NUMBER}@198.51.100.1>`);
  assert.equal(told({ ...open, Privacy: 'none' }), `<sip:${NUMBER}@198.51.100.1>`);
  for (const Privacy of ['id', 'user;critical', 'header;id', 'ID, critical']) {
    assert.equal(told({ ...open, Privacy }), undefined, Privacy);
  }
});

test('CALL-12 numbers are written as the gateway wants them: tel, both, user=phone', () => {
  const pai = (b: IdentitySetting, asserted = NUMBER): string[] =>
    sent({}, { b, asserted }).getAll('P-Asserted-Identity');
  assert.deepEqual(pai({ ...trusted, uri: 'tel' }), [`<tel:${NUMBER}>`]);
  assert.deepEqual(pai({ ...trusted, uri: 'both', userPhone: true }), [
    `<sip:${NUMBER}@198.51.100.1;user=phone>`,
    `<tel:${NUMBER}>`,
  ]);
  // RFC 3966 §5.1.4: it would mean nothing without a context.
  assert.deepEqual(pai({ ...trusted, uri: 'tel' }, '1001'), ['<sip:1001@198.51.100.1>']);
  const from = sent({}, { b: { ...trusted, userPhone: true } }).get('From');
  assert.equal(from, 'Alice <sip:442070000000@198.51.100.1;user=phone>;tag=alice');
});

test('CALL-12 Remote-Party-ID is written, and read, where a gateway wants it', () => {
  const rpid = { ...trusted, headers: ['rpid'] as const };
  const received = {
    'Remote-Party-ID': `"Alice" <sip:${NUMBER}@customer.example>;party=calling;id-type=subscriber;screen=yes;privacy=full`,
  };
  const sides = { a: { ...trusted, headers: ['rpid'] as const }, asserted: NUMBER };
  const toRpid = sent(received, { ...sides, b: rpid });
  assert.equal(
    toRpid.get('Remote-Party-ID'),
    `Alice <sip:${NUMBER}@198.51.100.1>;party=calling;screen=yes;privacy=full`,
  );
  assert.equal(toRpid.get('Privacy'), 'id');
  const toPai = sent(received, { ...sides, b: trusted });
  assert.equal(toPai.get('P-Asserted-Identity'), `Alice <sip:${NUMBER}@198.51.100.1>`);
  assert.equal(toPai.get('Privacy'), 'id');
  // RFC 3325 §7, said by the older header.
  const untold = sent(received, { ...sides, b: { ...untrusted, headers: ['pai', 'rpid'] } });
  assert.ok(!untold.has('P-Asserted-Identity') && !untold.has('Remote-Party-ID'));
});

test('CALL-12 the switch is the privacy service of a caller before carriers that are not trusted (RFC 3323 §5)', () => {
  const asked = { Privacy: 'user;session;header;critical', Subject: 'mine' };
  const away = sent(asked);
  assert.equal(away.get('From'), 'Anonymous <sip:anonymous@anonymous.invalid>;tag=alice');
  assert.ok(!away.has('Subject'));
  // The session alone is left to be hidden.
  assert.equal(away.get('Privacy'), 'session;critical');
  const within = sent(asked, { b: trusted });
  assert.equal(within.get('From'), 'Alice <sip:442070000000@198.51.100.1>;tag=alice');
  assert.equal(within.get('Privacy'), 'user;session;header;critical');
  assert.equal(sent({ Privacy: 'none' }).get('Privacy'), 'none');
  assert.ok(!sent({ Privacy: 'user;critical' }).has('Privacy'));
});

test('CALL-12 diversions that are private stay so before a carrier that is not trusted (RFC 5806 §4, RFC 7044 §10)', () => {
  const headers = ['diversion', 'history-info'] as const;
  const asked = {
    Diversion: '"Bob" <sip:+441632960999@customer.example>;reason=user-busy;privacy=full',
    'History-Info':
      '<sip:+441632960999@customer.example?Privacy=history>;index=1,<sip:442079460000@customer.example>;index=1.1',
  };
  const away = sent(asked, { a: trusted, b: { ...untrusted, headers } });
  assert.equal(
    away.get('Diversion'),
    '<sip:anonymous@anonymous.invalid>;reason=user-busy;privacy=full',
  );
  assert.equal(
    away.get('History-Info'),
    '<sip:anonymous@anonymous.invalid>;index=1, <sip:442079460000@198.51.100.1>;index=1.1',
  );
  const within = sent(asked, { a: trusted, b: trusted });
  assert.equal(
    within.get('Diversion'),
    'Bob <sip:+441632960999@198.51.100.1>;reason=user-busy;privacy=full',
  );
});

test('CALL-10 values that cannot be read are left out, and the rest passes', () => {
  const asked = {
    'P-Asserted-Identity': `<<>, ${'x'.repeat(200)}, <sip:${NUMBER}@customer.example>`,
    Diversion: '<sip:>, ;;, <sip:+441632960999@customer.example>;reason=unknown',
    'History-Info': '<sip:442079460000@customer.example>',
    Privacy: ';;,id',
  };
  const headers = sent(asked, { a: trusted, b: trusted, asserted: NUMBER });
  assert.equal(headers.get('P-Asserted-Identity'), `<sip:${NUMBER}@198.51.100.1>`);
  assert.equal(headers.get('Diversion'), '<sip:+441632960999@198.51.100.1>;reason=unknown');
  assert.ok(!headers.has('History-Info'));
});

test('CALL-12 the verdict on a signed number is told where the gateway wants it (TS 24.229 §7.2A.20)', () => {
  const verification = { verdict: 'passed', attestation: 'A', origid: 'o-1' };
  const b = { ...trusted, verstat: true };
  const asserted = sent({}, { b, asserted: NUMBER, more: { verification } });
  assert.equal(
    asserted.get('P-Asserted-Identity'),
    `<sip:${NUMBER};verstat=TN-Validation-Passed@198.51.100.1>`,
  );
  assert.ok(!asserted.get('From')?.includes('verstat'));
  assert.equal(asserted.get('Attestation-Info'), 'A');
  assert.equal(asserted.get('Origination-Id'), 'o-1');
  for (const [verdict, said] of [
    ['invalid', 'TN-Validation-Failed'],
    ['stale', 'TN-Validation-Failed'],
    ['untrusted', 'TN-Validation-Failed'],
    ['missing', 'No-TN-Validation'],
    ['unavailable', 'No-TN-Validation'],
  ] as const) {
    const failed = { verdict, attestation: '', origid: '' };
    const from = sent({}, { b, more: { verification: failed } }).get('From');
    assert.ok(from?.includes(`<sip:442070000000;verstat=${said}@`), from);
  }
});

test('CALL-12 a signature goes into the INVITE with its Date; that of the caller passes where it may', () => {
  const payload = Buffer.from('{"iat":1780315200}').toString('base64url');
  const header = Buffer.from('{"typ":"passport"}').toString('base64url');
  const signature = `${header}.${payload}.x;info=<https://c.example.org/a>;alg=ES256;ppt=shaken`;
  const ours = sent({ Date: 'Mon, 01 Jun 2026 11:00:00 GMT' }, { parts: { signature } });
  assert.equal(ours.get('Identity'), signature);
  assert.deepEqual(ours.getAll('Date'), ['Mon, 01 Jun 2026 12:00:00 GMT']);
  const passes = { more: { passesSignature: true } };
  assert.equal(sent({ Identity: signature }, passes).get('Identity'), signature);
  assert.ok(!sent({ Identity: signature }).has('Identity'));
});

test('CALL-12 in a dialog and in answers who is there now is told by the same rules', () => {
  const passed = (
    headers: Readonly<Record<string, string>>,
    giver: IdentitySetting | undefined,
    taker: IdentitySetting | undefined,
  ): [string, string][] => {
    const to = new Headers();
    passIdentity(
      { from: new Headers(Object.entries(headers)), to },
      { giver: identityTermsOf(giver), taker: identityTermsOf(taker), local, party: 'called' },
    );
    return to.entries();
  };
  const named = { 'P-Asserted-Identity': `"Bob" <sip:${NUMBER}@carrier.example>`, Privacy: 'id' };
  assert.deepEqual(passed(named, trusted, trusted), [
    ['P-Asserted-Identity', `Bob <sip:${NUMBER}@198.51.100.1>`],
    ['Privacy', 'id'],
  ]);
  assert.deepEqual(passed(named, trusted, untrusted), []);
  assert.deepEqual(passed(named, untrusted, trusted), []);
  assert.deepEqual(passed(named, undefined, undefined), []);
  const rpid = { ...trusted, headers: ['rpid'] as const };
  const party = { 'Remote-Party-ID': `<sip:${NUMBER}@carrier.example>;party=called` };
  assert.deepEqual(passed(party, rpid, rpid), [
    ['Remote-Party-ID', `<sip:${NUMBER}@198.51.100.1>;party=called;screen=yes;privacy=off`],
  ]);
  const other = { 'Remote-Party-ID': `<sip:${NUMBER}@carrier.example>;party=calling` };
  assert.deepEqual(passed(other, rpid, rpid), []);
});
