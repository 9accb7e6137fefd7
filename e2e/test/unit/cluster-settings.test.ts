import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readClusterSettings } from '../../src/cluster/cluster-settings.ts';

test('OPS-07 a cluster has three edges behind random packets unless it is told otherwise', () => {
  assert.deepEqual(readClusterSettings({}), {
    layout: 'split',
    pods: 3,
    mode: 'random',
    lossPercent: 0,
    sip: '127.0.0.1:5060',
    api: '127.0.0.1:8080',
    dataDir: '.tandem',
  });
});

test('OPS-07 ports and data folder of a cluster are set as those of make run', () => {
  const settings = readClusterSettings({
    SHAPE: 'pod',
    PODS: '5',
    MODE: 'hash',
    LOSS: '2.5',
    TANDEM_SIP_LISTEN: 'udp:127.0.0.1:6060',
    TANDEM_API_LISTEN: '127.0.0.1:9080',
    TANDEM_DATA_DIR: '/tmp/tandem',
  });
  assert.deepEqual(settings, {
    layout: 'pod',
    pods: 5,
    mode: 'hash',
    lossPercent: 2.5,
    sip: '127.0.0.1:6060',
    api: '127.0.0.1:9080',
    dataDir: '/tmp/tandem',
  });
});

test('OPS-05 every mistake in SHAPE, PODS, LOSS, MODE and addresses is named with what is right', () => {
  const env = { SHAPE: 'round', PODS: '0', LOSS: '80', MODE: 'both', TANDEM_SIP_LISTEN: 'nowhere' };
  assert.throws(
    () => readClusterSettings(env),
    (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, /SHAPE: "round" is wrong: write split or pod/);
      assert.match(error.message, /PODS: "0" is wrong: write a whole number from 1 to 32/);
      assert.match(error.message, /LOSS: "80" is wrong: write a percentage from 0 to 50/);
      assert.match(error.message, /MODE: "both" is wrong: write random, hash or front/);
      assert.match(error.message, /TANDEM_SIP_LISTEN: "nowhere" is wrong: write an IPv4 address/);
      return true;
    },
  );
});

test('OPS-05 loss is refused where fronts own the address, for nothing could lose there', () => {
  assert.throws(
    () => readClusterSettings({ MODE: 'front', LOSS: '2' }),
    /LOSS: "2" is wrong: fronts/,
  );
});
