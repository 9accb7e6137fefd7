import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CallEvent } from '@tandem/proto/events';
import type { EndWrite, WriteResult } from '../../src/ports.ts';
import { answerOf, endOf, newCallId, origin, writeAheadOf } from './call-store-contract.ts';
import type { StoreUnderTest } from './call-store-contract.ts';

const [OLD, NEW, THIRD] = ['3.77', '4.78', '5.79'] as const;

/** The end of a call that was not answered, by the pod that has it. */
export function ownEnd(callId: string, owner: string, more: Partial<EndWrite> = {}): EndWrite {
  const event = CallEvent.fromPartial({ callId, startedMs: 9, origin });
  return { ...endOf(callId, event), owner, ...more };
}

/** What every store does about pods that die (edge.md §3, §5). */
export function adoptionContract(name: string, openStore: () => Promise<StoreUnderTest>): void {
  const open = async (): Promise<StoreUnderTest> => {
    const opened = await openStore();
    await opened.live(OLD, NEW, THIRD);
    return opened;
  };

  suite(`adoption: ${name}`, () => {
    test('edge.md §5: the claim of a dead pod without a record is taken over with its call id', async () => {
      const { store, die } = await open();
      const callId = newCallId();
      await store.claim('tx', callId, OLD);
      await die(OLD);
      const taken = await store.claim('tx', newCallId(), NEW);
      assert.deepEqual(taken, { callId, owner: NEW, isNew: true });
      assert.deepEqual(await store.findClaim('tx'), { callId, owner: NEW, isNew: false });
      assert.deepEqual(await store.claim('tx', newCallId(), THIRD), {
        callId,
        owner: NEW,
        isNew: false,
      });
      assert.equal(await store.get(callId), undefined);
      assert.equal((await store.list(10)).total, 0);
    });

    test('edge.md §5: an INVITE that a pod has forgotten after its claim, before a record, is claimed anew by it when it is repeated', async () => {
      const { store } = await open();
      const [callId, begun, ended] = [newCallId(), newCallId(), newCallId()];
      await store.claim('tx', callId, OLD);
      const again = { callId, owner: OLD, isNew: true };
      assert.deepEqual(await store.claim('tx', newCallId(), OLD), again);
      assert.deepEqual(await store.claim('tx', newCallId(), OLD), again);
      assert.deepEqual(await store.claim('tx', newCallId(), NEW), { ...again, isNew: false });
      assert.equal(await store.writeAhead(writeAheadOf(callId, OLD)), true);
      // From now on there is something to go on with, or to say again.
      await store.claim('begun', begun, OLD);
      await store.writeAhead(writeAheadOf(begun, OLD));
      await store.claim('ended', ended, OLD);
      await store.end(ownEnd(ended, OLD));
      for (const [tx, id] of [
        ['tx', callId],
        ['begun', begun],
        ['ended', ended],
      ] as const) {
        const claim = { callId: id, owner: OLD, isNew: false };
        assert.deepEqual(await store.claim(tx, newCallId(), OLD), claim);
      }
    });

    test('edge.md §5: a pod whose lease has run out claims nothing: others may have served the INVITE', async () => {
      const { store, die } = await open();
      await die(OLD);
      assert.equal(await store.claim('tx', newCallId(), OLD), undefined);
      const callId = newCallId();
      assert.equal((await store.claim('tx', callId, NEW))?.isNew, true);
    });

    test('edge.md §5: a pod that was only paused after its claim has lost the call to the one that took it over', async () => {
      const { store, die } = await open();
      const callId = newCallId();
      await store.claim('tx', callId, OLD);
      await die(OLD);
      await store.claim('tx', newCallId(), NEW);
      assert.equal(await store.writeAhead(writeAheadOf(callId, OLD)), false);
      assert.deepEqual(await store.end(ownEnd(callId, OLD)), { kind: 'lost', owner: NEW });
      assert.equal(await store.writeAhead(writeAheadOf(callId, NEW)), true);
      assert.equal((await store.end(ownEnd(callId, NEW))).kind, 'first');
    });

    test('edge.md §5: the claim of a dead pod whose call has a record is given back as it is', async () => {
      const { store, die } = await open();
      const [ringing, answered, ended] = [newCallId(), newCallId(), newCallId()];
      for (const callId of [ringing, answered, ended]) {
        await store.claim(callId, callId, OLD);
        await store.writeAhead(writeAheadOf(callId, OLD));
      }
      await store.answer(answerOf(answered));
      await store.end(ownEnd(ended, OLD));
      await die(OLD);
      for (const callId of [ringing, answered, ended]) {
        const claim = await store.claim(callId, newCallId(), NEW);
        assert.deepEqual(claim, { callId, owner: OLD, isNew: false });
      }
    });

    test('edge.md §5: a claim names the pod that has the call now', async () => {
      const { store, die } = await open();
      const callId = newCallId();
      await store.claim('tx', callId, OLD);
      await store.writeAhead(writeAheadOf(callId, OLD));
      await die(OLD);
      await store.adopt(callId, NEW);
      const claim = { callId, owner: NEW, isNew: false };
      assert.deepEqual(await store.claim('tx', newCallId(), THIRD), claim);
      assert.deepEqual(await store.claim('tx', newCallId(), NEW), claim);
      assert.deepEqual(await store.findClaim('tx'), claim);
      assert.equal(await store.findClaim('another'), undefined);
    });

    test('DENY-19 a call that a dead pod refused without a record is refused again, and told of once', async () => {
      const { store, die } = await open();
      const callId = newCallId();
      await store.claim('tx', callId, OLD);
      assert.equal((await store.end(ownEnd(callId, OLD))).kind, 'first');
      await die(OLD);
      const taken = await store.claim('tx', newCallId(), NEW);
      assert.deepEqual(taken, { callId, owner: NEW, isNew: true });
      assert.equal(await store.writeAhead(writeAheadOf(callId, NEW)), false);
      assert.deepEqual(await store.end(ownEnd(callId, NEW)), { kind: 'late' });
      assert.equal((await store.outbox()).length, 1);
    });

    test('edge.md §5: of 20 pods that take a dead pod’s claim over at once one wins', async () => {
      const { store, live, die } = await open();
      const pods = Array.from({ length: 20 }, (_, at) => `${String(at + 10)}.90`);
      await live(...pods);
      const callId = newCallId();
      await store.claim('tx', callId, OLD);
      await die(OLD);
      const claims = await Promise.all(pods.map((pod) => store.claim('tx', newCallId(), pod)));
      assert.equal(claims.filter((claim) => claim?.isNew).length, 1);
      assert.deepEqual([...new Set(claims.map((claim) => claim?.callId))], [callId]);
      assert.equal(new Set(claims.map((claim) => claim?.owner)).size, 1);
    });

    test('edge.md §3: a ringing call of a pod that lives stays its own', async () => {
      const { store } = await open();
      const callId = newCallId();
      await store.writeAhead(writeAheadOf(callId, OLD));
      assert.deepEqual(await store.adopt(callId, NEW), { kind: 'owned', owner: OLD });
      assert.deepEqual(await store.adoptOrphans(NEW, 10), []);
      assert.equal(await store.writeAhead(writeAheadOf(callId, OLD)), true);
    });

    test('edge.md §5: a ringing call of a dead pod is adopted with its record, once', async () => {
      const { store, die } = await open();
      const callId = newCallId();
      await store.writeAhead(writeAheadOf(callId, OLD));
      await die(OLD);
      assert.deepEqual(await store.adopt(callId, NEW), {
        kind: 'adopted',
        record: Buffer.from('record'),
        isEnded: false,
      });
      assert.deepEqual(await store.adopt(callId, THIRD), { kind: 'owned', owner: NEW });
      assert.equal((await store.get(callId))?.owner, NEW);
      assert.deepEqual(await store.adoptOrphans(THIRD, 10), []);
      await die(NEW);
      assert.equal((await store.adopt(callId, THIRD)).kind, 'adopted');
    });

    test('edge.md §5: asked twice, the adopter gets its call twice: an answer of the store may be lost', async () => {
      const { store, die } = await open();
      const callId = newCallId();
      await store.writeAhead(writeAheadOf(callId, OLD));
      await die(OLD);
      const first = await store.adopt(callId, NEW);
      assert.deepEqual(await store.adopt(callId, NEW), first);
    });

    test('edge.md §5: a pod that drains gives its calls to whoever asks for one, not to a sweep', async () => {
      const { store, drain } = await open();
      const [asked, left] = [newCallId(), newCallId()];
      await store.writeAhead(writeAheadOf(asked, OLD));
      await store.writeAhead(writeAheadOf(left, OLD));
      await drain(OLD);
      assert.deepEqual(await store.adoptOrphans(NEW, 10), []);
      assert.equal((await store.adopt(asked, NEW)).kind, 'adopted');
      assert.equal(await store.writeAhead(writeAheadOf(asked, OLD)), false);
      assert.equal(await store.writeAhead(writeAheadOf(left, OLD)), true);
    });

    test('edge.md §5: writeAhead, answer and end of a paused owner say that it lost the call', async () => {
      const { store, die } = await open();
      const callId = newCallId();
      await store.writeAhead(writeAheadOf(callId, OLD));
      await die(OLD);
      await store.adopt(callId, NEW);
      const lost: WriteResult = { kind: 'lost', owner: NEW };
      assert.equal(await store.writeAhead(writeAheadOf(callId, OLD)), false);
      assert.deepEqual(await store.answer(answerOf(callId)), lost);
      assert.deepEqual(await store.end(ownEnd(callId, OLD)), lost);
      assert.equal((await store.outbox()).length, 0);
      const answer = await store.answer({ ...answerOf(callId), owner: NEW });
      assert.equal(answer.kind, 'first');
      assert.deepEqual(await store.answer(answerOf(callId)), lost);
      // A BYE is of no pod: whoever gets it ends the call.
      assert.equal((await store.end(endOf(callId))).kind, 'first');
      assert.deepEqual(await store.end(ownEnd(callId, OLD)), lost);
    });

    test('edge.md §1.8: a sweep adopts all that rings at a dead pod, within its limit, and several share it', async () => {
      const { store, die } = await open();
      const callIds = Array.from({ length: 25 }, () => newCallId());
      for (const callId of callIds) await store.writeAhead(writeAheadOf(callId, OLD));
      const [answered = '', ended = '', ...ringing] = callIds;
      await store.answer(answerOf(answered));
      await store.end(ownEnd(ended, OLD));
      await die(OLD);
      assert.equal((await store.adoptOrphans(NEW, 5)).length, 5);
      const sweeps = await Promise.all(
        [NEW, THIRD, NEW, THIRD].map((pod) => store.adoptOrphans(pod, 10)),
      );
      assert.equal(sweeps.flat().length, ringing.length - 5);
      assert.ok(sweeps.flat().every(({ record, isEnded }) => record.length > 0 && !isEnded));
      assert.deepEqual(await store.adoptOrphans(NEW, 10), []);
      const owners = await Promise.all(
        ringing.map(async (callId) => (await store.get(callId))?.owner),
      );
      assert.ok(owners.every((owner) => owner === NEW || owner === THIRD));
    });

    test('edge.md §1.8: what was adopted is swept again when the adopter dies', async () => {
      const { store, die } = await open();
      const callId = newCallId();
      await store.writeAhead(writeAheadOf(callId, OLD));
      await die(OLD);
      assert.equal((await store.adoptOrphans(NEW, 10)).length, 1);
      assert.deepEqual(await store.adoptOrphans(THIRD, 10), []);
      await die(NEW);
      assert.equal((await store.adoptOrphans(THIRD, 10)).length, 1);
    });

    test('edge.md §1.8: a pod whose own lease has run out adopts nothing by a sweep', async () => {
      const { store, die } = await open();
      await store.writeAhead(writeAheadOf(newCallId(), OLD));
      await die(OLD);
      await die(NEW);
      assert.deepEqual(await store.adoptOrphans(NEW, 10), []);
    });

    test('edge.md §5: a pod whose own lease has run out takes no call over for a message, as after the store itself was away', async () => {
      const { store, die, live } = await open();
      const callId = newCallId();
      await store.writeAhead(writeAheadOf(callId, OLD));
      await die(OLD);
      await die(NEW);
      assert.deepEqual(await store.adopt(callId, NEW), { kind: 'owned', owner: OLD });
      await live(OLD);
      const answer = { ...answerOf(callId), owner: OLD };
      assert.equal((await store.answer(answer)).kind, 'first');
    });

    test('edge.md §3: what has become of a call: unknown, answered with its tokens, ended with its owner', async () => {
      const { store, die } = await open();
      const callId = newCallId();
      assert.deepEqual(await store.adopt(callId, NEW), { kind: 'unknown' });
      await store.writeAhead(writeAheadOf(callId, OLD));
      const { tokenA, tokenB } = answerOf(callId);
      await store.answer(answerOf(callId));
      const answered = await store.adopt(callId, NEW);
      assert.deepEqual(answered, {
        kind: 'answered',
        record: Buffer.from('record'),
        tokens: { a: tokenA, b: tokenB },
      });
      await die(OLD);
      assert.deepEqual(await store.adopt(callId, NEW), answered);
      await store.end(endOf(callId));
      assert.deepEqual(await store.adopt(callId, NEW), {
        kind: 'ended',
        owner: OLD,
        record: Buffer.from('record'),
        wasAnswered: true,
      });
      const failed = newCallId();
      await store.writeAhead(writeAheadOf(failed, NEW));
      await store.end(ownEnd(failed, NEW));
      assert.deepEqual(await store.adopt(failed, THIRD), {
        kind: 'ended',
        owner: NEW,
        record: Buffer.from('record'),
        wasAnswered: false,
      });
    });

    test('edge.md §5: an ended call whose carrier must still be told is adopted with its last record, until it is forgotten', async () => {
      const { store, die } = await open();
      const [winding, done] = [newCallId(), newCallId()];
      for (const callId of [winding, done]) {
        await store.writeAhead(writeAheadOf(callId, OLD));
        const record = Buffer.from('last');
        const end = await store.end(ownEnd(callId, OLD, { isWindingUp: true, record }));
        assert.equal(end.kind, 'first');
        assert.equal(await store.get(callId), undefined);
      }
      assert.deepEqual(await store.adopt(winding, NEW), { kind: 'owned', owner: OLD });
      await store.forget(done, OLD);
      await die(OLD);
      const adopted = { record: Buffer.from('last'), isEnded: true };
      assert.deepEqual(await store.adoptOrphans(NEW, 10), [{ callId: winding, ...adopted }]);
      assert.equal((await store.adopt(done, NEW)).kind, 'ended');
      assert.deepEqual(await store.adopt(winding, NEW), { kind: 'adopted', ...adopted });
      await die(NEW);
      assert.deepEqual(await store.adopt(winding, THIRD), { kind: 'adopted', ...adopted });
      await store.forget(winding, THIRD);
      assert.equal((await store.adopt(winding, NEW)).kind, 'ended');
      assert.equal((await store.outbox()).length, 2);
    });

    test('REG-03 edge.md §5: an answered call whose slower carriers must still be told is given to one sweep, until it is forgotten', async () => {
      const { store, die } = await open();
      const [winding, ended, plain, done] = [newCallId(), newCallId(), newCallId(), newCallId()];
      for (const callId of [winding, ended, plain, done]) {
        await store.writeAhead(writeAheadOf(callId, OLD));
        const isWindingUp = callId !== plain;
        const answer = await store.answer({ ...answerOf(callId), owner: OLD, isWindingUp });
        assert.equal(answer.kind, 'first');
      }
      await store.forget(done, OLD);
      await store.end(endOf(ended));
      assert.equal((await store.adopt(winding, NEW)).kind, 'answered');
      assert.equal((await store.adopt(ended, NEW)).kind, 'ended');
      await die(OLD);
      const sweeps = await Promise.all([
        store.adoptOrphans(NEW, 10),
        store.adoptOrphans(THIRD, 10),
      ]);
      const orphan = { record: Buffer.from('record'), isEnded: false, wasAnswered: true };
      assert.deepEqual(
        sweeps.flat().sort((a, b) => a.callId.localeCompare(b.callId)),
        [winding, ended]
          .sort((a, b) => a.localeCompare(b))
          .map((callId) => ({ callId, ...orphan })),
      );
      // To answer for it is anybody's, as before.
      assert.equal((await store.adopt(winding, THIRD)).kind, 'answered');
      const swept = sweeps[0].length > 0 ? NEW : THIRD;
      const other = swept === NEW ? THIRD : NEW;
      await die(swept);
      assert.equal((await store.adoptOrphans(other, 10)).length, 2);
      for (const callId of [winding, ended]) await store.forget(callId, other);
      assert.equal((await store.end(endOf(winding))).kind, 'first');
    });

    test('BILL-03 a BYE for a call that is not answered yet is left to the pod that has it', async () => {
      const { store } = await open();
      const callId = newCallId();
      await store.writeAhead(writeAheadOf(callId, OLD));
      assert.deepEqual(await store.end(endOf(callId)), { kind: 'pending', owner: OLD });
      assert.equal((await store.outbox()).length, 0);
      assert.equal((await store.end(ownEnd(callId, OLD))).kind, 'first');
    });

    test('edge.md §2: tokens of a call without an answer are kept, one side after the other', async () => {
      const { store } = await open();
      const callId = newCallId();
      await store.writeAhead({ ...writeAheadOf(callId, OLD), tokenB: Buffer.of(7, 0, 255) });
      assert.deepEqual(await store.tokens(callId), { a: Buffer.alloc(0), b: Buffer.of(7, 0, 255) });
      await store.saveTokens(callId, { a: Buffer.of(8) });
      assert.deepEqual(await store.tokens(callId), { a: Buffer.of(8), b: Buffer.of(7, 0, 255) });
    });
  });
}
