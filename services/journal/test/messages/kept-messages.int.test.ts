import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { migrate, silentLogger } from '@tandem/service';
import { databaseForTest } from '@tandem/testing';
import { ActiveTraces } from '../../src/messages/active-traces.ts';
import { createFrameHandler } from '../../src/messages/frame-handler.ts';
import { createMessageHandlers } from '../../src/messages/handlers.ts';
import { MessageHousekeeping } from '../../src/messages/message-housekeeping.ts';
import { createPgMessageStore } from '../../src/messages/pg-message-store.ts';
import { createPgTraceStore } from '../../src/messages/pg-trace-store.ts';
import { NOON, frameOf } from './frames.ts';
import type { Said } from './frames.ts';

const HOUR_MS = 3_600_000;
const logger = silentLogger();

suite('SIP messages in PostgreSQL', () => {
  let database: Awaited<ReturnType<typeof databaseForTest>>;

  before(async () => {
    database = await databaseForTest();
    const folder = fileURLToPath(new URL('../../migrations', import.meta.url));
    await migrate({ pool: database.pool, folder, schema: 'tandem_journal', logger });
  });

  after(() => database.close());

  /** A journal process on this database. */
  async function open({ messagesHours = 72, messagesMegabytes = 20_000 } = {}) {
    const { pool } = database;
    await pool.query('TRUNCATE tandem_journal.message_frame, tandem_journal.message_key');
    await pool.query('TRUNCATE tandem_journal.trace CASCADE');
    const clock = { nowMs: NOON };
    const now = (): number => clock.nowMs;
    const retention = { messagesHours, messagesMegabytes };
    const store = createPgMessageStore(pool, logger);
    const traces = createPgTraceStore(pool);
    const active = new ActiveTraces({ store: traces, now, logger });
    const handler = createFrameHandler({ store, traces: active, retention, now, logger });
    const handlers = createMessageHandlers({ store, traces, active, now });
    return {
      clock,
      handlers,
      active,
      take: (...frames: ReturnType<typeof frameOf>[]) => handler.handle(frames),
      tidy: () => new MessageHousekeeping({ store, traces, retention, now, logger }).once(),
      list: async (
        callIds: readonly string[],
        changes: { fromMs?: number; untilMs?: number } = {},
      ) =>
        (
          await handlers.listMessages({
            callIds: [...callIds],
            fromMs: 0,
            untilMs: 0,
            limit: 0,
            ...changes,
          })
        ).messages,
    };
  }

  test('OPS-09 messages of both legs are found by their Call-IDs, over all pods, in order of time', async () => {
    const { list, take } = await open();
    await take(
      frameOf([
        { callId: 'a', atMs: NOON + 2 },
        { callId: 'other' },
        { callId: 'b', atMs: NOON + 4.5 },
      ]),
      frameOf(
        [
          { callId: 'b', atMs: NOON + 3, isSent: true },
          { callId: 'a', atMs: NOON + 1 },
        ],
        'pod-2',
      ),
    );
    const found = await list(['a', 'b']);
    assert.deepEqual(
      found.map(({ atMs, isSent, pod }) => [atMs - NOON, isSent, pod]),
      [
        [1, false, 'pod-2'],
        [2, false, 'pod-1'],
        [3, true, 'pod-2'],
        [4.5, false, 'pod-1'],
      ],
    );
    assert.deepEqual(
      [found[0]?.local, found[0]?.remote, found[0]?.transport],
      ['192.0.2.1:5060', '192.0.2.7:5060', 'udp'],
    );
    const some = await list(['a', 'b'], { fromMs: NOON + 2, untilMs: NOON + 4 });
    assert.deepEqual(
      some.map(({ atMs }) => atMs - NOON),
      [2, 3],
    );
    assert.deepEqual(await list(['c']), []);
  });

  test('OPS-09 a frame that comes twice is kept once, and one of another time not at all', async () => {
    const { list, take } = await open();
    const frame = frameOf([{ callId: 'a' }]);
    await take(frame, frame);
    await take(frame, frameOf([{ callId: 'a', atMs: NOON - 100 * HOUR_MS }]));
    assert.equal((await list(['a'])).length, 1);
  });

  test('OPS-09 what is older than it may be goes, by the hour', async () => {
    const { clock, list, take, tidy } = await open({ messagesHours: 2 });
    await take(frameOf([{ callId: 'old' }]));
    clock.nowMs = NOON + 2 * HOUR_MS + 1;
    await take(frameOf([{ callId: 'new', atMs: clock.nowMs }]));
    await tidy();
    assert.equal((await list(['old'])).length, 1, 'its hour has not ended that long ago');
    clock.nowMs = NOON + 3 * HOUR_MS;
    await tidy();
    assert.equal((await list(['old'])).length, 0);
    assert.equal((await list(['new'])).length, 1);
  });

  test('OPS-09 the oldest hours go where more is kept than may be, and what comes then is kept', async () => {
    const { clock, handlers, list, take, tidy } = await open({ messagesMegabytes: 2 });
    // What does not compress.
    const large = (callId: string, atMs: number): Said => ({
      callId,
      atMs,
      text: `MESSAGE sip:x SIP/2.0\r\nCall-ID: ${callId}\r\n\r\n${randomBytes(40_000).toString('hex')}`,
    });
    for (let hour = 0; hour < 4; hour += 1) {
      clock.nowMs = NOON + hour * HOUR_MS;
      for (let at = 0; at < 20; at += 1)
        await take(frameOf([large(`h${String(hour)}`, clock.nowMs)]));
    }
    await tidy();
    assert.equal((await list(['h0'])).length, 0);
    assert.equal((await list(['h3'])).length, 20);
    const { rows } = await database.pool.query<{ readonly bytes: string }>(
      `SELECT sum(pg_total_relation_size(inhrelid)) AS bytes FROM pg_inherits
       WHERE inhparent IN ('tandem_journal.message_frame'::regclass, 'tandem_journal.message_key'::regclass)`,
    );
    assert.ok(Number(rows[0]?.bytes) <= 2_100_000, rows[0]?.bytes);
    // The process that writes has made that hour before it was dropped.
    clock.nowMs = NOON;
    await take(frameOf([{ callId: 'again' }]));
    assert.equal((await list(['again'])).length, 1);
    const { keptSinceMs } = await handlers.listMessages({
      callIds: ['again'],
      fromMs: 0,
      untilMs: 0,
      limit: 0,
    });
    assert.equal(keptSinceMs, NOON);
  });

  test('OPS-03 a trace has what its address and user send, the rest of the dialog and the other leg, once, until it ends', async () => {
    const { active, clock, handlers, take } = await open();
    const { trace } = await handlers.createTrace({
      about: 'phone 1001',
      addresses: ['198.51.100.0/24'],
      users: ['+1001'],
      seconds: 60,
      createdBy: 'test',
    });
    assert.ok(trace !== undefined);
    const head = (callId: string, tag: string, rest = ''): string =>
      `\r\nCall-ID: ${callId}\r\nFrom: <sip:1001@192.0.2.1>;tag=${tag}${rest}\r\n\r\n`;
    const frame = frameOf([
      {
        callId: 'x',
        text: 'OPTIONS sip:192.0.2.1 SIP/2.0\r\nCall-ID: x\r\nFrom: <sip:1002@h>;tag=9\r\n\r\n',
      },
      { callId: 'a', text: `INVITE sip:44@192.0.2.1 SIP/2.0${head('a', 'tag-1')}` },
      {
        callId: 'b',
        text: 'INVITE sip:44@192.0.2.9 SIP/2.0\r\nCall-ID: b\r\nf: <sip:9@h>;tag=tag-1\r\n\r\n',
      },
      { callId: 'b', text: 'SIP/2.0 200 OK\r\nCall-ID: b\r\n\r\n' },
      { callId: 'c', remote: '198.51.100.7' },
    ]);
    await take(frame, frame);
    const read = await handlers.readTrace({ id: trace.id, after: 0, limit: 0 });
    assert.deepEqual(
      read.messages.map(({ bytes }) => /Call-ID: (\w)/.exec(Buffer.from(bytes).toString())?.[1]),
      ['a', 'b', 'b', 'c'],
    );
    assert.equal(read.trace?.count, 4);
    const nothing = await handlers.readTrace({ id: trace.id, after: read.last, limit: 0 });
    assert.deepEqual(nothing.messages, []);
    clock.nowMs += 61_000;
    await active.look();
    await take(frameOf([{ callId: 'c', remote: '198.51.100.7', atMs: clock.nowMs }]));
    assert.equal((await handlers.readTrace({ id: trace.id, after: 0, limit: 0 })).trace?.count, 4);
  });

  test('OPS-03 a trace is ended by hand, and one that there is not is none', async () => {
    const { handlers, take } = await open();
    const asked = {
      about: 'all',
      addresses: ['0.0.0.0/0'],
      users: [],
      seconds: 60,
      createdBy: 'test',
    };
    const { trace } = await handlers.createTrace(asked);
    const { trace: ended } = await handlers.endTrace({ id: trace?.id ?? '' });
    assert.equal(ended?.endedMs, NOON);
    await take(frameOf([{ callId: 'a' }]));
    const { traces } = await handlers.listTraces({});
    assert.deepEqual(
      traces.map(({ count, id }) => [id, count]),
      [[trace?.id, 0]],
    );
    assert.deepEqual(await handlers.endTrace({ id: 'nope' }), { trace: undefined });
    const { messages, trace: none } = await handlers.readTrace({ id: 'nope', after: 0, limit: 0 });
    assert.deepEqual([messages, none], [[], undefined]);
  });
});
