import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { callEventMessage, decodeCallEvent, encodeCallEvent } from '@tandem/events';
import type { CallEventMessage } from '@tandem/events';
import type { LineLedger } from '@tandem/limits';
import { CallEvent } from '@tandem/proto/events';
import { answeredEventId, endedEventId, endingEvent } from '../../src/core/call/events.ts';
import type {
  AnswerWrite,
  EdgeStore,
  EndWrite,
  SessionTerms,
  WriteAhead,
} from '../../src/ports.ts';
import { origin } from './call-samples.ts';

export { origin } from './call-samples.ts';

/** A store under test, and how its time is made to pass. */
export interface StoreUnderTest {
  readonly store: EdgeStore;
  readonly lines: LineLedger;
  /** The store's clock. */
  readonly now: () => Promise<number>;
  /** Lets the time pass after which an unsettled event is due. */
  readonly makeDue: () => Promise<void>;
  /** Has the pod join; all that the tests name are to live. */
  readonly live: (...owners: string[]) => Promise<void>;
  /** The pod's lease runs out. */
  readonly die: (owner: string) => Promise<void>;
  readonly drain: (owner: string) => Promise<void>;
}

export const ACCOUNT = 'account:demo';
export const GATEWAY = 'routing-gateway:carrier-a';
let count = 0;

/** A call id that no other test uses. */
export function newCallId(): string {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE((count += 1), 8);
  return bytes.toString('base64url');
}

export function writeAheadOf(callId: string, owner = '3.77'): WriteAhead {
  return { callId, owner, record: Buffer.from('record'), lines: [ACCOUNT, GATEWAY] };
}

/** Terms of a session that nobody keeps and that may last for ever. */
export const endless: SessionTerms = { kind: 'none', intervalMs: 0, longestMs: 0 };

export function answerOf(callId: string, session = endless): AnswerWrite {
  const event = CallEvent.fromPartial({
    eventId: answeredEventId(callId),
    callId,
    type: 'answered',
    startedMs: 5,
    origin,
  });
  return {
    callId,
    owner: '3.77',
    event: callEventMessage(event),
    session,
    lines: [ACCOUNT, GATEWAY],
    tokenA: Buffer.of(0, 1, 255),
    tokenB: Buffer.of(2, 0, 254),
    dialog: { farTag: '', toTag: '' },
  };
}

/** The whole of an event that is passed on encoded. */
export function decoded({ bytes }: CallEventMessage): CallEvent {
  return decodeCallEvent(bytes);
}

export function endOf(callId: string, event?: CallEvent): EndWrite {
  const ending = endingEvent(callId, {
    reason: 'NormalClearing',
    code: 200,
    by: 'caller',
    text: 'bye',
  });
  if (event === undefined) return { callId, ending };
  return { callId, ending, event: encodeCallEvent(event), lines: [ACCOUNT, GATEWAY] };
}

export async function takeLines(lines: LineLedger, callId: string, limit = 0): Promise<string> {
  const taken = await lines.acquire({
    callId,
    fixed: [{ key: ACCOUNT, limit }],
    choices: [[{ key: GATEWAY, limit: 0 }]],
    leaseMs: 60_000,
  });
  return taken.kind;
}

