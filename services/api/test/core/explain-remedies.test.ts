import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cdr } from '@tandem/proto/billing';
import { explain, type Explanation } from '../../src/core/explain.ts';
import { answeredCdr, attempt, failedCdr, made, refusedCdr } from '../calls.ts';

function explained(cdr: Cdr): Explanation {
  return explain({ kind: 'cdr', cdr });
}

const answeredEnd = (reason: string, text = '', changes: object = {}) =>
  explained(answeredCdr({ termination: { reason, code: 200, by: 'switch', text }, ...changes }));

test('CALL-05 CALL-09 explain says of each end by the switch what ran out, and the last sign of life', () => {
  const probed = answeredEnd('SessionExpired', 'no sign of the callee in the dialog');
  assert.match(
    probed.summary,
    /since the callee did not answer when asked whether the call goes on/,
  );
  assert.doesNotMatch(
    `${probed.summary}${probed.change ?? ''}`,
    /SessionExpired|SS_SIP_SESSION_TTL/,
  );
  const unconfirmed = answeredEnd(
    'NoAck',
    'the caller has not acknowledged the answer within 32 s',
  );
  assert.match(unconfirmed.summary, /the caller never confirmed the answer \(no ACK within 32 s\)/);
  assert.match(unconfirmed.change ?? '', /200 OK\) reaches the caller and its ACK the switch/);
  const spent = answeredEnd('DurationLimit', 'the longest duration is reached');
  assert.match(spent.summary, /the balance of the account paid for no more/);
  assert.match(spent.change ?? '', /`tandem accounts pay demo AMOUNT --reference R`/);
  const silent = answeredEnd('MediaTimeout', 'no RTP for 60 s');
  assert.match(silent.summary, /since no media came any more \(no RTP for 60 s\); media\.silence/);
});

test('AUTH-15 explain has the remedy of what was wrong with credentials, not of the refusal', () => {
  const refused = (cause: string, explanation?: string, subject = 'phone 1001') => {
    const failures = {
      'decided-by': 'SS_SIP_AUTHENTICATION_RETRY',
      cause,
      source: '192.0.2.9:5060',
      'wrong-answers': 6,
      SS_SIP_AUTHENTICATION_RETRY: 6,
      SS_SIP_AUTHENTICATION_TIMEOUT: '10 s',
      failures: 6,
      SS_AUTHENTICATION_MAX_RETRY: 0,
      explanation,
    } as const;
    const decision = made('password-not-proved', subject, failures);
    return explained(refusedCdr('AuthenticationFailed', 403, [decision]));
  };
  const realm = refused('wrong realm', 'sent realm "here", expected "tandem"');
  assert.match(
    realm.summary,
    /wrong realm \(sent realm "here", expected "tandem"\), 6 wrong answers/,
  );
  assert.match(realm.change ?? '', /^Set the realm at the side of phone 1001 to "tandem"/);
  const unknown = refused('unknown user', undefined, 'unknown-user 4711');
  assert.match(unknown.change ?? '', /^Correct the user name at its side, or add a phone/);
  const spelt = refused(
    'unknown user',
    'sent user name "alice", expected "Alice"',
    'unknown-user alice',
  );
  assert.match(spelt.change ?? '', /^Write the user name as "Alice" at its side/);
  const empty = refused('unknown user', 'sent an empty user name', 'unknown-user ');
  assert.match(empty.change ?? '', /^Enter the user name at its side/);
  assert.doesNotMatch(empty.summary, /unknown user ?[;:]|user {2}/);
  const algorithm = refused('algorithm not offered', 'sent algorithm "SHA-256", expected MD5');
  assert.match(algorithm.change ?? '', /^Have phone 1001 answer by MD5/);
});

test('ROUTE-06 explain says in its first line why other gateways were left untried, and tells a Reason in words', () => {
  const raw = 'Q.850;cause=21;text="Call Rejected"';
  const rejected = made(
    'final-response',
    'routing-gateway carrier-a',
    { code: 403, phrase: 'Forbidden', address: '127.0.0.1:5070', 'reason-header': raw },
    'Rejected',
  );
  const stop = made('failover-ended', 'routing-gateway carrier-a', {
    cause: 'stop-code',
    attempts: 1,
    untried: 'carrier-b',
    code: 403,
    stopCodes: '403',
  });
  const { attempts, summary } = explained(
    failedCdr(
      { reason: 'Rejected', code: 403, text: raw },
      [attempt({ code: 403, text: raw })],
      [rejected, stop],
    ),
  );
  assert.equal(
    summary,
    'Failed with 403 Forbidden: routing gateway carrier-a answered 403 Forbidden: it does not let this call in; it says why: cause 21 of Q.850, Call Rejected; carrier-b was not tried after it: 403 is among the stopCodes of routing gateway carrier-a (403).',
  );
  assert.equal(
    attempts[0]?.text,
    'carrier-a at 127.0.0.1:5070 failed after 2 s with 403 Forbidden, cause 21 of Q.850, Call Rejected.',
  );
});
