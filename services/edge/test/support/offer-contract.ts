import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { KeptOffer } from '../../src/ports.ts';
import { newCallId } from './call-store-contract.ts';
import type { StoreUnderTest } from './call-store-contract.ts';

/** What every adapter of OfferStore does. */
export function offerContract(name: string, open: () => Promise<StoreUnderTest>): void {
  suite(`OfferStore: ${name}`, () => {
    test('CALL-06 CALL-08 of several pods that keep an offer one is first, and all get what it has kept', async () => {
      const { store } = await open();
      const callId = newCallId();
      const kept = await Promise.all(
        [1, 2, 3].map((relay) => store.keepOffer(callId, '1:a2:x', offerOf(relay))),
      );
      const first = kept[0]?.relay ?? 0;
      for (const each of kept) assert.deepEqual(each, offerOf(first));
      assert.deepEqual(await store.keptOffer(callId, '1:a2:x'), offerOf(first));
    });

    test('CALL-08 each exchange of each call has an offer of its own', async () => {
      const { store } = await open();
      const [one, other] = [newCallId(), newCallId()];
      await store.keepOffer(one, '1:a2:x', offerOf(0xffffffff));
      assert.equal(await store.keptOffer(one, '1:b2:x'), undefined);
      assert.equal(await store.keptOffer(other, '1:a2:x'), undefined);
      assert.deepEqual(await store.keepOffer(one, '1:b2:x', offerOf(0)), offerOf(0));
      assert.equal((await store.keptOffer(one, '1:a2:x'))?.relay, 0xffffffff);
    });
  });
}

function offerOf(relay: number): KeptOffer {
  return {
    relay,
    digest: Buffer.from([0, 255, 13, 10, 0, 32, 128, 7]),
    bytes: Buffer.from(`v=0 ${String(relay)} \u00e9`, 'latin1'),
  };
}
