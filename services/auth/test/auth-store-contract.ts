import { decided } from '@tandem/domain';
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { SessionTerms } from '../src/core/session-terms.ts';
import type { AbuseTerms } from '../src/core/abuse-terms.ts';
import { BURST_MS, MOST_NAMES, MOST_RECORDED, OTHER_USERS } from '../src/core/limits.ts';
import { terminalText, type Terminal } from '../src/core/terminal.ts';
import type { Attempt } from '../src/core/attempt.ts';
import type { AcceptCommand, AuthStore, FreshNonce, RefuseCommand } from '../src/ports.ts';

/** A store under test; with a real one time passes by waiting. */
export interface StoreUnderTest {
  readonly store: AuthStore;
  readonly elapse: (ms: number) => Promise<void>;
  readonly now: () => number;
}

const terms: SessionTerms = {
  challengeMode: 3,
  retryLimit: 2,
  timeoutMs: 10_000,
  maxFailures: 4,
  suspendMs: 60_000,
  userMaxFailures: 0,
};
/** For what must end while a test waits; long enough for a machine that is busy. */
const brief: SessionTerms = { ...terms, timeoutMs: 200, suspendMs: 1000 };
const abuse: AbuseTerms = {
  knownPlaceMs: 86_400_000,
  sourceMaxFailures: 0,
  sourceWindowMs: 60_000,
  blacklistMs: 60_000,
};
const terminal: Terminal = { user: 'phone 1001', place: '192.0.2.1' };
const name = terminalText(terminal);
const attempt: Attempt = {
  atMs: Date.now(),
  cseq: 1,
  method: 'INVITE',
  address: '192.0.2.1',
  port: 5060,
  userAgent: 'PBX 1',
  lack: 'no credentials',
  call: {
    sipCallId: 'call@pbx',
    transport: 'udp',
    caller: '1001',
    callee: '442079460000',
    sentBy: '10.0.0.7',
  },
};
/** How a request is waited for. */
const waiting = { session: 'session-1', attempt };

let drawn = 0;

function fresh(over: Partial<FreshNonce> = {}): FreshNonce {
  drawn += 1;
  return { nonce: `n${String(drawn)}`, realm: 'tandem', terms, lifetimeMs: 30_000, ...over };
}

