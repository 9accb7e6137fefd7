import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { JournalMessage } from '@tandem/events';
import { migrate, silentLogger } from '@tandem/service';
import { databaseForTest } from '@tandem/testing';
import { createPgJournalStore } from '../../src/adapters/pg-journal-store.ts';
import { createHandlers } from '../../src/api/grpc-handlers.ts';
import { createMessageHandler } from '../../src/api/message-handler.ts';
import { Housekeeping } from '../../src/housekeeping.ts';
import { DAY_MS, NOON, entryMessage, entryOf, tallyMessage } from '../messages.ts';

const logger = silentLogger();
const nothing = {
  fromMs: 0,
  untilMs: 0,
  kind: '',
  cause: '',
  outcome: '',
  terminal: '',
  account: '',
  source: '',
  limit: 0,
  cursor: '',
  callId: '',
  caller: '',
  callee: '',
};

suite('the journal in PostgreSQL', () => {
  let database: Awaited<ReturnType<typeof databaseForTest>>;

  before(async () => {
    database = await databaseForTest();
    const folder = fileURLToPath(new URL('../../migrations', import.meta.url));
    await migrate({ pool: database.pool, folder, schema: 'tandem_journal', logger });
  });

  after(() => database.close());

  /** A journal process on this database, on a day. */
  function open({ nowMs = NOON, days = 30, historyDays = 400 } = {}) {
    const countries = { countryOf: (network: string) => (network === '' ? 'unknown' : 'DE') };
    const store = createPgJournalStore({ pool: database.pool, countries, logger });
    const clock = { nowMs };
    const parts = { store, retention: { days, historyDays }, now: () => clock.nowMs, logger };
    const handler = createMessageHandler(parts);
    const handlers = createHandlers(store);
    return {
      clock,
      store,
      tidy: () => new Housekeeping(parts).once(),
      take: (...messages: JournalMessage[]) => handler.handle(messages),
      handlers,
      list: async (changes: Partial<typeof nothing> = {}) =>
        (await handlers.listEntries({ ...nothing, ...changes })).entries,
    };
  }

  async function empty(): Promise<void> {
    await database.pool.query(
      'TRUNCATE tandem_journal.entry, tandem_journal.minute_count, tandem_journal.hour_count',
    );
  }

  test('OPS-10 an entry is read as it was written, and once however often it comes, by whichever process', async () => {
    await empty();
    const [one, other] = [open(), open()];
    const grown = { count: 4, lastMs: NOON + 5000, source: '192.0.2.7:5099' };
    await Promise.all([one.take(entryMessage()), other.take(entryMessage())]);
    await one.take(entryMessage(grown));
    // What is older comes again after all.
    await other.take(entryMessage({ count: 2 }), entryMessage());
    assert.deepEqual(await one.list(), [entryOf(grown)]);
  });

  test('OPS-10 entries are found by time, kind, cause, outcome, terminal, account, address and block', async () => {
    await empty();
    const { list, take } = open();
    await take(
      entryMessage({ id: 'a' }),
      entryMessage({ id: 'b', firstMs: NOON + 1, terminal: '1002', account: 'other' }),
      entryMessage({ id: 'c', firstMs: NOON + 2, cause: 'expired', source: '[2001:db8::1]:5060' }),
      entryMessage({ id: 'd', firstMs: NOON + 3, cause: 'registered', source: '' }),
      entryMessage({ id: 'e', firstMs: NOON + DAY_MS / 2 + 1, cause: 'of-a-later-version' }),
    );
    const ids = async (filter: Partial<typeof nothing>): Promise<string> =>
      (await list(filter)).map(({ id }) => id).join('');
    assert.equal(await ids({}), 'edcba');
    assert.equal(await ids({ kind: 'registration' }), 'dba');
    assert.equal(await ids({ kind: 'registration-end' }), 'c');
    assert.equal(await ids({ outcome: 'refused' }), 'ba');
    assert.equal(await ids({ cause: 'of-a-later-version' }), 'e');
    assert.equal(await ids({ kind: 'registration', cause: 'expired' }), '');
    assert.equal(await ids({ terminal: '1002' }), 'b');
    assert.equal(await ids({ account: 'other' }), 'b');
    assert.equal(await ids({ source: '192.0.2.7' }), 'eba');
    assert.equal(await ids({ source: '2001:db8::/32' }), 'c');
    assert.equal(await ids({ fromMs: NOON + 1, untilMs: NOON + 3 }), 'cb');
    assert.equal(await ids({ terminal: "'; DROP TABLE tandem_journal.entry; --" }), '');
  });

  test('OPS-09 entries are found by any of their Call-IDs, their own id, and numbers with or without +', async () => {
    await empty();
    const { list, take } = open();
    await take(
      entryMessage({ id: 'a', callIds: ['one@h', 'two@h'], caller: '1001', callee: '+4420' }),
      entryMessage({ id: 'b', firstMs: NOON + 1, callIds: ['two@h'], caller: '1002' }),
    );
    // It has grown, and has one Call-ID more.
    await take(entryMessage({ id: 'a', count: 9, callIds: ['one@h', 'two@h', 'three@h'], caller: '1001', callee: '+4420' })); // prettier-ignore
    const ids = async (filter: Partial<typeof nothing>): Promise<string> =>
      (await list(filter)).map(({ id }) => id).join('');
    assert.equal(await ids({ callId: 'two@h' }), 'ba');
    assert.equal(await ids({ callId: 'three@h' }), 'a');
    assert.equal(await ids({ callId: 'b' }), 'b');
    assert.equal(await ids({ callId: 'none@h' }), '');
    assert.equal(await ids({ callee: '4420' }), 'a');
    assert.equal(await ids({ caller: '+1002' }), 'b');
  });

  test('OPS-10 pages follow each other, newest first, those of one moment too', async () => {
    await empty();
    const { handlers, take } = open();
    const messages = Array.from({ length: 25 }, (_, at) =>
      entryMessage({ id: `id-${String(at).padStart(2, '0')}`, firstMs: NOON + (at >> 2) }),
    );
    await take(...messages);
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await handlers.listEntries({ ...nothing, limit: 10, cursor });
      seen.push(...page.entries.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== '');
    assert.equal(seen.length, 25);
    assert.deepEqual(seen, seen.toSorted().reverse());
  });

  test('OPS-10 days that have been kept for their time go as whole partitions, and what comes late of them is dropped', async () => {
    await empty();
    const { clock, list, take, tidy } = open({ days: 2, historyDays: 3 });
    await take(entryMessage({ id: 'old' }), tallyMessage(60, [{ name: 'refreshed', count: 1 }]));
    await take(tallyMessage(3600, [{ name: 'refreshed', count: 1 }]));
    clock.nowMs += DAY_MS;
    await take(entryMessage({ id: 'new', firstMs: NOON + DAY_MS }));
    clock.nowMs += 2 * DAY_MS;
    await tidy();
    assert.deepEqual((await list()).map(({ id }) => id), ['new']); // prettier-ignore
    await take(entryMessage({ id: 'late' }));
    assert.deepEqual((await list()).map(({ id }) => id), ['new']); // prettier-ignore
    const left = async (table: string): Promise<number> =>
      (await database.pool.query(`SELECT FROM tandem_journal.${table}`)).rowCount ?? 0;
    assert.deepEqual([await left('minute_count'), await left('hour_count')], [0, 1]);
    clock.nowMs += 2 * DAY_MS;
    await tidy();
    assert.deepEqual([(await list()).length, await left('hour_count')], [0, 0]);
    // Those of today and tomorrow stand ready.
    const { rows } = await database.pool.query<{ name: string }>(
      `SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
       WHERE inhparent = 'tandem_journal.entry'::regclass ORDER BY 1`,
    );
    assert.deepEqual(rows.map(({ name }) => name), ['entry_20260618', 'entry_20260619', 'entry_20260620', 'entry_20260621']); // prettier-ignore
  });

  test('OPS-10 a day that another process has dropped meanwhile is made again', async () => {
    await empty();
    const [one, other] = [open(), open()];
    await one.take(entryMessage({ id: 'a' }));
    await other.store.drop({ entriesMs: NOON + 2 * DAY_MS, hoursMs: 0 });
    await one.take(entryMessage({ id: 'b' }), entryMessage({ id: 'c', firstMs: NOON + 1 }));
    assert.deepEqual((await one.list()).map(({ id }) => id), ['c', 'b']); // prettier-ignore
  });

  test('OPS-10 what strangers write breaks nothing: NUL, quotes, something that is no address', async () => {
    await empty();
    const { list, take } = open();
    const text = `a\0b"c\\d'e,{f}`;
    await take(
      entryMessage({
        id: 'a',
        terminal: text,
        userAgent: text,
        facts: [{ name: 'x', value: text }],
      }),
      entryMessage({ id: 'b', source: 'no address:5060' }),
    );
    const [, first] = await list();
    const kept = text.replace('\0', '\u{fffd}');
    assert.deepEqual([first?.terminal, first?.userAgent, first?.facts], [kept, kept, [{ name: 'x', value: kept }]]); // prettier-ignore
  });

  test('REG-06 history: sums of all writers, the level is the highest of them; a repetition adds nothing', async () => {
    await empty();
    const { handlers, take } = open();
    const minute = (writer: string, active: number, startMs = NOON): JournalMessage =>
      tallyMessage(60, [{ name: 'refreshed', count: 10 }, { name: 'active', count: active }, { name: 'of-other-things', count: 1 }], { writer, startMs }); // prettier-ignore
    await take(minute('one', 500), minute('two', 498), minute('one', 510, NOON + 120_000));
    await take(minute('one', 500));
    const range = { fromMs: NOON, untilMs: NOON + 600_000 };
    const { points } = await handlers.registrationHistory({ ...range, stepSeconds: 60 });
    const counts = points.map(({ counts: rows, startMs }) => [
      (startMs - NOON) / 60_000,
      Object.fromEntries(rows.map(({ count, name }) => [name, count])),
    ]);
    assert.deepEqual(counts, [
      [0, { active: 500, refreshed: 20 }],
      [2, { active: 510, refreshed: 10 }],
    ]);
    assert.deepEqual(
      (await handlers.registrationHistory({ ...range, stepSeconds: 3600 })).points,
      [],
    );
  });

  test('REG-06 analysis: by country, network, device and cause, those with most first', async () => {
    await empty();
    const { handlers, take } = open();
    const row = (name: string, network: string, device: string, count: number) => ({ name, network, device, count }); // prettier-ignore
    const rows = [
      row('refreshed', '192.0.2.0/24', 'baresip', 10),
      row('wrong-password', '198.51.100.0/24', 'snom', 30),
      row('registered', '192.0.2.0/24', 'snom', 2),
      row('refreshed', '', '', 1),
    ];
    await take(tallyMessage(3600, rows));
    await take(tallyMessage(3600, rows));
    const by = async (key: string, limit = 0) => {
      const range = { fromMs: NOON, untilMs: NOON + 1 };
      const { rows: found } = await handlers.registrationAnalysis({ ...range, by: key, limit });
      return found.map(({ counts, key: name }) => [
        name,
        counts.map(({ count, name: cause }) => `${cause} ${String(count)}`).join(', '),
      ]);
    };
    assert.deepEqual(await by('country'), [
      ['DE', 'wrong-password 30, refreshed 10, registered 2'],
      ['unknown', 'refreshed 1'],
    ]);
    assert.deepEqual((await by('network', 1))[0], ['198.51.100.0/24', 'wrong-password 30']);
    assert.deepEqual((await by('device')).map(([name]) => name), ['snom', 'baresip', '']); // prettier-ignore
    assert.deepEqual((await by('cause')).at(0), ['wrong-password', 'wrong-password 30']);
  });
});
