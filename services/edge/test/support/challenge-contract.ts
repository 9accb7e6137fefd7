import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CallEvent } from '@tandem/proto/events';
import { edgeDecision } from '../../src/core/call/decisions.ts';
import { callNote } from '../../src/core/call/events.ts';
import type { CallNote, ChallengeWrite, EdgeStore } from '../../src/ports.ts';
import { answerOf, decoded, endOf, newCallId, writeAheadOf } from './call-store-contract.ts';
import type { StoreUnderTest } from './call-store-contract.ts';

/** What every adapter of ChallengeStore does, and of SessionStore where numbers have moved (AUTH-11). */
export function challengeContract(name: string, open: () => Promise<StoreUnderTest>): void {
  const ringing = async (): Promise<{ store: EdgeStore; callId: string }> => {
    const { store } = await open();
    const callId = newCallId();
    await store.writeAhead(writeAheadOf(callId));
    return { store, callId };
  };
  const answered = async (): Promise<{ store: EdgeStore; callId: string }> => {
    const call = await ringing();
    await call.store.answer({ ...answerOf(call.callId), credentials: 'sealed' });
    return call;
  };
  const place = (store: EdgeStore, callId: string, cseq: number, rack?: number) =>
    store.place({ callId, side: 'b', cseq, rack, isCounting: false });

  suite(`ChallengeStore: ${name}`, () => {
    test('AUTH-11 the credentials of an answered call are kept for its dialog, also when it has ended', async () => {
      const { store, callId } = await answered();
      const facts = await store.challengeFacts(callId, 2);
      assert.deepEqual(facts, { credentials: 'sealed', record: undefined, answered: undefined });
      await store.end(endOf(callId));
      assert.equal((await store.challengeFacts(callId, 2)).credentials, 'sealed');
    });

    test('AUTH-11 of a call that rings, or of another version, the record tells', async () => {
      const { store, callId } = await ringing();
      const { record, credentials } = await store.challengeFacts(callId, 2);
      assert.equal(credentials, undefined);
      assert.deepEqual(record, writeAheadOf(callId).record);
      const unknown = await store.challengeFacts(newCallId(), 2);
      assert.deepEqual(unknown, { credentials: undefined, record: undefined, answered: undefined });
    });

    test('AUTH-11 nothing has moved before a challenge is answered', async () => {
      const { store, callId } = await answered();
      assert.equal(await place(store, callId, 2), undefined);
      assert.equal(await place(store, newCallId(), 2), undefined);
      const counted = await store.place({ callId, side: 'b', cseq: 7, isCounting: true });
      assert.equal(counted?.cseq, 7);
    });

    test('AUTH-11 an answered challenge takes the next number, and what comes later goes behind it', async () => {
      const { store, callId } = await answered();
      const stored = await store.answerChallenge(write(callId));
      assert.deepEqual(stored, {
        answered: { cseq: 3, round: 1, request: Buffer.from('2 1') },
        isFiled: false,
      });
      const same = await place(store, callId, 2);
      assert.equal(same?.cseq, 3);
      assert.deepEqual(same.challenged, stored.answered);
      assert.deepEqual(await place(store, callId, 3), {
        cseq: 4,
        rack: undefined,
        challenged: undefined,
      });
      assert.equal((await place(store, callId, 3))?.cseq, 4);
      assert.equal((await place(store, callId, 9))?.cseq, 9);
      assert.equal((await place(store, callId, 10))?.cseq, 10);
    });

    test('AUTH-11 of several pods that answer a challenge one is first, and all get what it has stored', async () => {
      const { store, callId } = await answered();
      const found = await Promise.all(
        ['x', 'y', 'z'].map((request) =>
          store.answerChallenge({ ...write(callId), request: Buffer.from(request) }),
        ),
      );
      const texts = found.map((each) => String(each?.answered.request));
      assert.equal(new Set(texts).size, 1);
      assert.deepEqual(new Set(found.map((each) => each?.answered.cseq)), new Set([3]));
      const next = await store.answerChallenge(write(callId, { round: 2, highest: 3 }));
      assert.equal(next?.answered.cseq, 4);
      assert.equal(next.answered.round, 2);
      const late = await store.answerChallenge(write(callId, { round: 1 }));
      assert.equal(late?.answered.round, 2);
      assert.equal((await place(store, callId, 2))?.cseq, 4);
    });

    test('AUTH-11 a number goes behind all that is known to have been sent', async () => {
      const { store, callId } = await answered();
      const stored = await store.answerChallenge(write(callId, { highest: 8 }));
      assert.equal(stored?.answered.cseq, 9);
      const other = await store.answerChallenge(write(callId, { cseq: 3, highest: 3 }));
      assert.equal(other?.answered.cseq, 10);
    });

    test('AUTH-11 what RAck names keeps its number where that came before anything moved', async () => {
      const { store, callId } = await ringing();
      await store.answerChallenge(write(callId));
      assert.deepEqual(await place(store, callId, 3, 1), {
        cseq: 4,
        rack: 1,
        challenged: undefined,
      });
      assert.equal((await place(store, callId, 4, 3))?.rack, 4);
    });

    test('AUTH-11 a request may hold any bytes', async () => {
      const { store, callId } = await answered();
      const request = Buffer.from([0, 32, 255, 10, 13, 32, 32, 0]);
      await store.answerChallenge({ ...write(callId), request });
      assert.deepEqual((await place(store, callId, 2))?.challenged?.request, request);
    });

    test('AUTH-11 the end says whether numbers have moved, each time that it is asked', async () => {
      for (const isMoved of [false, true]) {
        const { store, callId } = await answered();
        if (isMoved) await store.answerChallenge(write(callId));
        for (const kind of ['first', 'late']) {
          const result = await store.end(endOf(callId));
          assert.equal(result.kind, kind);
          assert.ok(result.kind === 'first' || result.kind === 'late');
          assert.equal(result.isRenumbered ?? false, isMoved);
        }
      }
    });

    test('AUTH-11 nothing is answered of a call that is not known', async () => {
      const { store } = await open();
      assert.equal(await store.answerChallenge(write(newCallId())), undefined);
      assert.equal(await store.note('AAAAAAAAAAAAAAAA', noteOf('AAAAAAAAAAAAAAAA')), false);
    });

    test('OPS-09 decisions of a call in progress stand in its event, those after its end in one of their own', async () => {
      const { store, callId } = await ringing();
      assert.equal(await store.note(callId, noteOf(callId, 'early')), false);
      await store.answer(answerOf(callId));
      assert.equal(await store.note(callId, noteOf(callId, 'in-progress')), false);
      assert.deepEqual(told((await store.get(callId))?.event), ['early', 'in-progress']);
      const ended = await store.end(endOf(callId));
      assert.ok(ended.kind === 'first');
      assert.deepEqual(told(decoded(ended.event)), ['early', 'in-progress']);
      assert.equal(await store.note(callId, noteOf(callId, 'late')), true);
      assert.equal(await store.note(callId, noteOf(callId, 'late')), true);
      // Answered, ended, and the note, once.
      assert.equal((await store.outbox()).length, 3);
      await store.settle([noteOf(callId, 'late').eventId]);
      assert.equal((await store.outbox()).length, 2);
    });

    test('OPS-09 CALL-05 decisions after an end that is kept back go with it', async () => {
      const { store, callId } = await answered();
      await store.end({ ...endOf(callId), keptBackMs: 60_000 });
      const { length } = await store.outbox();
      assert.equal(await store.note(callId, noteOf(callId, 'late')), false);
      assert.equal((await store.outbox()).length, length);
      const ended = await store.conclude(callId, true);
      assert.ok(ended !== undefined);
      const { decisions, type } = decoded(ended);
      assert.equal(type, 'ended');
      assert.deepEqual(
        decisions.map(({ check }) => check),
        ['dialog-challenge'],
      );
      assert.equal(await store.note(callId, noteOf(callId, 'later')), true);
    });

    test('OPS-09 a call that was never answered has its decisions too', async () => {
      const { store, callId } = await ringing();
      await store.note(callId, noteOf(callId, 'early'));
      const event = Buffer.from(CallEvent.encode(CallEvent.fromPartial({ callId })).finish());
      const ended = await store.end({ ...endOf(callId), event });
      assert.ok(ended.kind === 'first');
      assert.deepEqual(told(decoded(ended.event)), ['early']);
    });

    test('OPS-09 decisions without end do not fill the store', async () => {
      const { store, callId } = await answered();
      for (let count = 0; count < 200; count++) {
        await store.note(callId, noteOf(callId, `challenge-${String(count)}`));
      }
      const event = (await store.get(callId))?.event;
      assert.ok(told(event).length > 10 && told(event).length < 150);
    });
  });
}

function write(callId: string, changes: Partial<ChallengeWrite> = {}): ChallengeWrite {
  const { cseq = 2, round = 1 } = changes;
  return {
    callId,
    cseq,
    highest: 2,
    round,
    request: Buffer.from(`${String(cseq)} ${String(round)}`),
    note: noteOf(callId),
    ...changes,
  };
}

function noteOf(callId: string, realms = 'carrier'): CallNote {
  const facts = { method: 'BYE', code: 407, realms, cseq: 2 };
  const subject = 'routing-gateway carrier-a';
  return callNote(
    callId,
    `BYE-2-${realms}`,
    edgeDecision('dialog-challenge-answered', { subject, facts, atMs: 1000 }),
  );
}

/** The realms in the decisions of an event. */
function told(event: CallEvent | undefined): string[] {
  return (event?.decisions ?? []).flatMap(({ check, facts }) =>
    check === 'dialog-challenge'
      ? facts.filter((fact) => fact.name === 'realms').map((fact) => fact.value)
      : [],
  );
}
