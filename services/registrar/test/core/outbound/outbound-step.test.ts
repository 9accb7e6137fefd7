import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutboundAnswer } from '@tandem/proto/outbound';
import { CSEQS_A_TURN } from '../../../src/core/outbound/outbound.ts';
import { secondsAsked, step, taskOf } from '../../../src/core/outbound/outbound-step.ts';
import type { OutboundInput } from '../../../src/core/outbound/outbound-step.ts';
import { outboundAfter, settingsOf } from '../../outbound-store-contract.ts';

const NOW = 1_000_000;
const take: OutboundInput = { kind: 'take', edge: 'a' };

function answer(code: number, more: Partial<OutboundAnswer> = {}, cseq = 2): OutboundInput {
  const said = OutboundAnswer.fromPartial({ code, reason: 'said', contact: 'sip:c@x', ...more });
  return { kind: 'answered', answer: said, cseq, random: 0.5, newCallId: 'second' };
}

const registered = [take, answer(200, { expires: 200 })];

test('REG-08 what was granted counts, not what was asked, and is refreshed well before it ends', () => {
  const outbound = outboundAfter(registered);
  assert.equal(outbound.state, 'registered');
  assert.equal(outbound.expiresMs, NOW + 200_000);
  assert.equal(outbound.nextMs, NOW + 150_000);
  assert.equal(outbound.isHeld, true);
  assert.equal(outbound.cseq, 2);
  const silent = outboundAfter([take, answer(200)]);
  assert.equal(silent.expiresMs, NOW + 300_000);
  const auto = outboundAfter([take, answer(200)], { settings: settingsOf({ expires: 0 }) });
  assert.equal(secondsAsked(auto), 0);
  assert.equal(auto.expiresMs, NOW + 3_600_000);
});

test('REG-08 a 200 that binds nothing is a refusal', () => {
  const outbound = outboundAfter([take, answer(200, { expires: 0 })]);
  assert.equal(outbound.state, 'refused');
  assert.match(outbound.last?.text ?? '', /not bound/);
});

test('REG-08 a refusal waits for the retry delay, or longer where Retry-After says so, an hour at most', () => {
  const refused = outboundAfter([take, answer(403)]);
  assert.equal(refused.state, 'refused');
  assert.equal(refused.nextMs, NOW + 60_000);
  assert.equal(refused.isHeld, false);
  assert.equal(refused.failures, 1);
  assert.equal(outboundAfter([take, answer(503, { retryAfter: 90 })]).nextMs, NOW + 90_000);
  assert.equal(outboundAfter([take, answer(503, { retryAfter: 9 })]).nextMs, NOW + 60_000);
  assert.equal(outboundAfter([take, answer(503, { retryAfter: 1e6 })]).nextMs, NOW + 3_600_000);
  const failed = { kind: 'failed', cause: 'silence', cseq: 1, newCallId: '' } as const;
  const away = outboundAfter([take, failed]);
  assert.equal(away.state, 'unreachable');
  assert.equal(away.last?.reason, 'silence');
});

test('REG-08 a 423 is obeyed at once, and kept, but not again and again', () => {
  let outbound = outboundAfter([take, answer(423, { minExpires: 900 })]);
  assert.equal(outbound.nextMs, NOW);
  assert.equal(secondsAsked(outbound), 900);
  outbound = outboundAfter([take, answer(423, { minExpires: 600 }), take, answer(200)]);
  assert.equal(outbound.expiresMs, NOW + 600_000);
  const more = [900, 1000, 1100, 1200].flatMap((minExpires) => [take, answer(423, { minExpires })]);
  assert.equal(outboundAfter(more).state, 'refused');
  assert.equal(outboundAfter([take, answer(423, { minExpires: 30 })]).state, 'refused');
});

test('REG-08 who takes it over has a higher CSeq with the same Call-ID, whatever the one before has sent', () => {
  const first = outboundAfter([take]);
  const second = step(first, { kind: 'take', edge: 'b' }, NOW + 5000);
  assert.ok(second !== undefined);
  assert.equal(second.edge, 'b');
  assert.equal(second.turn, 2);
  assert.equal(second.sipCallId, first.sipCallId);
  assert.ok(second.cseq - CSEQS_A_TURN + 1 > first.cseq);
});

test('REG-08 what was bound before is cleared first after a restart that remembers nothing, once', () => {
  const settings = settingsOf({ clearsFirst: true });
  const cleared = outboundAfter([take], { settings });
  assert.equal(cleared.doing, 'clear');
  for (const said of [answer(200), answer(403)]) {
    const then = outboundAfter([take, said, take], { settings });
    assert.equal(then.doing, 'register');
  }
  const away = { kind: 'failed', cause: 'silence', cseq: 1, newCallId: '' } as const;
  const later = outboundAfter([take, away], { settings });
  assert.equal(later.state, 'unreachable');
  assert.equal(taskOf(later, NOW), 'clear');
});

