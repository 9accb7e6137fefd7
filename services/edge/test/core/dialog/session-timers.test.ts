import assert from 'node:assert/strict';
import test from 'node:test';
import { Headers } from '@tandem/sip';
import type { SipRequest } from '@tandem/sip';
import {
  confirmSession,
  confirmedInterval,
  isTooBrief,
  offerSession,
  sessionInterval,
  sessionTerms,
} from '../../../src/core/dialog/session-timers.ts';
import { carrierResponse, inviteOf } from '../../support/messages.ts';

const terms = {
  sessionIntervalSeconds: 600,
  probeIntervalSeconds: 300,
  relaysRefer: false,
  contact: 'user',
  identityA: 0,
  identityB: 0,
};
const timer = { Supported: '100rel, timer' };

function offered(headers: Readonly<Record<string, string>>): string | undefined {
  const written = new Headers(Object.entries(headers));
  offerSession(written, 600);
  return written.get('Session-Expires');
}

test('CALL-05 a request without a session interval gets ours, a longer one is brought down to it', () => {
  assert.equal(offered({}), '600');
  assert.equal(offered({ 'Session-Expires': '1800;refresher=uas' }), '600;refresher=uas');
  assert.equal(offered({ 'Session-Expires': '200' }), '200');
  assert.equal(offered({ 'Session-Expires': 'soon' }), '600');
});

test('CALL-05 nothing is offered below the Min-SE of anybody on the way', () => {
  assert.equal(offered({ 'Min-SE': '900' }), '900');
  assert.equal(offered({ 'Session-Expires': '1800', 'Min-SE': '1200' }), '1200');
});

test('CALL-05 T2-26 a short interval is raised to 90 s or Min-SE, which is put in or raised, where the sender has no session timers', () => {
  const raised = (asked: Readonly<Record<string, string>>, ours: number) => {
    const headers = new Headers(Object.entries(asked));
    offerSession(headers, ours);
    return [headers.get('Session-Expires'), headers.get('Min-SE')];
  };
  for (const ours of [0, 600]) {
    assert.deepEqual(raised({ 'Session-Expires': '60' }, ours), ['90', '90']);
    assert.deepEqual(raised({ 'Session-Expires': '0', 'Min-SE': '1' }, ours), ['90', '90']);
    assert.deepEqual(raised({ 'Session-Expires': '60', 'Min-SE': '200' }, ours), ['200', '200']);
    assert.deepEqual(raised({ ...timer, 'Session-Expires': '60' }, ours), ['60', undefined]);
    assert.deepEqual(raised({ 'Session-Expires': '90', 'Min-SE': '30' }, ours), ['90', '30']);
  }
  assert.deepEqual(raised({}, 0), [undefined, undefined]);
});

test('CALL-05 an interval below 90 s is too brief where the sender knows session timers', () => {
  assert.ok(isTooBrief(inviteOf({ 'Session-Expires': '60', Supported: 'timer' })));
  assert.ok(!isTooBrief(inviteOf({ 'Session-Expires': '60' })));
  assert.ok(!isTooBrief(inviteOf({ 'Session-Expires': '90', Supported: 'timer' })));
  assert.ok(!isTooBrief(inviteOf(timer)));
});

test('CALL-05 a 2xx without session interval makes the caller refresh, and requires it only of one that can', () => {
  const sure = new Headers([['Require', '100rel']]);
  confirmSession(sure, 600);
  assert.equal(sure.get('Session-Expires'), '600;refresher=uac');
  assert.equal(sure.get('Require'), '100rel, timer');
  const neither = new Headers();
  confirmSession(neither, 0);
  assert.ok(!neither.has('Session-Expires') && !neither.has('Require'));
  const agreed = new Headers([['Session-Expires', '90;refresher=uas']]);
  confirmSession(agreed, 600);
  assert.deepEqual([...agreed.getAll('Session-Expires')], ['90;refresher=uas']);
  assert.equal(agreed.has('Require'), false);
});

test('CALL-05 a 2xx that names a longer interval than it was asked for is held to that, and its caller refreshes', () => {
  const longer = new Headers([['Session-Expires', '7200;refresher=uas']]);
  confirmSession(longer, 600);
  assert.deepEqual([...longer.getAll('Session-Expires')], ['600;refresher=uac']);
  assert.equal(longer.get('Require'), 'timer');
  // Of a caller without session timers nobody but the callee refreshes: when it does is for it to say.
  const alone = new Headers([['Session-Expires', '7200;refresher=uas']]);
  confirmSession(alone, 0);
  assert.equal(alone.get('Session-Expires'), '7200;refresher=uas');
  const answer = carrierResponse(200, { 'Session-Expires': '7200;refresher=uas' });
  const of = (invite: SipRequest) =>
    sessionTerms({ invite, answer, terms, maxDurationSeconds: 0 }).intervalMs;
  assert.deepEqual([of(inviteOf(timer)), of(inviteOf())], [600_000, 7_200_000]);
});

test('CALL-05 what the caller is told is what the callee was offered', () => {
  assert.equal(confirmedInterval(inviteOf(timer), terms), 600);
  assert.equal(confirmedInterval(inviteOf({ ...timer, 'Session-Expires': '120' }), terms), 120);
  assert.equal(confirmedInterval(inviteOf({ ...timer, 'Min-SE': '700' }), terms), 700);
  assert.equal(confirmedInterval(inviteOf({ ...timer, 'Session-Expires': '1801' }), terms), 600);
  assert.equal(confirmedInterval(inviteOf({ ...timer, 'Session-Expires': '121' }), terms), 121);
  assert.equal(confirmedInterval(inviteOf(), terms), 0);
  assert.equal(confirmedInterval(inviteOf(timer), undefined), 0);
});

test('CALL-05 the endpoints refresh where one of them can, else the switch asks, else only the longest duration ends a call', () => {
  const call = { terms, maxDurationSeconds: 3600 };
  const plain = carrierResponse(200);
  assert.deepEqual(
    sessionTerms({
      ...call,
      invite: inviteOf(),
      answer: carrierResponse(200, { 'Session-Expires': '120;refresher=uas' }),
    }),
    { kind: 'endpoints', intervalMs: 120_000, longestMs: 3_600_000 },
  );
  assert.deepEqual(sessionTerms({ ...call, invite: inviteOf(timer), answer: plain }), {
    kind: 'endpoints',
    intervalMs: 600_000,
    longestMs: 3_600_000,
  });
  assert.deepEqual(sessionTerms({ ...call, invite: inviteOf(), answer: plain }), {
    kind: 'probes',
    intervalMs: 300_000,
    longestMs: 3_600_000,
  });
  assert.deepEqual(
    sessionTerms({ terms: undefined, invite: inviteOf(), answer: plain, maxDurationSeconds: 0 }),
    { kind: 'none', intervalMs: 0, longestMs: 0 },
  );
});

test('CALL-10 a session interval that cannot be read is none', () => {
  for (const value of ['', 'x', '-1', '1e3', '99999999999999']) {
    assert.equal(sessionInterval(new Headers([['Session-Expires', value]])), undefined);
  }
  assert.equal(sessionInterval(new Headers([['Session-Expires', ' 90 ;refresher=uac']])), 90);
});