/** What every adapter of CallStore does. */
export function callStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  suite(`CallStore: ${name}`, () => {
    test('CALL-06 the first claim of a transaction wins, all others learn of it', async () => {
      const { store, live } = await open();
      await live('3.77', '4.78');
      const [callId, other] = [newCallId(), newCallId()];
      assert.deepEqual(await store.claim('tx', callId, '3.77'), {
        callId,
        owner: '3.77',
        isNew: true,
      });
      const late = { callId, owner: '3.77', isNew: false };
      assert.deepEqual(await store.claim('tx', other, '4.78'), late);
      assert.deepEqual(await store.claim('tx', callId, '3.77'), late);
      assert.equal((await store.claim('tx2', other, '4.78'))?.isNew, true);
    });

    test('CALL-06 of 50 concurrent claims exactly one is new', async () => {
      const { store, live } = await open();
      await live(...Array.from({ length: 50 }, (_, at) => `3.${String(at)}`));
      const claims = await Promise.all(
        Array.from({ length: 50 }, (_, at) => store.claim('tx', newCallId(), `3.${String(at)}`)),
      );
      assert.equal(claims.filter((claim) => claim?.isNew).length, 1);
      assert.equal(new Set(claims.map((claim) => claim?.callId)).size, 1);
    });

    test('OPS-02 a call that is being set up is listed with its record and owner', async () => {
      const { store } = await open();
      const callId = newCallId();
      await store.writeAhead(writeAheadOf(callId));
      const stored = await store.get(callId);
      assert.equal(stored?.owner, '3.77');
      assert.equal(stored.record?.toString(), 'record');
      assert.equal(stored.event, undefined);
      assert.deepEqual(await store.list(10), { callIds: [callId], total: 1 });
      assert.equal(await store.get(newCallId()), undefined);
      assert.equal(await store.tokens(callId), undefined);
    });

    test('OPS-02 the list is newest first, and counts beyond its limit', async () => {
      const { store, now } = await open();
      const callIds = [newCallId(), newCallId(), newCallId()];
      for (const callId of callIds) {
        const before = await now();
        await store.writeAhead(writeAheadOf(callId));
        while ((await now()) === before);
      }
      assert.deepEqual(await store.list(2), { callIds: callIds.slice(1).reverse(), total: 3 });
      assert.deepEqual((await store.list(0)).callIds, []);
    });

    test('CALL-06 the first answer wins: time of the store’s clock, tokens, lines held on, one entry in the outbox', async () => {
      const { store, lines, now } = await open();
      const callId = newCallId();
      await takeLines(lines, callId);
      await store.writeAhead(writeAheadOf(callId));
      const from = await now();
      const result = await store.answer(answerOf(callId));
      const until = await now();
      assert.equal(result.kind, 'first');
      const event = decoded(result.event);
      assert.ok(event.answeredMs >= from && event.answeredMs <= until);
      assert.deepEqual(await store.answer(answerOf(callId)), { kind: 'late' });
      assert.deepEqual(await store.tokens(callId), {
        a: Buffer.of(0, 1, 255),
        b: Buffer.of(2, 0, 254),
      });
      const [use] = await lines.list(ACCOUNT);
      assert.ok((use?.holders[0]?.expiresMs ?? 0) > from + 300_000);
      assert.equal((await store.outbox()).length, 1);
      const stored = await store.get(callId);
      assert.equal(stored?.record, undefined);
      assert.equal(stored?.event?.answeredMs, event.answeredMs);
      assert.equal(stored.event.origin?.account, 'demo');
    });

    test('BILL-03 an answer that the store was not there for counts from when it came', async () => {
      const { store, now } = await open();
      const callId = newCallId();
      await store.writeAhead(writeAheadOf(callId));
      const from = await now();
      const result = await store.answer({ ...answerOf(callId), agoMs: 5000 });
      const until = await now();
      assert.equal(result.kind, 'first');
      const { answeredMs } = decoded(result.event);
      assert.ok(answeredMs >= from - 5000 && answeredMs <= until - 5000);
      assert.equal((await store.get(callId))?.event?.answeredMs, answeredMs);
    });

    test('BILL-03 a BYE’s end has the facts of the answer and both times; a second end is late', async () => {
      const { store, lines } = await open();
      const callId = newCallId();
      await takeLines(lines, callId);
      await store.writeAhead(writeAheadOf(callId));
      const answer = await store.answer(answerOf(callId));
      const end = await store.end(endOf(callId));
      assert.equal(answer.kind, 'first');
      assert.equal(end.kind, 'first');
      assert.equal(end.event.eventId, endedEventId(callId));
      const event = decoded(end.event);
      assert.equal(event.eventId, endedEventId(callId));
      assert.equal(event.type, 'ended');
      assert.equal(event.startedMs, 5);
      assert.equal(event.origin?.account, 'demo');
      assert.equal(event.answeredMs, decoded(answer.event).answeredMs);
      assert.ok(event.endedMs >= event.answeredMs);
      assert.equal(event.termination?.by, 'caller');
      assert.deepEqual(await store.end(endOf(callId)), { kind: 'late' });
      assert.deepEqual(await store.answer(answerOf(callId)), { kind: 'late' });
      assert.equal((await store.outbox()).length, 2);
    });

    test('CALL-02 of several dialogs the one that was answered is the call: who hangs up in another one ends nothing', async () => {
      const { store } = await open();
      const callId = newCallId();
      await store.writeAhead(writeAheadOf(callId));
      const dialog = { farTag: 'callee-two', toTag: 'our-two' };
      assert.equal((await store.answer({ ...answerOf(callId), dialog })).kind, 'first');
      assert.deepEqual((await store.tokens(callId))?.answered, dialog);
      const end = endOf(callId);
      const others = [
        { from: 'b', farOrToTag: 'callee-one' },
        { from: 'a', farOrToTag: 'our-one' },
      ] as const;
      for (const inDialog of others) {
        assert.deepEqual(await store.end({ ...end, inDialog }), { kind: 'other-dialog' });
      }
      assert.equal((await store.outbox()).length, 1);
      const inDialog = { from: 'b', farOrToTag: 'callee-two' } as const;
      const first = await store.end({ ...end, inDialog });
      assert.equal(first.kind, 'first');
      assert.equal(first.toTag, 'our-two');
      assert.deepEqual(await store.end({ ...end, inDialog }), { kind: 'late', toTag: 'our-two' });
      const [other] = others;
      assert.deepEqual(await store.end({ ...end, inDialog: other }), { kind: 'other-dialog' });
    });

    test('CALL-02 where a call had one dialog only the caller is not asked for its tag', async () => {
      const { store } = await open();
      const callId = newCallId();
      await store.writeAhead(writeAheadOf(callId));
      await store.answer({ ...answerOf(callId), dialog: { farTag: 'callee', toTag: '' } });
      const end = endOf(callId);
      const stranger = { from: 'b', farOrToTag: 'fork' } as const;
      assert.deepEqual(await store.end({ ...end, inDialog: stranger }), { kind: 'other-dialog' });
      const caller = { from: 'a', farOrToTag: 'our-tag' } as const;
      const first = await store.end({ ...end, inDialog: caller });
      assert.equal(first.kind, 'first');
      assert.equal(first.toTag, undefined);
    });

    test('ROUTE-05 the end frees the lines of the answer, and the call is no longer listed', async () => {
      const { store, lines } = await open();
      const callId = newCallId();
      assert.equal(await takeLines(lines, callId, 1), 'taken');
      assert.equal(await takeLines(lines, newCallId(), 1), 'full');
      await store.writeAhead(writeAheadOf(callId));
      await store.answer(answerOf(callId));
      await store.end(endOf(callId));
      assert.deepEqual(await lines.count([ACCOUNT, GATEWAY]), [0, 0]);
      assert.equal(await takeLines(lines, newCallId(), 1), 'taken');
      assert.equal(await store.get(callId), undefined);
      assert.equal((await store.list(10)).total, 0);
    });

    test('DENY-07 the end of a call that was never answered, or never recorded, needs the whole event', async () => {
      const { store, lines } = await open();
      const [recorded, unknown] = [newCallId(), newCallId()];
      await store.writeAhead(writeAheadOf(recorded));
      assert.deepEqual(await store.end(endOf(recorded)), { kind: 'pending', owner: '3.77' });
      assert.deepEqual(await store.end(endOf(unknown)), { kind: 'unknown' });
      for (const callId of [recorded, unknown]) {
        await takeLines(lines, callId);
        const event = CallEvent.fromPartial({ callId, startedMs: 9, origin });
        const end = await store.end(endOf(callId, event));
        assert.equal(end.kind, 'first');
        const ended = decoded(end.event);
        assert.equal(ended.startedMs, 9);
        assert.equal(ended.answeredMs, 0);
        assert.ok(ended.endedMs > 0);
        assert.deepEqual(await store.end(endOf(callId, event)), { kind: 'late' });
      }
      assert.deepEqual(await lines.count([ACCOUNT, GATEWAY]), [0, 0]);
      assert.equal((await store.list(10)).total, 0);
    });

    test('edge.md §5 ROUTE-05 an answer that is told after the end of a call that the store did not know has nothing up again', async () => {
      const { store, lines } = await open();
      const callId = newCallId();
      assert.deepEqual(await store.end(endOf(callId)), { kind: 'unknown' });
      assert.deepEqual(await store.answer({ ...answerOf(callId), agoMs: 1000 }), { kind: 'late' });
      assert.deepEqual(await lines.count([ACCOUNT, GATEWAY]), [0, 0]);
      assert.equal((await store.list(10)).total, 0);
    });

    test('BILL-03 of 50 concurrent ends exactly one is first, and the outbox holds one event', async () => {
      const { store } = await open();
      const callId = newCallId();
      await store.writeAhead(writeAheadOf(callId));
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => store.answer(answerOf(callId))),
      );
      assert.equal(answers.filter(({ kind }) => kind === 'first').length, 1);
      const ends = await Promise.all(Array.from({ length: 50 }, () => store.end(endOf(callId))));
      assert.equal(ends.filter(({ kind }) => kind === 'first').length, 1);
      assert.equal(ends.filter(({ kind }) => kind === 'late').length, 49);
      assert.equal((await store.outbox()).length, 2);
    });

    test('CALL-04 tokens that moved are kept; those of a call the store does not know are not', async () => {
      const { store } = await open();
      const callId = newCallId();
      await store.writeAhead(writeAheadOf(callId));
      await store.answer(answerOf(callId));
      const moved = { a: Buffer.of(9), b: Buffer.of(8, 255) };
      await store.saveTokens(callId, moved);
      assert.deepEqual(await store.tokens(callId), moved);
      const unknown = newCallId();
      await store.saveTokens(unknown, moved);
      assert.equal(await store.tokens(unknown), undefined);
    });

    test('CALL-04 tokens outlive the end for a while: a late BYE still finds the other side', async () => {
      const { store } = await open();
      const callId = newCallId();
      await store.writeAhead(writeAheadOf(callId));
      await store.answer(answerOf(callId));
      await store.end(endOf(callId));
      assert.ok((await store.tokens(callId)) !== undefined);
    });

    test('BILL-04 an event is due only after a while, given to one sweep, and gone once settled', async () => {
      const { store, makeDue } = await open();
      const callId = newCallId();
      await store.writeAhead(writeAheadOf(callId));
      const answer = await store.answer(answerOf(callId));
      assert.equal(answer.kind, 'first');
      assert.deepEqual(await store.claimDue(10, 60_000), []);
      await makeDue();
      const sweeps = await Promise.all(
        Array.from({ length: 20 }, () => store.claimDue(10, 60_000)),
      );
      assert.deepEqual(
        sweeps.flat().map(({ eventId, bytes }) => ({ eventId, bytes: Buffer.from(bytes) })),
        [{ eventId: answeredEventId(callId), bytes: Buffer.from(answer.event.bytes) }],
      );
      assert.equal((await store.outbox()).length, 1);
      await store.settle([answeredEventId(callId)]);
      await store.settle([]);
      assert.equal((await store.outbox()).length, 0);
      await makeDue();
      assert.deepEqual(await store.claimDue(10, 60_000), []);
    });

    test('BILL-04 CALL-08 fields are added to an event as long as it is in the outbox', async () => {
      const { store, makeDue } = await open();
      const callId = newCallId();
      await store.answer(answerOf(callId));
      const eventId = answeredEventId(callId);
      const fields = encodeCallEvent(CallEvent.fromPartial({ edge: 'edge-9' }));
      assert.equal(await store.amend(eventId, fields), true);
      await makeDue();
      const [event] = await store.claimDue(10, 60_000);
      assert.ok(event !== undefined);
      const { edge, startedMs, answeredMs } = decoded(event);
      assert.deepEqual([edge, startedMs, answeredMs > 0], ['edge-9', 5, true]);
      await store.settle([eventId]);
      assert.equal(await store.amend(eventId, fields), false);
      assert.equal((await store.outbox()).length, 0);
    });

    test('CALL-08 the store says which calls have ended, and nothing of those that it does not know', async () => {
      const { store } = await open();
      const [ringing, answered, ended] = [newCallId(), newCallId(), newCallId()];
      await store.writeAhead(writeAheadOf(ringing));
      for (const callId of [answered, ended]) await store.answer(answerOf(callId));
      await store.end(endOf(ended));
      assert.deepEqual(await store.ended([ringing, answered, ended, newCallId()]), [ended]);
      assert.deepEqual(await store.ended([]), []);
    });

    test('BILL-04 a sweep takes no more than its limit and leaves the rest to the next', async () => {
      const { store, makeDue } = await open();
      for (let each = 0; each < 5; each++) {
        const callId = newCallId();
        await store.answer(answerOf(callId));
      }
      await makeDue();
      const [first, second, third] = [
        await store.claimDue(3, 60_000),
        await store.claimDue(3, 60_000),
        await store.claimDue(3, 60_000),
      ];
      assert.deepEqual([first.length, second.length, third.length], [3, 2, 0]);
      assert.equal(new Set([...first, ...second].map(({ eventId }) => eventId)).size, 5);
    });
  });
}