test('REG-08 a gateway that is removed is unregistered, by what it was registered with, and then gone', () => {
  const removed = { kind: 'removed', version: 2 } as const;
  const going = outboundAfter([...registered, removed]);
  assert.equal(going.state, 'unregistering');
  assert.equal(going.nextMs, NOW);
  const asked = step(going, take, NOW);
  assert.equal(asked?.doing, 'unregister');
  assert.equal(step(asked, answer(200), NOW), undefined);
  assert.equal(step(asked, answer(503), NOW), undefined);
  // Nothing to be removed: never registered, or run out.
  assert.equal(step(outboundAfter([]), removed, NOW), undefined);
  assert.equal(step(going, take, NOW + 300_000), undefined);
  // Its answer was under way.
  const late = outboundAfter([take, removed, answer(200, { expires: 200 })]);
  assert.equal(late.nextMs, NOW);
  assert.equal(taskOf(late, NOW), 'unregister');
});

test('REG-08 another registrar or user: the old binding is removed first, then the new one begins anew', () => {
  const settings = settingsOf({ registrars: ['192.0.2.9'], user: '4930999' });
  const change = { kind: 'configured', settings, version: 2, newCallId: 'third' } as const;
  const going = outboundAfter([...registered, change]);
  assert.equal(going.state, 'unregistering');
  assert.equal(going.settings.user, '4930123');
  const next = outboundAfter([...registered, change, take, answer(200)]);
  assert.equal(next.settings.user, '4930999');
  assert.equal(next.sipCallId, 'second');
  assert.equal(next.state, 'registering');
  assert.equal(next.turn, 2);
  const never = outboundAfter([change]);
  assert.equal(never.settings.user, '4930999');
  assert.equal(never.sipCallId, 'third');
});

test('REG-08 a new password is tried at once where the old one was refused, else with the next refresh', () => {
  const settings = settingsOf({ sealedPassword: 'sealed:v1:y' });
  const change = { kind: 'configured', settings, version: 2, newCallId: '' } as const;
  assert.equal(outboundAfter([take, answer(403), change]).nextMs, NOW);
  assert.equal(outboundAfter([...registered, change]).nextMs, NOW + 150_000);
  const expiry = { ...change, settings: settingsOf({ expires: 600 }) };
  assert.equal(outboundAfter([...registered, expiry]).nextMs, NOW);
});

test('REG-08 a pod that has not seen the last configuration yet changes nothing', () => {
  const second = { kind: 'configured', settings: settingsOf(), version: 2, newCallId: '' } as const;
  const outbound = outboundAfter([...registered, second]);
  assert.equal(step(outbound, { kind: 'removed', version: 1 }, NOW + 5000), outbound);
  assert.equal(step(outbound, second, NOW), outbound);
  // A database that began anew counts from one again.
  const late = step(outbound, { kind: 'removed', version: 1 }, NOW + 20_000);
  assert.equal(late?.state, 'unregistering');
});

test('REG-08 one that is configured again before it was unregistered stays, or comes back', () => {
  const removed = { kind: 'removed', version: 2 } as const;
  const again = { kind: 'configured', settings: settingsOf(), version: 3, newCallId: '' } as const;
  const kept = outboundAfter([...registered, removed, again]);
  assert.equal(kept.state, 'registering');
  assert.equal(kept.nextMs, NOW);
  const back = outboundAfter([...registered, removed, take, again, answer(200)]);
  assert.equal(back.state, 'registering');
  assert.equal(taskOf(back, NOW), 'register');
});

test('REG-08 a connection that is lost means at once, a pod that leaves over UDP when it was due', () => {
  const over = [take, answer(200, { expires: 200, isConnection: true })];
  const lost = outboundAfter([...over, { kind: 'flow-lost' }]);
  assert.equal(lost.nextMs, NOW);
  assert.equal(lost.state, 'registering');
  const left = { kind: 'left', hasOthers: true } as const;
  assert.equal(outboundAfter([...over, left]).nextMs, NOW);
  assert.equal(outboundAfter([...registered, left]).nextMs, NOW + 150_000);
  assert.equal(outboundAfter([take, left]).nextMs, NOW);
});

test('REG-08 the last pod that leaves unregisters, and the first that comes registers', () => {
  const left = { kind: 'left', hasOthers: false } as const;
  const going = outboundAfter([...registered, left]);
  assert.equal(taskOf(going, NOW), 'unregister');
  const gone = outboundAfter([...registered, left, take, answer(200)]);
  assert.equal(gone.state, 'unregistered');
  assert.equal(gone.isHeld, false);
  assert.equal(taskOf(gone, NOW), 'register');
  assert.equal(outboundAfter([left]).state, 'registering');
});

test('REG-08 an operator has it tried at once, but not twice', () => {
  const retry = { kind: 'retry' } as const;
  assert.equal(outboundAfter([take, answer(403), retry]).nextMs, NOW);
  const underWay = outboundAfter([take]);
  assert.equal(step(underWay, retry, NOW), underWay);
});
