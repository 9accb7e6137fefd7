import { ReplayedCandidate, ReplayedRoute } from '@tandem/proto/routing';
import type { PastCall } from '../../../src/core/replay/past-call.ts';

export const NOON = Date.UTC(2026, 10, 21, 12);

/** A call of a minute by carrier-a, that began some seconds after noon. */
export function pastCall(seconds: number, changes: Partial<PastCall> = {}): PastCall {
  const startMs = NOON + seconds * 1000;
  return {
    id: `call-${String(seconds)}`,
    origin: { kind: 'phone', name: '1001', account: 'demo' },
    caller: '1001',
    callee: '442079460000',
    startMs,
    endMs: startMs + 60_000,
    durationMs: 60_000,
    reason: '',
    attempts: [{ gateway: 'carrier-a', account: 'vendor', isAnswered: true, lastedMs: 60_000 }],
    price: '0.02',
    currency: 'USD',
    cost: '0.01',
    costCurrency: 'USD',
    ...changes,
  };
}

/** A call that failed at these gateways, one after another. */
export function failedCall(
  seconds: number,
  reason: string,
  ...gateways: readonly string[]
): PastCall {
  const call = pastCall(seconds);
  return {
    ...call,
    endMs: call.startMs + 4000,
    durationMs: 0,
    reason,
    attempts: gateways.map((gateway) => ({
      gateway,
      account: '',
      isAnswered: false,
      lastedMs: 2000,
    })),
    price: '0',
    cost: '0',
  };
}

/** A route by these gateways, each `name` or `name cost`, and what the customer pays. */
export function route(
  gateways: readonly string[],
  changes: Partial<ReplayedRoute> = {},
): ReplayedRoute {
  return ReplayedRoute.create({
    price: '0.02',
    currency: 'USD',
    fixed: [claim('phone:1001'), claim('account:demo')],
    candidates: gateways.map((text) => {
      const [gateway = '', cost = ''] = text.split(' ');
      return ReplayedCandidate.create({
        gateway,
        cost,
        account: cost === '' ? '' : `of-${gateway}`,
        currency: cost === '' ? '' : 'USD',
        claims: [claim(`routing-gateway:${gateway}`)],
      });
    }),
    ...changes,
  });
}

export function claim(key: string, limit = 0, perSecond = false, reserved = 0) {
  return { key, limit, perSecond, reserved };
}