/** What every adapter of AuthStore does. */
export function authStoreContract(adapter: string, open: () => Promise<StoreUnderTest>): void {
  suite(`AuthStore: ${adapter}`, () => {
    /** Issues a nonce, and presents credentials with it. */
    async function session(over: Partial<FreshNonce> = {}, whose = terminal, rules = abuse) {
      const under = await open();
      const { store } = under;
      const issued = fresh(over);
      const asked = { ...waiting, attempt: { ...attempt, atMs: under.now() } };
      const issue = { terminal: whose, fresh: issued, abuse: rules, isSpared: false, ...asked };
      assert.deepEqual(await store.issue(issue), { kind: 'issued' });
      let request = 0;
      const presented = (changes: Partial<RefuseCommand & AcceptCommand>) => {
        request += 1;
        return {
          terminal: whose,
          abuse: rules,
          isSpared: false,
          ...asked,
          nonce: issued.nonce,
          realm: 'tandem',
          fingerprint: `request-${String(request)}`,
          fresh: fresh(),
          nonceCount: request,
          source: '192.0.2.1:5060',
          cause: 'wrong password',
          explanation: '',
          ...changes,
        };
      };
      return {
        ...under,
        issued,
        accept: (changes: Partial<AcceptCommand> = {}) => store.accept(presented(changes)),
        refuse: (changes: Partial<RefuseCommand> = {}) => store.refuse(presented(changes)),
      };
    }

    test('AUTH-04 nc is compared and set in one step: of concurrent uses of one nc one is taken', async () => {
      const { accept } = await session();
      const results = await Promise.all(
        Array.from({ length: 20 }, () => accept({ nonceCount: 7 })),
      );
      const kinds = results.map(({ kind }) => kind);
      assert.equal(kinds.filter((kind) => kind === 'accepted').length, 1);
      assert.equal(kinds.filter((kind) => kind === 'stale').length, 19);
    });

    test('AUTH-04 a replayed or lower nc gets a fresh nonce with the terms of the old one', async () => {
      const { accept } = await session();
      await accept({ nonceCount: 5 });
      const offer = fresh({ terms: { ...terms, retryLimit: 99 } });
      for (const nonceCount of [5, 4, 0]) {
        assert.deepEqual(await accept({ nonceCount, fresh: offer }), {
          kind: 'stale',
          cause: 'replayed',
          nonce: offer.nonce,
          realm: 'tandem',
          terms,
        });
      }
      assert.equal((await accept({ nonce: offer.nonce, nonceCount: 1 })).kind, 'accepted');
      assert.equal((await accept({ nonceCount: 0xffffffff })).kind, 'accepted');
    });

    test('AUTH-04 without qop a nonce serves one request', async () => {
      const { accept } = await session();
      assert.equal((await accept({ nonceCount: undefined })).kind, 'accepted');
      assert.equal((await accept({ nonceCount: undefined })).kind, 'stale');
      assert.equal((await accept({ nonceCount: 1 })).kind, 'stale');
    });

    test('AUTH-04 an unknown nonce is stale with the terms of now, and nothing is counted', async () => {
      const { accept, refuse, store } = await session();
      const offer = fresh();
      const stale = { kind: 'stale', cause: 'unknown-nonce', nonce: offer.nonce, realm: 'tandem', terms }; // prettier-ignore
      assert.deepEqual(await accept({ nonce: 'unknown', fresh: offer }), stale);
      for (let index = 0; index < 9; index += 1) {
        assert.deepEqual(await refuse({ nonce: 'unknown', fresh: offer }), stale);
      }
      assert.deepEqual(await store.listSuspensions(), []);
      assert.equal((await accept({ nonce: offer.nonce, nonceCount: 1 })).kind, 'accepted');
    });

    test('AUTH-04 a nonce of another realm is stale', async () => {
      const { accept } = await session({ realm: 'other' });
      assert.equal((await accept()).kind, 'stale');
    });

    test('AUTH-04 a nonce expires', async () => {
      const { accept, refuse, elapse } = await session({ lifetimeMs: 100 });
      await elapse(130);
      assert.equal((await accept()).kind, 'stale');
      assert.equal((await refuse()).kind, 'stale');
    });

    test('AUTH-04 a nonce serves 64 requests, right or wrong, and then it is stale', async () => {
      const never = { ...terms, maxFailures: 0, retryLimit: 1000 };
      for (const wrong of [0, 1, 40, 64]) {
        const { accept, refuse } = await session({ terms: never });
        for (let served = 1; served <= 64; served += 1) {
          const { kind } = served <= wrong ? await refuse() : await accept();
          assert.equal(kind, served <= wrong ? 'challenged' : 'accepted', String(served));
        }
        assert.equal((await accept()).kind, 'stale', String(wrong));
        assert.equal((await refuse()).kind, 'stale', String(wrong));
      }
    });

    test('AUTH-10 a request that was taken is taken again, suspended meanwhile or not', async () => {
      const { accept, refuse } = await session();
      assert.deepEqual(await accept({ fingerprint: 'same', nonceCount: 1 }), { kind: 'accepted' });
      for (let index = 0; index < 4; index += 1) await refuse({ session: String(index) });
      assert.equal((await accept()).kind, 'suspended');
      assert.deepEqual(await accept({ fingerprint: 'same', nonceCount: 1 }), { kind: 'accepted' });
    });

    test('AUTH-10 what was taken is no ticket for wrong credentials, nor the other way round', async () => {
      const { accept, refuse } = await session();
      await accept({ fingerprint: 'one' });
      assert.equal((await refuse({ fingerprint: 'one' })).kind, 'challenged');
      await refuse({ fingerprint: 'two' });
      assert.equal((await accept({ fingerprint: 'two', nonceCount: 1 })).kind, 'stale');
    });

    test('AUTH-10 a wrong request counts once, however often and however concurrently it comes', async () => {
      const { refuse } = await session();
      const offer = fresh();
      const once = await refuse({ fingerprint: 'same', fresh: offer });
      assert.deepEqual(once, {
        kind: 'challenged',
        nonce: offer.nonce,
        realm: 'tandem',
        terms,
        count: { session: 1, terminal: 1 },
      });
      const again = await Promise.all(
        Array.from({ length: 20 }, () => refuse({ fingerprint: 'same', fresh: fresh() })),
      );
      for (const result of again) assert.deepEqual(result, once);
    });

    test('AUTH-06 one wrong answer more than the retry limit ends the session', async () => {
      const { refuse } = await session();
      assert.equal((await refuse()).kind, 'challenged');
      assert.equal((await refuse()).kind, 'challenged');
      const count = { session: 3, terminal: 1 };
      const ended = { kind: 'ended', limit: 'retry', terms, count, isRecorded: false };
      assert.deepEqual(await refuse({ fingerprint: 'last' }), ended);
      assert.deepEqual(await refuse({ fingerprint: 'last' }), ended);
    });

    test('AUTH-06 a wrong answer after the timeout ends the session', async () => {
      const { refuse, elapse } = await session({ terms: brief });
      await refuse();
      await elapse(230);
      const ended = await refuse();
      assert.equal(ended.kind, 'ended');
      assert.equal(ended.limit, 'timeout');
    });

    test('AUTH-03 a session keeps the terms of its first nonce', async () => {
      const { refuse } = await session();
      const changed = { ...terms, retryLimit: 50 };
      await refuse({ fresh: fresh({ terms: changed }) });
      const second = await refuse({ fresh: fresh({ terms: changed }) });
      assert.equal(second.kind, 'challenged');
      assert.deepEqual(second.terms, terms);
      assert.equal((await refuse()).kind, 'ended');
    });

    test('AUTH-07 the failure that reaches the limit suspends, and everything is refused after it', async () => {
      const { accept, refuse, store } = await session();
      for (let index = 0; index < 3; index += 1) await refuse({ session: String(index) });
      const source = '[2001:db8::1]:5061';
      const fourth = await refuse({ session: 'x', source, cause: 'wrong realm', explanation: 'sent "a"', fingerprint: 'z' }); // prettier-ignore
      assert.equal(fourth.kind, 'suspended');
      const { suspension } = fourth;
      const { sinceMs, untilMs, ...rest } = suspension;
      assert.equal(untilMs - sinceMs, 60_000);
      assert.deepEqual(rest, {
        terminal: name,
        failures: 4,
        maxFailures: 4,
        cause: 'wrong realm',
        explanation: 'sent "a"',
        lastSource: source,
      });
      assert.deepEqual(await refuse({ fingerprint: 'z' }), fourth);
      assert.deepEqual(await accept(), fourth);
      assert.deepEqual(await refuse(), fourth);
      const again = { terminal, fresh: fresh(), abuse, isSpared: false, ...waiting };
      assert.deepEqual(await store.issue(again), fourth);
      for (const other of [
        { ...terminal, user: 'phone 2' },
        { ...terminal, place: '192.0.2.2' },
      ]) {
        assert.equal((await store.issue({ ...again, terminal: other })).kind, 'issued');
      }
      assert.deepEqual(await store.listSuspensions(), [suspension]);
    });

    test('AUTH-07 a suspension ends by itself, and the failures begin anew', async () => {
      const { accept, refuse, store, elapse } = await session({ terms: brief });
      for (let index = 0; index < 4; index += 1) await refuse({ session: String(index) });
      await elapse(1050);
      assert.deepEqual(await store.listSuspensions(), []);
      assert.equal((await refuse({ session: 'y' })).kind, 'challenged');
      assert.equal((await accept()).kind, 'accepted');
    });

    test('AUTH-07 a success forgets the failures of the terminal', async () => {
      const { accept, refuse } = await session();
      for (let index = 0; index < 3; index += 1) await refuse({ session: String(index) });
      await accept({ nonceCount: 100 });
      const next = await refuse({ session: 'x' });
      assert.equal(next.kind, 'challenged');
      assert.deepEqual(next.count, { session: 1, terminal: 1 });
    });

    test('AUTH-07 failures are forgotten after as long as a suspension lasts', async () => {
      const { refuse, elapse } = await session({ terms: brief });
      for (let index = 0; index < 3; index += 1) await refuse({ session: String(index) });
      await elapse(1050);
      const next = await refuse({ session: 'x' });
      assert.equal(next.kind, 'challenged');
      assert.equal(next.count.terminal, 1);
    });

    test('AUTH-07 0 never suspends', async () => {
      const { refuse, store } = await session({ terms: { ...terms, maxFailures: 0 } });
      for (let index = 0; index < 20; index += 1) {
        assert.equal((await refuse({ session: String(index) })).kind, 'challenged');
      }
      assert.deepEqual(await store.listSuspensions(), []);
    });

    test('AUTH-07 suspensions are listed by their end, and lifted one by one', async () => {
      const long = { ...terms, maxFailures: 1, suspendMs: 120_000 };
      const whose = { user: 'unknown-user 1 2', place: '192.0.2.1' };
      const { refuse, store, accept } = await session({ terms: long }, whose);
      await refuse();
      const shorter = fresh({ terms: { ...terms, maxFailures: 1 } });
      await store.issue({ terminal, fresh: shorter, abuse, isSpared: false, ...waiting });
      await refuse({ terminal, nonce: shorter.nonce, session: 'other' });
      const terminals = (await store.listSuspensions()).map((suspension) => suspension.terminal);
      assert.deepEqual(terminals, [name, terminalText(whose)]);
      assert.equal(await store.liftSuspension(terminalText(whose)), true);
      assert.equal(await store.liftSuspension(terminalText(whose)), false);
      assert.equal((await store.listSuspensions()).length, 1);
      assert.equal((await accept({ nonceCount: 50 })).kind, 'accepted');
    });

    test('AUTH-10 of concurrent guesses only as many as the limit are answered with a challenge', async () => {
      const { refuse } = await session();
      const results = await Promise.all(
        Array.from({ length: 40 }, (_, index) => refuse({ session: String(index) })),
      );
      const kinds = results.map(({ kind }) => kind);
      assert.equal(kinds.filter((kind) => kind === 'challenged').length, 3);
      assert.equal(kinds.filter((kind) => kind === 'suspended').length, 37);
    });

    test('AUTH-07 what one session answers in a burst is one failure, and what follows its end is not looked at', async () => {
      const { accept, refuse, elapse } = await session();
      const kinds: string[] = [];
      for (let index = 0; index < 15; index += 1) kinds.push((await refuse()).kind);
      assert.deepEqual(kinds, ['challenged', 'challenged', ...Array<string>(13).fill('ended')]);
      assert.equal((await accept({ nonceCount: 100 })).kind, 'ended');
      const other = await refuse({ session: 'session-2' });
      assert.equal(other.kind, 'challenged');
      assert.deepEqual(other.count, { session: 1, terminal: 2 });
      await elapse(BURST_MS);
      const next = await refuse();
      assert.equal(next.kind, 'challenged');
      assert.deepEqual(next.count, { session: 1, terminal: 3 });
      assert.equal((await accept({ nonceCount: 101 })).kind, 'accepted');
    });

    test('AUTH-07 a nonce that was given to another place counts nowhere, and is good for nothing', async () => {
      const { accept, refuse, store } = await session({ terms: { ...terms, maxFailures: 1 } });
      const victim = { ...terminal, place: '198.51.100.9' };
      for (let index = 0; index < 5; index += 1) {
        assert.equal((await refuse({ terminal: victim })).kind, 'stale');
      }
      assert.equal((await accept({ terminal: victim, nonceCount: 1 })).kind, 'stale');
      assert.deepEqual(await store.listSuspensions(), []);
      assert.deepEqual(await store.listFailures(), []);
    });

    test('AUTH-07 guesses from everywhere suspend a user name, but not where it has proved itself', async () => {
      const limits = { ...terms, userMaxFailures: 5 };
      const { accept, refuse, store } = await session({ terms: limits });
      assert.equal((await accept({ nonceCount: 1 })).kind, 'accepted');
      const guess = async (place: string): Promise<string> => {
        const strange = { ...terminal, place };
        const offer = fresh({ terms: limits });
        const issued = await store.issue({
          terminal: strange,
          fresh: offer,
          abuse,
          isSpared: false,
          ...waiting,
        });
        if (issued.kind !== 'issued') return issued.kind;
        return (await refuse({ terminal: strange, nonce: offer.nonce, session: place })).kind;
      };
      const kinds: string[] = [];
      for (let at = 1; at <= 6; at += 1) kinds.push(await guess(`203.0.113.${String(at)}`));
      const challenged = Array<string>(4).fill('challenged');
      assert.deepEqual(kinds, [...challenged, 'suspended', 'suspended']);
      const [suspension] = await store.listSuspensions();
      assert.equal(suspension?.terminal, 'phone 1001 at any other place');
      assert.deepEqual([suspension.failures, suspension.maxFailures], [5, 5]);
      assert.equal((await accept({ nonceCount: 2 })).kind, 'accepted');
      assert.equal((await refuse({ session: 'known' })).kind, 'challenged');
      assert.equal(await store.liftSuspension(suspension.terminal), true);
      assert.equal(await guess('203.0.113.7'), 'challenged');
    });

    test('AUTH-07 a refusal has a CDR where the user name has proved itself, and a flood of them has ten', async () => {
      const { accept, refuse } = await session({ terms: { ...terms, maxFailures: 1 } });
      const first = await refuse({ session: 'before' });
      assert.equal(first.kind, 'suspended');
      assert.equal(first.isRecorded, false);
      const known = await session({ terms: { ...terms, maxFailures: 1 } });
      assert.equal((await known.accept({ nonceCount: 1 })).kind, 'accepted');
      const recorded: boolean[] = [];
      for (let at = 0; at < MOST_RECORDED + 5; at += 1) {
        const result = await known.refuse({ session: String(at) });
        recorded.push(result.kind === 'suspended' && result.isRecorded);
      }
      assert.equal(recorded.filter((is) => is).length, MOST_RECORDED);
      assert.equal(recorded[0], true);
      assert.equal((await accept({ nonceCount: 50 })).kind, 'suspended');
    });

    test('AUTH-08 too many failures of one source, over any user names, put it on the black list for a time', async () => {
      const rules = { ...abuse, sourceMaxFailures: 5, blacklistMs: 1000 };
      const { refuse, store, elapse } = await session({}, terminal, rules);
      const kinds: string[] = [];
      for (let at = 0; at < 6; at += 1) {
        const user = `unknown-user ${String(at)}`;
        const result = await refuse({ terminal: { ...terminal, user }, session: user });
        kinds.push(result.kind === 'black-listed' && result.isNew ? 'new' : result.kind);
      }
      const challenged = Array<string>(4).fill('challenged');
      assert.deepEqual(kinds, [...challenged, 'new', 'black-listed']);
      const [entry] = await store.listBlacklist();
      assert.ok(entry !== undefined);
      const { sinceMs, untilMs, ...rest } = entry;
      assert.equal(untilMs - sinceMs, 1000);
      const cause = 'wrong password, of unknown-user 4';
      assert.deepEqual(rest, { place: terminal.place, failures: 5, cause });
      const issue = { terminal, fresh: fresh(), abuse: rules, isSpared: false, ...waiting };
      assert.equal((await store.issue(issue)).kind, 'black-listed');
      assert.equal((await store.issue({ ...issue, isSpared: true, ...waiting })).kind, 'issued');
      await elapse(1050);
      assert.deepEqual(await store.listBlacklist(), []);
      assert.equal((await store.issue({ ...issue, fresh: fresh() })).kind, 'issued');
    });

    test('AUTH-08 what is sent while the terminal is suspended counts against its source, a repetition does not', async () => {
      const rules = { ...abuse, sourceMaxFailures: 3 };
      const { refuse } = await session({ terms: { ...terms, maxFailures: 1 } }, terminal, rules);
      assert.equal((await refuse({ fingerprint: 'a' })).kind, 'suspended');
      assert.equal((await refuse({ fingerprint: 'b' })).kind, 'suspended');
      for (let at = 0; at < 5; at += 1) {
        assert.equal((await refuse({ fingerprint: 'b' })).kind, 'suspended');
      }
      assert.equal((await refuse({ fingerprint: 'c' })).kind, 'black-listed');
    });

    test('AUTH-08 a source that is spared is never black-listed; an operator adds others, and lifts them', async () => {
      const rules = { ...abuse, sourceMaxFailures: 1 };
      const { accept, refuse, store } = await session({}, terminal, rules);
      for (let at = 0; at < 3; at += 1) {
        const result = await refuse({ isSpared: true, session: String(at) });
        assert.equal(result.kind, 'challenged');
      }
      const { place } = terminal;
      await store.addToBlacklist({ place, forMs: 60_000, cause: 'an operator' });
      await store.addToBlacklist({ place: '192.0.2.9', forMs: 90_000, cause: 'an operator' });
      assert.equal((await accept({ nonceCount: 9 })).kind, 'black-listed');
      const listed = (await store.listBlacklist()).map((each) => [each.place, each.failures]);
      assert.deepEqual(listed, [
        ['192.0.2.9', 0],
        [place, 0],
      ]);
      assert.equal(await store.liftFromBlacklist(place), true);
      assert.equal(await store.liftFromBlacklist(place), false);
      assert.equal((await accept({ nonceCount: 9 })).kind, 'accepted');
    });

    test('AUTH-14 of what nobody answered in its time one pod has each for a while, and it is concluded once', async () => {
      const failure = {
        terminal,
        cause: 'challenge never answered',
        reason: 'ChallengeUnanswered',
        decision: decided('source-unknown', {
          subject: terminal.user,
          facts: { SS_UNKNOWN_SOURCE: 'refuse', source: '192.0.2.1:5060' },
          atMs: 1,
        }),
      } as const;
      const { store, now, elapse, accept } = await session({ terms: brief });
      const first = { ...attempt, atMs: now() };
      const second = { terminal, abuse, isSpared: false, attempt: first, session: 'session-2' };
      await store.issue({ ...second, fresh: fresh({ terms: brief }) });
      // The same again is its retransmission; the next is a cycle.
      await store.issue({ ...second, fresh: fresh({ terms: brief }) });
      const next = { ...first, cseq: 2 };
      await store.issue({ ...second, attempt: next, fresh: fresh({ terms: brief }) });
      assert.deepEqual(await store.takeUnanswered(), []);
      assert.equal((await accept()).kind, 'accepted');
      await elapse(brief.timeoutMs);
      assert.deepEqual(await store.takeUnanswered(), [
        { session: 'session-2', terminal, attempt: next, cycles: 2, stale: undefined },
      ]);
      assert.deepEqual(await store.takeUnanswered(), []);
      assert.equal(await store.conclude('session-2', failure), true);
      assert.equal(await store.conclude('session-2', failure), false);
      const [gathered] = await store.listFailures();
      assert.deepEqual([gathered?.reason, gathered?.count], ['ChallengeUnanswered', 1]);
      assert.deepEqual(gathered?.decision, failure.decision);
    });

    test('AUTH-14 a challenge that comes when its call has been let in long ago is waited for by nobody', async () => {
      const { store, now, elapse, accept } = await session({ terms: brief });
      assert.equal((await accept()).kind, 'accepted');
      const late = { ...waiting, attempt: { ...attempt, atMs: now() } };
      const issued = fresh({ terms: brief });
      await store.issue({ terminal, abuse, isSpared: false, ...late, fresh: issued });
      await elapse(brief.timeoutMs);
      assert.deepEqual(await store.takeUnanswered(), []);
    });

    test('OPS-10 failures are gathered by user name and place, and of a place that tries many the others together', async () => {
      const { refuse, store } = await session({ terms: { ...terms, maxFailures: 0 } });
      const over = 5;
      for (let at = 0; at < MOST_NAMES + over; at += 1) {
        const user = `unknown-user ${String(at)}`;
        await refuse({ terminal: { ...terminal, user }, session: user, cause: 'unknown user' });
      }
      await refuse({ cause: 'wrong realm', explanation: 'sent "a", expected "b"' });
      const failures = await store.listFailures();
      assert.equal(failures.length, MOST_NAMES + 1);
      const others = failures.find(({ user }) => user === OTHER_USERS);
      assert.deepEqual([others?.count, others?.place], [over + 1, terminal.place]);
      assert.deepEqual([others?.cause, others?.reason], ['wrong realm', 'AuthenticationFailed']);
      assert.equal(others?.explanation, 'sent "a", expected "b"');
      const first = failures.find(({ user }) => user === 'unknown-user 0');
      assert.deepEqual([first?.count, first?.cause], [1, 'unknown user']);
      assert.equal(first?.firstMs, first?.lastMs);
    });
  });
}
