import assert from 'node:assert/strict';
import test from 'node:test';
import { refusals, requestRefusals } from '@tandem/domain';
import type { Refusal, RefusalReason, RequestRefusal, RequestRefusalReason } from '@tandem/domain';
import { serialize, to } from '@tandem/sip';
import {
  challenge,
  refusal,
  rejection,
  relayedResponse,
  requestAnswer,
  trying,
} from '../../../src/core/messages/caller-response.ts';
import { carrierResponse, inviteOf, local, SDP } from '../../support/messages.ts';

test('CALL-02 100 Trying copies Via and has no tag', () => {
  const response = trying(inviteOf());
  assert.equal(response.status, 100);
  assert.equal(to(response).tag, undefined);
  assert.match(response.headers.get('Via') ?? '', /z9hG4bKcaller/);
});

test('DENY-01 to DENY-19 each refusal has code, phrase, Warning and Reason of the table', () => {
  for (const reason of Object.keys(refusals) as RefusalReason[]) {
    const row: Refusal = refusals[reason];
    const response = refusal(inviteOf(), { reason, toTag: 'switch', local });
    assert.equal(response.status, row.code);
    assert.equal(response.reason, row.phrase);
    assert.equal(to(response).tag, 'switch');
    const warnCode = reason === 'SipsNotAllowed' ? 380 : 399;
    assert.equal(
      response.headers.get('Warning'),
      `${String(warnCode)} 198.51.100.1 "${row.warning}"`,
    );
    assert.equal(response.headers.get('Reason'), `SIP;cause=${String(row.code)};text="${reason}"`);
    assert.equal(
      response.headers.get('Retry-After'),
      row.retryAfterSeconds === undefined ? undefined : String(row.retryAfterSeconds),
    );
  }
});

test('ROUTE-15 the seconds that routing names stand in Retry-After, else those of the table', () => {
  const of = (retryAfterSeconds: number): string | undefined =>
    refusal(inviteOf(), {
      reason: 'CpsLimitExceeded',
      toTag: 't',
      local,
      retryAfterSeconds,
    }).headers.get('Retry-After');
  assert.equal(of(9), '9');
  assert.equal(of(0), '1');
});

test('DENY-18 the callee’s code and phrase reach the caller, its topology does not', () => {
  const answer = carrierResponse(486, {
    Server: 'carrier-sbc',
    Reason: 'Q.850;cause=17',
    'X-Node': '10.0.0.7',
    'Retry-After': '30',
  });
  const response = rejection({
    invite: inviteOf(),
    code: 486,
    phrase: 'Busy Here',
    toTag: 'switch',
    local,
    response: answer,
  });
  assert.equal(response.status, 486);
  assert.equal(response.headers.get('Reason'), 'Q.850;cause=17');
  assert.equal(response.headers.get('Retry-After'), '30');
  assert.equal(response.headers.get('Warning'), '399 198.51.100.1 "Rejected by the called side"');
  const text = serialize(response).toString('latin1');
  for (const hidden of ['203.0.113.5', 'carrier', '10.0.0.7']) assert.ok(!text.includes(hidden));
});

test('DENY-18 where the callee gives no Reason, ours names its code', () => {
  const response = rejection({ invite: inviteOf(), code: 603, phrase: 'No', toTag: 't', local });
  assert.equal(response.headers.get('Reason'), 'SIP;cause=603;text="Rejected"');
});

test('CALL-01 a relayed answer has the caller’s Via, Call-ID and CSeq, our tag and our Contact', () => {
  const invite = inviteOf({ 'Record-Route': '<sip:p.office.example;lr>' });
  const answer = carrierResponse(
    200,
    { CSeq: '18 INVITE', 'Content-Type': 'application/sdp' },
    SDP,
  );
  const response = relayedResponse({
    invite,
    response: answer,
    passedBody: answer.body,
    toTag: 'switch',
    local,
    contactToken: 'TOKEN',
  });
  assert.equal(to(response).tag, 'switch');
  assert.equal(response.headers.get('CSeq'), '17 INVITE');
  assert.equal(response.headers.get('Call-ID'), 'call@office.example');
  assert.equal(response.headers.get('Contact'), '<sip:TOKEN@198.51.100.1:5060>');
  assert.equal(response.headers.get('Record-Route'), '<sip:p.office.example;lr>');
  assert.equal(response.headers.get('Allow'), undefined);
  assert.equal(response.body.toString('latin1'), SDP);
  assert.ok(!serialize(response).toString('latin1').includes('203.0.113.5'));
});

test('CALL-02 a provisional response that opens no dialog has neither Contact nor Record-Route', () => {
  const invite = inviteOf({ 'Record-Route': '<sip:p.office.example;lr>' });
  const response = relayedResponse({
    invite,
    response: carrierResponse(180),
    passedBody: Buffer.alloc(0),
    toTag: 'switch',
    local,
  });
  for (const name of ['Contact', 'Record-Route', 'Allow']) assert.ok(!response.headers.has(name));
});

test('AUTH-02 a challenge carries both headers where auth gives both', () => {
  const wwwAuthenticate = ['Digest a', 'Digest b'];
  const options = { wwwAuthenticate, proxyAuthenticate: ['Digest c'], toTag: 't', local };
  const unauthorized = challenge(inviteOf(), { ...options, code: 401 });
  assert.equal(unauthorized.reason, 'Unauthorized');
  assert.deepEqual(unauthorized.headers.getAll('WWW-Authenticate'), wwwAuthenticate);
  assert.deepEqual(unauthorized.headers.getAll('Proxy-Authenticate'), ['Digest c']);
  const proxy = challenge(inviteOf(), { ...options, code: 407 });
  assert.equal(proxy.reason, 'Proxy Authentication Required');
});

test('CALL-10 CALL-11 the answer to a request is the row of the table, and what is wrong with it', () => {
  for (const answer of Object.keys(requestRefusals) as RequestRefusalReason[]) {
    const row: RequestRefusal = requestRefusals[answer];
    const { status, reason, headers } = requestAnswer(inviteOf(), { answer, toTag: 't', local });
    assert.deepEqual([status, reason], [row.code, row.phrase]);
    assert.equal(headers.get('Warning')?.split('"')[1], row.warning, answer);
    const retryAfter = row.code === 503 ? String(row.retryAfterSeconds) : undefined;
    assert.equal(headers.get('Retry-After'), retryAfter, answer);
    assert.equal(headers.has('Allow'), row.code === 405, answer);
  }
});

test('CALL-10 a Warning has no quote in its text; what is not supported is named', () => {
  const bad = requestAnswer(inviteOf(), {
    answer: 'ExtensionUnknown',
    toTag: 't',
    local,
    warning: 'say "no" \\ twice',
    unsupported: ['gruu', 'foo'],
  });
  assert.equal(bad.headers.get('Unsupported'), 'gruu, foo');
  assert.equal(bad.headers.get('Warning'), `399 198.51.100.1 "say 'no' ' twice"`);
  const none = requestAnswer(inviteOf(), {
    answer: 'NoDialog',
    toTag: 't',
    local,
    unsupported: [],
  });
  for (const name of ['Warning', 'Unsupported', 'Allow']) assert.ok(!none.headers.has(name));
});
