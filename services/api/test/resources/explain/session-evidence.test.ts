import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallEvent } from '@tandem/proto/events';
import type { KeptMessage } from '@tandem/proto/messages';
import { sessionEvidence } from '../../../src/resources/explain/session-evidence.ts';
import { answeredCdr, made, refusedCdr } from '../../calls.ts';
import { journalPort } from '../../journal-port.ts';

const AT = Date.UTC(2026, 10, 21, 10, 0, 0);

/** @param start "INVITE" or "200 INVITE" */
function kept(start: string, leg: 'a' | 'b', isSent: boolean, headers: string): KeptMessage {
  const [code = '', method = code] = start.split(' ');
  const first = code === method ? `${method} sip:441@x SIP/2.0` : `SIP/2.0 ${code} x`;
  const text = `${first}\r\nCall-ID: ${leg}\r\nCSeq: 1 ${method}\r\n${headers}\r\n\r\n`;
  return { atMs: AT, bytes: Buffer.from(text), isSent, connection: 0, local: '', remote: '', pod: 'edge-1', transport: 'udp' }; // prettier-ignore
}

function told(event: CallEvent | undefined, messages: KeptMessage[]): Promise<readonly string[]> {
  const named = event && { ...event, a: { ...event.a, sipCallId: 'a' }, b: { ...event.b, sipCallId: 'b' } }; // prettier-ignore
  const listMessages = () => Promise.resolve({ messages, hasMore: false, keptSinceMs: 0 });
  return sessionEvidence({ journal: journalPort([], { listMessages }) }, named as CallEvent);
}

const expired = answeredCdr({
  termination: { reason: 'SessionExpired', code: 200, by: 'switch', text: '' },
}).event;

test('CALL-05 OPS-09 of a session that ran out it is told for how long it was agreed on, and who had to refresh it', async () => {
  const agreed = (refresher: string, leg: 'a' | 'b', isSent: boolean) =>
    kept('200 INVITE', leg, isSent, `Session-Expires: 90;refresher=${refresher}`);
  const duty = async (...messages: KeptMessage[]): Promise<string> =>
    /refreshed by the (\w+)/.exec((await told(expired, messages)).join())?.[1] ?? '';
  assert.deepEqual(await told(expired, [agreed('uas', 'b', false)]), [
    'The session was agreed on for 90 s at 2026-11-21T10:00:00.000Z, to be refreshed by the callee (Session-Expires: 90;refresher=uas).',
  ]);
  assert.equal(await duty(agreed('uac', 'b', false)), 'caller');
  assert.equal(await duty(agreed('uac', 'a', true)), 'caller');
  assert.equal(await duty(agreed('uas', 'a', true)), 'callee');
  // A re-INVITE of the callee.
  assert.equal(await duty(agreed('uac', 'b', true)), 'callee');
  assert.equal(await duty(agreed('uas', 'b', true)), 'caller');
});

test('CALL-05 OPS-09 a side that refused a refresh is told with what it wants', async () => {
  const messages = [
    kept('200 INVITE', 'b', false, 'x: 90'),
    kept('422 UPDATE', 'a', false, 'Min-SE: 700'),
    kept('422 UPDATE', 'b', true, 'Min-SE: 700'),
  ];
  assert.deepEqual((await told(expired, messages)).slice(1), [
    'The caller refused a refresh by UPDATE with 422: it wants 700 s at least (Min-SE).',
  ]);
});

test('CALL-05 OPS-09 of a refusal with 422 it is told what was offered, and who wanted that', async () => {
  const facts = { code: 422, phrase: 'Session Interval Too Small', address: '192.0.2.1:5060' };
  const decisions = [made('final-response', 'routing-gateway a', facts, 'Rejected')];
  const refused = refusedCdr('Rejected', 422, decisions).event;
  const invites = (session: string) => [
    kept('INVITE', 'a', false, session),
    kept('INVITE', 'b', true, 'Session-Expires: 600'),
  ];
  assert.deepEqual(await told(refused, invites('Supported: timer')), [
    'The call was sent there with a session of 600 s, of SS_SIP_SESSION_TTL and SS_SIP_SESSION_UPDATE_SEGMENT: the caller named none.',
  ]);
  assert.match((await told(refused, invites('Session-Expires: 1800'))).join(), /the caller had asked for 1800 s/); // prettier-ignore
  assert.deepEqual(await told(answeredCdr({}).event, invites('Session-Expires: 1800')), []);
});
