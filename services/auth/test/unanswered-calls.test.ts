import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeCallEvent } from '@tandem/events';
import type { CallEventMessage } from '@tandem/events';
import type { CallEvent } from '@tandem/proto/events';
import { silentLogger } from '@tandem/service';
import { UnansweredCalls } from '../src/unanswered-calls.ts';
import { Scene } from './scene.ts';
import type { Call } from './scene.ts';

const trunk = {
  fromUser: '441632960123',
  sourceAddress: '192.0.3.9',
  requestUri: 'sip:+442079460000@switch.example',
  userAgent: 'PBX 7',
};

class Bench {
  readonly scene = new Scene();
  readonly told: CallEvent[] = [];
  readonly #calls = new UnansweredCalls({
    publisher: {
      publish: (events: readonly CallEventMessage[]) => {
        this.told.push(...events.map(({ bytes }) => decodeCallEvent(bytes)));
        return Promise.resolve();
      },
    },
    logger: silentLogger(),
    now: () => this.scene.clock.now(),
  });

  /** Challenges calls that nobody goes on with. */
  async play(calls: readonly Call[]): Promise<void> {
    for (const call of calls) await this.scene.challengeFor(call);
    this.scene.clock.advance(10_000);
    for (const concluded of await this.scene.unanswered()) this.#calls.add(concluded);
    await this.#calls.send();
  }
}

/** Calls from one source, or each from its own. */
function flood(count: number, change: (at: number) => Call): Call[] {
  return Array.from({ length: count }, (_, at) => ({
    ...trunk,
    sipCallId: `flood-${String(at)}`,
    ...change(at),
  }));
}

test('AUTH-14 a call whose challenge nobody answers is an attempt with a CDR: source, names, numbers, the nearest list; of no account', async () => {
  const bench = new Bench();
  const startedMs = bench.scene.clock.now();
  await bench.play([{ ...trunk, sipCallId: 'call@pbx' }]);
  const [ended, ...others] = bench.told;
  assert.ok(ended !== undefined);
  assert.deepEqual(others, []);
  assert.match(ended.callId, /^[\w-]{16}$/);
  assert.equal(ended.eventId, `${ended.callId}.ended.1`);
  assert.deepEqual(
    [ended.startedMs, ended.answeredMs, ended.endedMs],
    [startedMs, 0, startedMs + 10_000],
  );
  assert.equal(ended.origin, undefined);
  const { sipCallId, peerAddress, caller, callee, userAgent } = ended.a ?? {};
  assert.deepEqual(
    [sipCallId, peerAddress, caller, callee, userAgent],
    ['call@pbx', '192.0.3.9:5060', '441632960123', '+442079460000', 'PBX 7'],
  );
  assert.deepEqual(ended.termination, {
    reason: 'IpNotAllowed',
    code: 407,
    by: 'switch',
    text: 'challenge never answered',
  });
  const facts = ended.decisions[0]?.facts.map(({ name, value }) => `${name}=${value}`) ?? [];
  assert.ok(facts.includes('nearest-gateway=mapping-gateway trunk'));
  assert.ok(facts.includes('nearest-list=192.0.2.0/24'));
});

test('AUTH-14 where somebody has that name its reason is ChallengeUnanswered; a registration has no CDR', async () => {
  const bench = new Bench();
  await bench.play([
    { ...trunk, fromUser: '1001', sipCallId: 'known' },
    { ...trunk, fromUser: '1001', method: 'REGISTER', sipCallId: 'registration' },
  ]);
  assert.deepEqual(
    bench.told.map(({ a, termination }) => [a?.sipCallId, termination?.reason]),
    [['known', 'ChallengeUnanswered']],
  );
});

test('AUTH-14 a flood of strangers has twenty CDRs of a source a minute, and two hundred of all', async () => {
  const bench = new Bench();
  await bench.play(flood(30, () => ({})));
  assert.equal(bench.told.length, 20);
  assert.equal(new Set(bench.told.map(({ callId }) => callId)).size, 20);
  await bench.play(
    flood(300, (at) => ({ sourceAddress: `10.9.${String(at >> 8)}.${String(at & 255)}` })),
  );
  assert.equal(bench.told.length, 200);
  // One whose name is somebody's here is not among them.
  await bench.play([{ ...trunk, fromUser: '1001', sourceAddress: '10.8.0.1' }]);
  assert.equal(bench.told.length, 201);
  bench.scene.clock.advance(60_000);
  await bench.play(flood(1, () => ({})));
  assert.equal(bench.told.length, 202);
});
