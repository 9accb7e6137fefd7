import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutboundSettings } from '@tandem/proto/outbound';
import type { Outbound } from '../src/core/outbound/outbound.ts';
import { step } from '../src/core/outbound/outbound-step.ts';
import type { OutboundInput } from '../src/core/outbound/outbound-step.ts';
import type { OutboundStore } from '../src/outbound/outbound-store.ts';

export function settingsOf(more: Partial<OutboundSettings> = {}): OutboundSettings {
  return OutboundSettings.fromPartial({
    gateway: 'carrier',
    registrars: ['192.0.2.1'],
    transport: 'udp',
    user: '4930123',
    domain: 'carrier.example',
    username: '4930123',
    sealedPassword: 'sealed:v1:x',
    contactUser: '4930123',
    expires: 300,
    retrySeconds: 60,
    ...more,
  });
}

/** One that has been through these inputs, all at one moment. */
export function outboundAfter(
  inputs: readonly OutboundInput[],
  { nowMs = 1_000_000, settings = settingsOf() } = {},
): Outbound {
  const first = { kind: 'configured' as const, settings, version: 1, newCallId: 'first' };
  let outbound = step(undefined, first, nowMs);
  for (const input of inputs) outbound = step(outbound, input, nowMs);
  assert.ok(outbound !== undefined);
  return outbound;
}

/** What every store of registrations with carriers does. */
export function outboundStoreContract(name: string, open: () => Promise<OutboundStore>): void {
  test(`REG-08 ${name}: one that is taken has a lease, and is nobody else's until it ends`, async () => {
    const store = await open();
    const empty = await store.read('carrier');
    assert.equal(empty.outbound, undefined);
    const fresh = outboundAfter([], { nowMs: empty.nowMs });
    assert.equal(await store.write('carrier', empty, fresh), true);
    assert.deepEqual(await store.due(10), ['carrier']);
    const [one, other] = await Promise.all([store.read('carrier'), store.read('carrier')]);
    assert.deepEqual(one.outbound, fresh);
    assert.ok(one.dueMs <= one.nowMs);
    const takenBy = (edge: string) => step(fresh, { kind: 'take', edge }, one.nowMs);
    assert.equal(await store.write('carrier', one, takenBy('a')), true);
    assert.equal(await store.write('carrier', other, takenBy('b')), false);
    assert.deepEqual(await store.due(10), []);
    const held = await store.read('carrier');
    assert.equal(held.outbound?.edge, 'a');
    assert.ok(held.dueMs > held.nowMs + 2000 && held.dueMs <= held.nowMs + 3000);
  });

  test(`REG-08 ${name}: a lease is renewed for the turn that it was given for, and for no other`, async () => {
    const store = await open();
    const read = await store.read('carrier');
    const taken = outboundAfter([{ kind: 'take', edge: 'a' }], { nowMs: read.nowMs });
    await store.write('carrier', read, taken);
    const before = await store.read('carrier');
    const held = { gateway: 'carrier', turn: 1 };
    const renewal = await store.renew('a', [held, { gateway: 'other', turn: 1 }]);
    assert.deepEqual(renewal, { kept: ['carrier'], due: [], lost: ['other'], count: 1 });
    assert.deepEqual((await store.renew('b', [{ ...held, turn: 2 }])).lost, ['carrier']);
    // Whoever had read it before may not write: it would take what was prolonged meanwhile.
    const after = await store.read('carrier');
    const isSameMoment = after.dueMs === before.dueMs;
    assert.equal(await store.write('carrier', before, taken), isSameMoment);
  });

  test(`REG-08 ${name}: who has one is told when it is due again`, async () => {
    const store = await open();
    const read = await store.read('carrier');
    const taken = outboundAfter([{ kind: 'take', edge: 'a' }], { nowMs: read.nowMs });
    await store.write('carrier', read, { ...taken, doing: undefined, nextMs: read.nowMs - 1 });
    const renewal = await store.renew('a', [{ gateway: 'carrier', turn: 1 }]);
    assert.deepEqual(renewal.due, ['carrier']);
    assert.deepEqual(await store.due(10), []);
  });

  test(`REG-08 ${name}: nothing is left of one that is removed, and pods that live are counted`, async () => {
    const store = await open();
    const read = await store.read('carrier');
    await store.write('carrier', read, outboundAfter([], { nowMs: read.nowMs + 60_000 }));
    assert.deepEqual(await store.due(10), []);
    assert.equal((await store.all()).outbounds.length, 1);
    await store.write('carrier', await store.read('carrier'), undefined);
    assert.deepEqual((await store.all()).outbounds, []);
    assert.equal((await store.renew('a', [])).count, 0);
    await store.renew('b', []);
    assert.equal(await store.leave('a'), 1);
    assert.equal(await store.leave('b'), 0);
  });
}
