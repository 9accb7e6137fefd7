import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SilentAddresses } from '../../src/setup/silent-addresses.ts';

const to = { address: '192.0.2.1', port: 5060, transport: 'udp' } as const;

test('DENY-14 an address that is silent is looked at once in five seconds, whatever calls go there', async () => {
  let nowMs = 0;
  const asked: string[] = [];
  const silent = new SilentAddresses(
    ({ address, transport }) => {
      asked.push(`${transport} ${address}`);
      return Promise.resolve('nobody listens');
    },
    { now: () => nowMs },
  );
  assert.equal(await silent.look(to), 'nobody listens');
  nowMs = 4999;
  assert.equal(await silent.look(to), 'nobody listens');
  assert.deepEqual(asked, ['udp 192.0.2.1:5060']);
  await silent.look({ ...to, transport: 'tcp' });
  nowMs = 5000;
  await silent.look(to);
  assert.deepEqual(asked, ['udp 192.0.2.1:5060', 'tcp 192.0.2.1:5060', 'udp 192.0.2.1:5060']);
});

test('DENY-14 a look that fails says nothing', async () => {
  const silent = new SilentAddresses(() => Promise.reject(new Error('no socket')), {
    now: () => 0,
  });
  assert.equal(await silent.look(to), '');
});
