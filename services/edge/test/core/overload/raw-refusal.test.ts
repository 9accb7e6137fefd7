import assert from 'node:assert/strict';
import test from 'node:test';
import { noteSource, parseMessage, readRequestHead, serialize } from '@tandem/sip';
import type { SipRequest, SipResponse } from '@tandem/sip';
import {
  acknowledgesStateless,
  isStatelessTo,
  statelessTag,
} from '../../../src/core/marks/stateless-tag.ts';
import { refusal } from '../../../src/core/messages/caller-response.ts';
import { rawOverloadRefusal, spreadSeconds } from '../../../src/core/messages/raw-refusal.ts';
import { inviteOf, local, source } from '../../support/messages.ts';

const invites = {
  plain: {},
  'behind a proxy and NAT': {
    Via: 'SIP/2.0/UDP proxy.example;branch=z9hG4bKproxy;rport',
  },
};

for (const [name, headers] of Object.entries(invites)) {
  test(`DENY-19 an INVITE ${name} is refused by its bytes as it is when it was parsed`, () => {
    const request = inviteOf(headers);
    request.headers.append('Via', 'SIP/2.0/UDP phone.example;branch=z9hG4bKphone');
    const bytes = serialize(request);
    const head = readRequestHead(bytes);
    assert.ok(head !== undefined);
    const raw = rawOverloadRefusal(head, { source, local, retryAfterSeconds: 5 });
    const parsed = parseMessage(bytes) as SipRequest;
    noteSource(parsed, source);
    const toTag = statelessTag(parsed);
    const retryAfterSeconds = spreadSeconds(5, toTag);
    const whole = refusal(parsed, { reason: 'Overload', toTag, local, retryAfterSeconds });
    const said = (response: SipResponse): unknown[] =>
      ['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Warning', 'Reason', 'Retry-After', 'Server'].map(
        (each) => response.headers.getAll(each),
      );
    const read = parseMessage(raw) as SipResponse;
    assert.equal(read.status, 503);
    assert.deepEqual(said(read), said(whole));
    assert.deepEqual(
      rawOverloadRefusal(head, { source, local, retryAfterSeconds: 5 }),
      raw,
      'a repetition gets the same',
    );
  });
}

test('DENY-19 the ACK of such a refusal is known by its To, read or not', () => {
  const ack = inviteOf({ To: '<sip:1@h>;tag=s.abc', CSeq: '17 ACK' });
  assert.equal(acknowledgesStateless(ack), true);
  assert.equal(isStatelessTo('<sip:1@h>;tag=s.abc'), true);
  assert.equal(isStatelessTo('<sip:1@h>;x=y;TAG = s.abc'), true);
  assert.equal(isStatelessTo('<sip:1@h>;tag=AwAATQBBBBBB'), false);
  assert.equal(isStatelessTo('"x;tag=s.abc" <sip:1@h;tag=s.abc>'), false);
});

test('DENY-19 Retry-After is spread from once to twice of what is set', () => {
  const seen = new Set<number>();
  for (let at = 0; at < 1000; at++) seen.add(spreadSeconds(5, `s.${String(at)}`));
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    [5, 6, 7, 8, 9, 10],
  );
});
