import assert from 'node:assert/strict';
import test from 'node:test';
import { CheckOutcome } from '@tandem/proto/health';
import { FakeClock } from '@tandem/testing';
import { AddressTests } from '../../src/gateway-checks/gateway-checks.ts';
import type { OptionsRequests } from '../../src/gateway-checks/gateway-checks.ts';

type Asked = Parameters<OptionsRequests['send']>[0];

const A = { uri: 'sip:192.0.2.1', transport: 'udp', address: '192.0.2.1:5060' };

/** Answers what the test says in this place, after so long. */
function bench(answer: (at: number, asked: Asked) => Partial<CheckOutcome>) {
  const clock = new FakeClock();
  const asked: { readonly atMs: number; readonly asked: Asked }[] = [];
  const looked: string[] = [];
  const startMs = clock.now();
  const tests = new AddressTests({
    clock,
    options: {
      send: (each) => {
        const at = asked.length;
        asked.push({ atMs: clock.now() - startMs, asked: each });
        const { address, transport } = each.address;
        const outcome = CheckOutcome.fromPartial({ address, transport, times: 1, ...answer(at, each) }); // prettier-ignore
        clock.start(20, () => {
          each.onDone(outcome);
        });
      },
    },
    look: ({ address }) => {
      looked.push(address);
      return Promise.resolve('nobody listens');
    },
  });
  return { clock, asked, looked, tests };
}

test('OPS-04 each address is asked again and again, once each time, a tenth of a second apart', async () => {
  const { asked, clock, looked, tests } = bench((at) => ({ code: at === 1 ? 0 : 200, rttMs: 20 }));
  const found = await clock.until(tests.run({ addresses: [A], probes: 3, timeoutMs: 1000 }));
  assert.deepEqual(
    asked.map(({ asked: each, atMs }) => [atMs, each.timeoutMs, each.isSentOnce]),
    [
      [0, 1000, true],
      [100, 1000, true],
      [200, 1000, true],
    ],
  );
  assert.deepEqual(found[0]?.outcomes.map(({ code }) => code), [200, 0, 200]); // prettier-ignore
  assert.equal(found[0].network, '');
  assert.deepEqual(looked, []);
});

test('OPS-04 where nobody answers the network is looked at; not where nothing could be sent', async () => {
  const silent = bench(() => ({ failure: 'no answer within 1 s' }));
  const [found] = await silent.clock.until(
    silent.tests.run({ addresses: [A], probes: 1, timeoutMs: 1000 }),
  );
  assert.equal(found?.network, 'nobody listens');
  const unsent = bench(() => ({ failure: 'this is an address of the switch itself', times: 0 }));
  await unsent.clock.until(unsent.tests.run({ addresses: [A], probes: 1, timeoutMs: 1000 }));
  assert.deepEqual(unsent.looked, []);
});

test('OPS-04 there are bounds, so that an operator has an answer within the time that the api waits', async () => {
  const { asked, clock, tests } = bench(() => ({ code: 200 }));
  await clock.until(tests.run({ addresses: [A], probes: 500, timeoutMs: 60_000 }));
  assert.equal(asked.length, 20);
  assert.equal(asked[0]?.asked.timeoutMs, 2000);
});
