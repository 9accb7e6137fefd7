import assert from 'node:assert/strict';
import test from 'node:test';
import { Headers, SipRequest } from '@tandem/sip';
import type { PeerAddress } from '../../src/core/network/peer-address.ts';
import { RegisterAdmission } from '../../src/registration/register-admission.ts';

const idle = { underWay: 0, isRefusingCalls: false };

function arrived(user: string, address: string, parts: Partial<PeerAddress> = {}) {
  const headers = new Headers();
  headers.append('To', `<sip:${user}@office.example>`);
  const request = new SipRequest('REGISTER', 'sip:office.example', headers);
  return { request, source: { address, port: 5060, ...parts }, isSourceHidden: false };
}

/** How many of so many at once are taken. */
function taken(
  times: number,
  shed: (at: number) => string | undefined,
): readonly (string | undefined)[] {
  return Array.from({ length: times }, (_, at) => shed(at)).filter((cause) => cause === undefined);
}

test('REG-07 of one user at one address sixty at once are looked at, and two a second; the same name elsewhere is not touched', () => {
  const admission = new RegisterAdmission();
  const shed = (nowMs: number, address = '192.0.2.1') =>
    admission.shed(arrived('1001', address), idle, nowMs);
  assert.equal(taken(100, () => shed(0)).length, 60);
  assert.equal(shed(0), 'phone');
  assert.equal(shed(0, '192.0.2.2'), undefined);
  assert.equal(taken(100, () => shed(5000)).length, 10);
  assert.equal(taken(100, () => shed(1_000_000)).length, 60);
});

test('REG-07 of one address two thousand at once are looked at, unless it is that of a load balancer', () => {
  const admission = new RegisterAdmission();
  const one = (at: number) => admission.shed(arrived(String(at), '192.0.2.1'), idle, 0);
  assert.equal(taken(3000, one).length, 2000);
  assert.equal(one(1), 'source');
  const hidden = { ...arrived('x', '192.0.2.1'), isSourceHidden: true };
  assert.equal(admission.shed(hidden, idle, 0), undefined);
});

test('REG-07 while calls are refused few are looked at; browsers, which do not ask again, are refused last', () => {
  const admission = new RegisterAdmission();
  const shed = (underWay: number, isRefusingCalls: boolean, parts: Partial<PeerAddress> = {}) =>
    admission.shed(arrived('1001', '192.0.2.1', parts), { underWay, isRefusingCalls }, 0);
  assert.deepEqual([shed(499, false), shed(500, false)], [undefined, 'load']);
  assert.deepEqual([shed(24, true), shed(25, true)], [undefined, 'load']);
  const transport = 'wss' as const;
  assert.deepEqual([shed(999, false, { transport }), shed(49, true, { transport })], [undefined, undefined]); // prettier-ignore
  assert.equal(shed(50, true, { transport }), 'load');
});
