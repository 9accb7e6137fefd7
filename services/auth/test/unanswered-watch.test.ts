import type { JournalNote } from '@tandem/domain';
import { decodeCallEvent } from '@tandem/events';
import type { CallEventMessage } from '@tandem/events';
import { silentLogger } from '@tandem/service';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnansweredCalls } from '../src/unanswered-calls.ts';
import { UnansweredWatch } from '../src/unanswered-watch.ts';
import { Scene } from './scene.ts';

/** Lets what was begun in a turn come to its end. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

test('AUTH-14 a pod looks each second for what nobody answered, in its turn, and goes on after a store was away', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const scene = new Scene();
  const turns: string[] = ['away', 'another pod', 'its own', 'its own'];
  const store = {
    mayLook: () => {
      const turn = turns.shift();
      return turn === 'away' ? Promise.reject(new Error('away')) : Promise.resolve(turn === 'its own'); // prettier-ignore
    },
  };
  const notes: JournalNote[] = [];
  const authenticator = {
    accountOf: (name: string) => `account of ${name}`,
    concludeUnanswered: () => scene.unanswered(),
  };
  const told: string[] = [];
  let isLogAway = true;
  const publisher = {
    publish: (events: readonly CallEventMessage[]) => {
      if (isLogAway) return Promise.reject(new Error('away'));
      told.push(...events.map(({ bytes }) => decodeCallEvent(bytes).a?.sipCallId ?? ''));
      return Promise.resolve();
    },
  };
  const watch = new UnansweredWatch({
    store,
    authenticator,
    calls: new UnansweredCalls({
      publisher,
      logger: silentLogger(),
      now: () => scene.clock.now(),
    }),
    journal: { note: (note) => notes.push(note), level: () => undefined },
    logger: silentLogger(),
  });
  await scene.challengeFor({ sipCallId: 'one', method: 'REGISTER', userAgent: 'baresip' });
  await scene.challengeFor({ sipCallId: 'two', fromUser: '9999' });
  scene.clock.advance(10_000);
  watch.start();
  const gathered: number[] = [];
  for (let second = 0; second < 4; second += 1) {
    t.mock.timers.tick(1000);
    await settled();
    gathered.push((await scene.store.listFailures()).length);
    // Its third turn has found both; what the log did not take then goes with the next.
    assert.deepEqual(told, second < 3 ? [] : ['two']);
    if (second === 2) isLogAway = false;
  }
  assert.deepEqual(gathered, [0, 0, 2, 2]);
  // REG-11: of a registration the journal is told.
  assert.deepEqual(notes, [
    {
      cause: 'challenge-unanswered',
      facts: {
        fault: 'challenge never answered',
        challenges: 1,
        sent: 'no credentials',
        expected: 'Authorization or Proxy-Authorization',
        SS_AUTHCHALLENGEMODE: 3,
        'agent-answers': undefined,
        'agent-habit': undefined,
      },
      terminal: '1001',
      account: 'account of 1001',
      sender: 'claimed',
      source: '203.0.113.50:5060',
      userAgent: 'baresip',
      callId: 'one',
    },
  ]);
  assert.equal(turns.length, 0);
  await watch.stop();
  turns.push('its own');
  t.mock.timers.tick(5000);
  await settled();
  assert.equal(turns.length, 1, 'nobody looks any more');
});
