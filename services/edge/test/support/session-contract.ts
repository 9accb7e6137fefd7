import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { EndWrite, SessionTerms } from '../../src/ports.ts';
import {
  ACCOUNT,
  GATEWAY,
  answerOf,
  decoded,
  endOf,
  endless,
  newCallId,
  takeLines,
  writeAheadOf,
} from './call-store-contract.ts';
import type { StoreUnderTest } from './call-store-contract.ts';

/** A store whose answered calls can be made older. */
export interface AgingStore extends StoreUnderTest {
  /** Moves everything that is due for the calls, and their leases, so much closer. */
  readonly pass: (ms: number) => Promise<void>;
  /** The call's own key is gone, as after its time, or after an operator's mistake. */
  readonly lose: (callId: string) => Promise<void>;
}

const FOR_MS = 45_000;
const [OWNER, OTHER] = ['3.77', '4.78'] as const;
const refreshed: SessionTerms = { kind: 'endpoints', intervalMs: 90_000, longestMs: 0 };
const probed: SessionTerms = { kind: 'probes', intervalMs: 90_000, longestMs: 0 };
const limited: SessionTerms = { kind: 'none', intervalMs: 0, longestMs: 60_000 };

/** What every adapter of SessionStore does (edge.md §7). */
export function sessionContract(name: string, open: () => Promise<AgingStore>): void {
  const answered = async (session: SessionTerms): Promise<AgingStore & { callId: string }> => {
    const opened = await open();
    const callId = newCallId();
    await takeLines(opened.lines, callId);
    await opened.store.writeAhead(writeAheadOf(callId));
    await opened.store.answer(answerOf(callId, session));
    return { ...opened, callId };
  };
  const dueOf = async ({ store }: AgingStore): Promise<string[]> =>
    (await store.takeDue(OWNER, 100, FOR_MS)).map(({ why }) => why);

  suite(`SessionStore: ${name}`, () => {
    test('CALL-05 nothing is due for a call that was just answered', async () => {
      for (const terms of [endless, refreshed, probed, limited]) {
        assert.deepEqual(await dueOf(await answered(terms)), []);
      }
    });

    test('CALL-05 a session that nobody refreshed is given as expired to one sweep, with tokens, times and the last proof of life', async () => {
      const { store, callId, pass } = await answered(refreshed);
      await pass(90_001);
      const sweeps = await Promise.all(
        Array.from({ length: 10 }, () => store.takeDue(OWNER, 100, FOR_MS)),
      );
      const [due, ...others] = sweeps.flat();
      assert.deepEqual(others, []);
      assert.equal(due?.callId, callId);
      assert.equal(due.why, 'expired');
      const { tokenA, tokenB } = answerOf(callId);
      assert.deepEqual(due.tokens, { a: tokenA, b: tokenB });
      const event = decoded(due.event);
      assert.equal(event.type, 'answered');
      assert.ok(event.answeredMs > 0);
      assert.equal(event.endedMs, 0);
      assert.ok(event.aliveMs > 0);
    });

    test('CALL-05 what a sweep took and nobody ended is given again after a while', async () => {
      const opened = await answered(refreshed);
      await opened.pass(90_001);
      assert.deepEqual(await dueOf(opened), ['expired']);
      await opened.pass(44_000);
      assert.deepEqual(await dueOf(opened), []);
      await opened.pass(1001);
      assert.deepEqual(await dueOf(opened), ['expired']);
      await opened.store.end(endOf(opened.callId));
      await opened.pass(60_000);
      assert.deepEqual(await dueOf(opened), []);
    });

    test('CALL-05 a refresh moves expiry and leases, and may change the interval', async () => {
      const opened = await answered(refreshed);
      const { store, callId, lines, pass, now } = opened;
      const leaseMs = async (): Promise<number> => {
        const [use] = await lines.list(ACCOUNT);
        return (use?.holders[0]?.expiresMs ?? 0) - (await now());
      };
      assert.ok((await leaseMs()) <= 90_000 + 60_000);
      await pass(80_000);
      await store.refresh(callId);
      assert.ok((await leaseMs()) > 90_000);
      await pass(80_000);
      assert.deepEqual(await dueOf(opened), []);
      await store.refresh(callId, 130_000);
      assert.ok((await leaseMs()) > 130_000);
      await pass(120_000);
      assert.deepEqual(await dueOf(opened), []);
      await pass(10_001);
      assert.deepEqual(await dueOf(opened), ['expired']);
    });

    test('CALL-05 a probe is due at each interval, and its answer moves the next', async () => {
      const opened = await answered(probed);
      const { store, callId, lines, pass } = opened;
      await pass(90_001);
      assert.deepEqual(await dueOf(opened), ['probe']);
      assert.deepEqual(await lines.count([ACCOUNT, GATEWAY]), [1, 1]);
      await store.refresh(callId);
      await pass(89_000);
      assert.deepEqual(await dueOf(opened), []);
      await pass(1001);
      assert.deepEqual(await dueOf(opened), ['probe']);
    });

    test('CALL-05 a session that the endpoints agree on later is kept from then on', async () => {
      const opened = await answered(endless);
      await opened.store.refresh(opened.callId, 90_000);
      await opened.pass(90_001);
      assert.deepEqual(await dueOf(opened), ['expired']);
    });

    test('CALL-05 a refresh brings back neither an ended call nor an unknown one', async () => {
      const opened = await answered(refreshed);
      const { store, callId, pass } = opened;
      await store.end(endOf(callId));
      for (const id of [callId, newCallId()]) await store.refresh(id, 90_000);
      await pass(200_000);
      assert.deepEqual(await dueOf(opened), []);
      assert.equal((await store.list(10)).total, 0);
    });

    test('CALL-09 the longest duration is due whatever was refreshed', async () => {
      const opened = await answered({ ...refreshed, longestMs: 120_000 });
      await opened.pass(80_000);
      await opened.store.refresh(opened.callId);
      await opened.pass(40_001);
      assert.deepEqual(await dueOf(opened), ['duration']);
      const bare = await answered(limited);
      await bare.pass(60_001);
      assert.deepEqual(await dueOf(bare), ['duration']);
    });

    test('BILL-09 every five minutes an interim event is due, in the outbox too, and the lines are held on', async () => {
      const { store, callId, lines, pass, makeDue } = await answered(endless);
      await store.settle([`${callId}.answered.1`]);
      for (const n of [1, 2, 3]) {
        await pass(300_001);
        const [due] = await store.takeDue(OWNER, 100, FOR_MS);
        assert.equal(due?.why, 'interim');
        assert.equal(due.event.eventId, `${callId}.interim.${String(n)}`);
        const event = decoded(due.event);
        assert.equal(event.type, 'interim');
        assert.equal(event.eventId, due.event.eventId);
        assert.equal(event.origin?.account, 'demo');
        assert.ok(event.answeredMs > 0);
        assert.deepEqual(await store.takeDue(OWNER, 100, FOR_MS), []);
        assert.deepEqual(await lines.count([ACCOUNT, GATEWAY]), [1, 1]);
        // A log that is away for long finds one of them, the last.
        assert.equal((await store.outbox()).length, 1);
      }
      await makeDue();
      const [waiting] = await store.claimDue(10, 60_000);
      assert.equal(waiting?.eventId, `${callId}.interim.3`);
      const event = decoded(waiting);
      assert.equal(event.type, 'interim');
      assert.ok(event.answeredMs > 0 && event.aliveMs > 0);
      await store.settle([waiting.eventId]);
      assert.equal((await store.outbox()).length, 0);
    });

    test('BILL-09 an interim event that waits for the log is dropped once the call has ended', async () => {
      const { store, callId, pass, makeDue } = await answered(endless);
      await pass(300_001);
      await store.takeDue(OWNER, 100, FOR_MS);
      await store.end(endOf(callId));
      await makeDue();
      const waiting = await store.claimDue(10, 60_000);
      assert.deepEqual(waiting.map((event) => decoded(event).type).sort(), ['answered', 'ended']);
      await store.settle(waiting.map(({ eventId }) => eventId));
      assert.equal((await store.outbox()).length, 0);
    });

    test('CALL-05 an end says when it was ended, and the last proof of life before', async () => {
      const { store, callId, pass } = await answered(refreshed);
      await pass(30_000);
      await store.refresh(callId);
      await pass(50_000);
      await store.prove(callId);
      await store.prove(callId, { ageMs: 20_000 });
      await pass(40_001);
      const end = await store.end(endOf(callId));
      assert.equal(end.kind, 'first');
      const { aliveMs, answeredMs, endedMs } = decoded(end.event);
      assert.ok(Math.abs(aliveMs - answeredMs - 80_000) < 1000);
      assert.ok(Math.abs(endedMs - aliveMs - 40_001) < 1000);
    });

    for (const isAlive of [true, false]) {
      test(`CALL-05 T2-27 an end that is kept back goes once, as of a callee that was ${isAlive ? 'there' : 'gone'}`, async () => {
        const { store, callId, pass, makeDue } = await answered(refreshed);
        await store.settle([`${callId}.answered.1`]);
        await pass(90_001);
        const end = await store.end({ ...endOf(callId), keptBackMs: 60_000 });
        assert.equal(end.kind, 'first');
        const { answeredMs, endedMs } = decoded(end.event);
        for (let round = 0; round < 3; round += 1) {
          await makeDue();
          assert.deepEqual(await store.claimDue(10, 60_000), []);
        }
        const letGo = await Promise.all(
          Array.from({ length: 5 }, () => store.conclude(callId, isAlive)),
        );
        const [event, ...others] = letGo.filter((each) => each !== undefined);
        assert.deepEqual(others, []);
        assert.ok(event !== undefined);
        assert.equal(event.eventId, `${callId}.ended.1`);
        const told = decoded(event);
        assert.equal(told.termination?.reason, 'NormalClearing');
        assert.equal(told.aliveMs, isAlive ? told.endedMs : told.answeredMs);
        assert.equal(told.answeredMs, answeredMs);
        assert.ok(Math.abs(told.endedMs - endedMs) < 30_000);
        await makeDue();
        const [waiting, ...more] = await store.claimDue(10, 60_000);
        assert.deepEqual(more, []);
        assert.ok(waiting !== undefined);
        assert.equal(decoded(waiting).aliveMs, told.aliveMs);
        await store.settle([waiting.eventId]);
        assert.equal(await store.conclude(callId, isAlive), undefined);
      });
    }

    test('CALL-05 T2-27 an end that is kept back and of which nobody says anything goes by itself', async () => {
      const { store, callId, pass, makeDue } = await answered(refreshed);
      await store.settle([`${callId}.answered.1`]);
      await pass(90_001);
      await store.end({ ...endOf(callId), keptBackMs: 12_000 });
      const last = await answered(endless);
      await store.end(endOf(last.callId));
      for (let round = 0; round < 4; round += 1) await makeDue();
      const due = await store.claimDue(10, 60_000);
      assert.ok(due.some(({ eventId }) => eventId === `${callId}.ended.1`));
      assert.equal(await store.conclude(callId, true), undefined);
      assert.equal(await store.conclude(newCallId(), true), undefined);
    });

    test('CALL-05 T2-26 a session whose timer its endpoints have given up does not expire, until they agree on one again', async () => {
      const opened = await answered(refreshed);
      const { store, callId, pass } = opened;
      await store.refresh(callId, 'none');
      await pass(200_000);
      assert.deepEqual(await dueOf(opened), []);
      await store.refresh(callId, 90_000);
      await pass(90_001);
      assert.deepEqual(await dueOf(opened), ['expired']);
      const asked = await answered(probed);
      await asked.store.refresh(asked.callId, 'none');
      await asked.pass(90_001);
      assert.deepEqual(await dueOf(asked), ['probe']);
    });

    test('CALL-02 T2-29 an answer that is repeated from 3 s on, and once more, is due after 32 s', async () => {
      const opened = await answered(refreshed);
      const { store, callId, pass } = opened;
      await pass(2000);
      await store.repeated(callId);
      assert.deepEqual(await store.unacknowledged(), []);
      await pass(1500);
      await store.repeated(callId);
      await store.repeated(callId);
      assert.deepEqual(await store.unacknowledged(), [callId]);
      await pass(4000);
      await store.repeated(callId);
      await pass(24_000);
      assert.deepEqual(await dueOf(opened), []);
      await pass(600);
      assert.deepEqual(await dueOf(opened), ['unacknowledged']);
      assert.deepEqual(await dueOf(opened), []);
      await store.end({ ...endOf(callId), keptBackMs: 60_000 });
      await store.repeated(callId);
      await pass(60_000);
      assert.deepEqual(await dueOf(opened), []);
    });

    test('CALL-02 T2-29 an answer that is repeated no more, or whose ACK was seen, is not due', async () => {
      const quiet = await answered(refreshed);
      await quiet.pass(3500);
      await quiet.store.repeated(quiet.callId);
      await quiet.pass(40_000);
      assert.deepEqual(await dueOf(quiet), []);
      const seen = await answered(refreshed);
      const { store, callId, pass } = seen;
      for (const ms of [3500, 4000, 4000]) {
        await pass(ms);
        await store.repeated(callId);
      }
      await store.prove(callId, { isAck: true });
      assert.deepEqual(await store.unacknowledged(), []);
      await store.repeated(callId);
      await pass(40_000);
      assert.deepEqual(await dueOf(seen), []);
      await pass(50_000);
      assert.deepEqual(await dueOf(seen), ['expired']);
    });

    test('CALL-09 a call that is ended late is billed to its longest duration, no further', async () => {
      const { store, callId, pass } = await answered(limited);
      await pass(75_000);
      await store.takeDue(OWNER, 100, FOR_MS);
      const end = await store.end({ ...endOf(callId), endsAt: 'limit' });
      assert.equal(end.kind, 'first');
      const event = decoded(end.event);
      assert.equal(event.endedMs, event.answeredMs + 60_000);
      const endlessCall = await answered(endless);
      await endlessCall.pass(75_000);
      const other = await endlessCall.store.end({ ...endOf(endlessCall.callId), endsAt: 'limit' });
      assert.equal(other.kind, 'first');
      const unlimited = decoded(other.event);
      assert.ok(unlimited.endedMs >= unlimited.answeredMs + 75_000);
    });

    test('edge.md §1.8: several sweeps share what is due, none twice', async () => {
      const { store, pass } = await open();
      for (let each = 0; each < 50; each++) {
        await store.answer(answerOf(newCallId(), refreshed));
      }
      await pass(90_001);
      const sweeps = await Promise.all(
        Array.from({ length: 8 }, () => store.takeDue(OWNER, 10, FOR_MS)),
      );
      const callIds = sweeps.flat().map(({ callId }) => callId);
      assert.equal(callIds.length, 50);
      assert.equal(new Set(callIds).size, 50);
    });

    test('edge.md §1: numbers in a dialog into which the switch speaks never come twice, and repetitions keep theirs', async () => {
      const { store, callId } = await answered(probed);
      assert.equal(await store.number(callId, 'b', 100), 100);
      assert.equal(await store.number(callId, 'b'), 101);
      assert.equal(await store.number(callId, 'b', 101), 102);
      assert.equal(await store.number(callId, 'b', 101), 102);
      assert.equal(await store.number(callId, 'b', 110), 110);
      assert.equal(await store.number(callId, 'b', 100), 100);
      assert.equal(await store.number(callId, 'a'), 1);
      assert.equal(await store.number(callId, 'a', 7), 7);
      for (let cseq = 200; cseq < 220; cseq++) await store.number(callId, 'b', cseq);
      assert.equal(await store.number(callId, 'b', 219), 219);
      assert.equal(await store.number(callId, 'b', 100), 220);
      assert.equal(await store.number(newCallId(), 'a', 5), 5);
      assert.equal(await store.number(newCallId(), 'a'), 1);
    });

    test('edge.md §4.3: a call that the switch has ended is due again until both ends have been hung up, with tokens and reason', async () => {
      const opened = await answered(refreshed);
      const { store, callId, pass } = opened;
      await pass(90_001);
      assert.deepEqual(await dueOf(opened), ['expired']);
      const ends = await Promise.all(Array.from({ length: 5 }, () => store.end(hungUp(callId))));
      assert.equal(ends.filter(({ kind }) => kind === 'first').length, 1);
      assert.deepEqual(await dueOf(opened), []);
      const { tokenA, tokenB } = answerOf(callId);
      const given = {
        callId,
        why: 'bye',
        tokens: { a: tokenA, b: tokenB },
        reason: 'SIP;cause=408;text="SessionExpired"',
      };
      for (let round = 0; round < 2; round += 1) {
        await pass(FOR_MS + 1);
        const sweeps = await Promise.all(
          [OWNER, OTHER].map((pod) => store.takeDue(pod, 100, FOR_MS)),
        );
        assert.deepEqual(sweeps.flat(), [given]);
      }
      for (const pod of [OWNER, OTHER]) await store.handled(callId, pod);
      await pass(FOR_MS + 1);
      assert.deepEqual(await dueOf(opened), []);
    });

    test('edge.md §4.3: a BYE of one side is due for the other while nobody says that it is answered', async () => {
      const opened = await answered(endless);
      const { store, callId, pass } = opened;
      const heard = newCallId();
      await store.answer(answerOf(heard, endless));
      const hangUp = { reason: 'Q.850;cause=16', forMs: 4000, only: 'b' } as const;
      for (const id of [callId, heard]) await store.end({ ...endOf(id), hangUp });
      await pass(3000);
      await store.hungUp([heard, newCallId()]);
      assert.deepEqual(await dueOf(opened), []);
      await pass(1001);
      const { tokenA, tokenB } = answerOf(callId);
      const tokens = { a: tokenA, b: tokenB };
      const given = [{ callId, why: 'bye', tokens, reason: 'Q.850;cause=16', only: 'b' }];
      assert.deepEqual(await store.takeDue(OWNER, 100, FOR_MS), given);
      await pass(FOR_MS + 1);
      assert.deepEqual(await store.takeDue(OTHER, 100, FOR_MS), given);
      await store.hungUp([callId]);
      await pass(FOR_MS + 1);
      assert.deepEqual(await dueOf(opened), []);
    });

    test('edge.md §4.3: that a BYE is answered takes nothing from a call that goes on', async () => {
      const opened = await answered(refreshed);
      const { store, callId, pass } = opened;
      await store.hungUp([callId]);
      await pass(90_001);
      assert.deepEqual(await dueOf(opened), ['expired']);
    });

    test('edge.md §4.3: a call that the switch has ended frees its lines, is no call in progress, and tells of its end once', async () => {
      const { store, callId, lines, pass, makeDue } = await answered(refreshed);
      await store.settle([`${callId}.answered.1`]);
      await pass(90_001);
      await store.takeDue(OWNER, 100, FOR_MS);
      await store.end(hungUp(callId));
      assert.deepEqual(await lines.count([ACCOUNT, GATEWAY]), [0, 0]);
      assert.equal((await store.list(10)).total, 0);
      assert.equal(await store.get(callId), undefined);
      assert.equal((await store.adopt(callId, OTHER)).kind, 'ended');
      await pass(FOR_MS + 1);
      assert.equal((await store.takeDue(OTHER, 100, FOR_MS)).length, 1);
      await makeDue();
      const waiting = await store.claimDue(10, 60_000);
      assert.deepEqual(
        waiting.map((event) => decoded(event).type),
        ['ended'],
      );
    });

    test('edge.md §5: what a dead pod was probing, ending or hanging up is due at the next sweep, to one pod', async () => {
      const opened = await answered(probed);
      const { store, callId, pass, live, die } = opened;
      const [expired, hanging] = [newCallId(), newCallId()];
      for (const id of [expired, hanging]) await store.answer(answerOf(id, refreshed));
      await live(OWNER, OTHER);
      await pass(90_001);
      assert.equal((await store.takeDue(OWNER, 100, FOR_MS)).length, 3);
      await store.end(hungUp(hanging));
      assert.deepEqual(await store.adoptOrphans(OTHER, 10), []);
      assert.deepEqual(await store.takeDue(OTHER, 100, FOR_MS), []);
      await die(OWNER);
      assert.deepEqual(await store.adoptOrphans(OTHER, 10), []);
      const found = await store.takeDue(OTHER, 100, FOR_MS);
      assert.deepEqual(
        new Map(found.map((due) => [due.callId, due.why])),
        new Map([
          [callId, 'probe'],
          [expired, 'expired'],
          [hanging, 'bye'],
        ]),
      );
      // They are the other one's now.
      assert.deepEqual(await store.adoptOrphans(OTHER, 10), []);
      assert.deepEqual(await store.takeDue(OTHER, 100, FOR_MS), []);
    });

    test('edge.md §5: what a pod has done before it died is not due again', async () => {
      const opened = await answered(probed);
      const { store, callId, pass, live, die } = opened;
      const hanging = newCallId();
      await store.answer(answerOf(hanging, refreshed));
      await live(OWNER, OTHER);
      await pass(90_001);
      await store.takeDue(OWNER, 100, FOR_MS);
      await store.end(hungUp(hanging));
      await store.refresh(callId);
      for (const id of [callId, hanging]) await store.handled(id, OWNER);
      await die(OWNER);
      await store.adoptOrphans(OTHER, 10);
      assert.deepEqual(await store.takeDue(OTHER, 100, FOR_MS), []);
    });

    test('ROUTE-05 lines of a call that is gone are freed, those of calls in progress and of fresh ones are not', async () => {
      const opened = await answered(endless);
      const { store, callId, lines, lose, pass } = opened;
      const [neverBegun, ringing, gone] = [newCallId(), newCallId(), newCallId()];
      for (const id of [neverBegun, ringing, gone]) await takeLines(lines, id);
      await store.writeAhead(writeAheadOf(ringing));
      await store.answer(answerOf(gone));
      assert.equal(await store.reconcile(), 0);
      await lose(gone);
      await pass(10_001);
      await takeLines(lines, newCallId());
      assert.equal(await store.reconcile(), 2);
      const [use] = await lines.list(ACCOUNT);
      const holders = use?.holders.map((holder) => holder.callId) ?? [];
      assert.equal(holders.length, 3);
      assert.ok(holders.includes(callId) && holders.includes(ringing));
      assert.equal((await store.list(10)).total, 2);
    });

    test('ROUTE-05 lines that were taken after the call’s end are freed', async () => {
      const { store, callId, lines, pass } = await answered(endless);
      await store.end(endOf(callId));
      await takeLines(lines, callId);
      await pass(10_001);
      assert.equal(await store.reconcile(), 1);
      assert.deepEqual(await lines.count([ACCOUNT, GATEWAY]), [0, 0]);
    });
  });
}

/** An end by the switch, which hangs up on both ends. */
function hungUp(callId: string): EndWrite {
  const hangUp = { reason: 'SIP;cause=408;text="SessionExpired"', forMs: FOR_MS };
  return { ...endOf(callId), hangUp };
}
