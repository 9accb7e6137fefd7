import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@tandem/testing';
import { readDistributorSettings } from '../../src/distributor/distributor-settings.ts';
import { choosePod } from '../../src/distributor/pod-choice.ts';

const pods = [0, 1, 2].map((slot) => ({ slot, isReady: slot !== 1 }));

test('edge.md §9 at random, every packet of one sender may reach any pod that is ready', () => {
  const random = seededRandom(1);
  const chosen = Array.from(
    { length: 200 },
    () => choosePod(pods, { mode: 'random', sender: '192.0.2.1:5060', random })?.slot,
  );
  assert.deepEqual([...new Set(chosen)].sort(), [0, 2]);
});

test('edge.md §9 by the sender, its packets reach one pod for as long as that is ready', () => {
  const how = { mode: 'hash' as const, random: () => 0 };
  for (let port = 5060; port < 5160; port++) {
    const sender = `192.0.2.1:${String(port)}`;
    const all = pods.map(({ slot }) => ({ slot, isReady: true }));
    const chosen = choosePod(all, { ...how, sender })?.slot;
    const left = choosePod(pods, { ...how, sender })?.slot;
    if (chosen !== 1) assert.equal(left, chosen);
    else assert.notEqual(left, 1);
  }
});

test('edge.md §9 a packet has nowhere to go while no pod is ready', () => {
  const none = pods.map(({ slot }) => ({ slot, isReady: false }));
  for (const mode of ['random', 'hash'] as const) {
    assert.equal(choosePod(none, { mode, sender: 'a', random: () => 0 }), undefined);
  }
});

test('OPS-05 mistakes in the settings of a distributor are named', () => {
  const env = {
    TANDEM_SIP_LISTEN: 'nowhere',
    TANDEM_POD_LISTEN: '127.0.0.1:7000',
    TANDEM_SECRET_KEY_FILE: '/key',
    DISTRIBUTOR_PODS: '127.0.0.1:7001',
  };
  assert.throws(
    () => readDistributorSettings(env),
    /TANDEM_SIP_LISTEN: "nowhere"[^]*DISTRIBUTOR_PODS/,
  );
});
