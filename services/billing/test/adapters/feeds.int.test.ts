import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ListCdrsRequest, Terms } from '@tandem/proto/billing';
import type { CallEvent } from '@tandem/proto/events';
import { silentLogger } from '@tandem/service';
import { postCdrs } from '../../src/adapters/cdr-webhook.ts';
import { exportPage } from '../../src/api/export-page.ts';
import { createEventHandler } from '../../src/api/event-handler.ts';
import { CdrFeeder, fileFeed, webhookFeed } from '../../src/cdr-feeds.ts';
import type { CdrFeed } from '../../src/cdr-feeds.ts';
import { endedEvent, received, terms } from '../support/call-events.ts';
import { openBillingStore } from '../support/billing-store.ts';
import type { TestBillingStore } from '../support/billing-store.ts';

const logger = silentLogger();

interface Sent {
  readonly batch: number;
  readonly ids: readonly string[];
}

describe('feeds of CDRs', () => {
  let database: TestBillingStore;
  let folder: string;
  let nowMs = 0;

  before(async () => {
    database = await openBillingStore();
  });
  beforeEach(async () => {
    await database.empty();
    folder = await mkdtemp(join(tmpdir(), 'tandem-feed-'));
    nowMs = 1_000_000;
  });
  after(async () => {
    await database.close();
  });

  const feeder = (feed: CdrFeed) =>
    new CdrFeeder({ feed, store: database.store.feeds, logger, now: () => nowMs });

  const end = (...callIds: string[]): Promise<void> => store(callIds.map((callId) => endedEvent(callId))); // prettier-ignore

  async function store(events: readonly CallEvent[]): Promise<void> {
    const onCharged = () => Promise.resolve();
    const handler = createEventHandler({ store: database.store, logger, onCharged });
    await handler.handle(events.map(received));
  }

  /** The call ids in each file, in the order of the files. */
  async function files(): Promise<string[][]> {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
    return Promise.all(
      names.map(async (name) => {
        const text = gunzipSync(await readFile(join(folder, name))).toString();
        const [, ...lines] = text.trimEnd().split('\r\n');
        return lines.map((line) => line.split(',')[0] ?? '');
      }),
    );
  }

  test('BILL-06 files have each CDR once, from the moment at which the feed was set up', async () => {
    await end('before');
    const feed = feeder(fileFeed(folder, 1000));
    await feed.look();
    assert.deepEqual(await files(), []);
    await end('a', 'b');
    // Two processes at once are one.
    await Promise.all([feed.look(), feeder(fileFeed(folder, 1000)).look()]);
    await end('a', 'c');
    await feed.look();
    await feed.look();
    assert.deepEqual(await files(), [['a', 'b'], ['c']]);
    const names = (await readdir(folder)).sort();
    assert.match(names[0] ?? '', /^cdrs-\d{8}T\d{6}Z-00000001\.csv\.gz$/);
    assert.match(names[1] ?? '', /-00000002\.csv\.gz$/);
    await rm(folder, { recursive: true });
  });

  test('BILL-04 a process that dies after it has written a file: the next one writes the same under the same name', async () => {
    const whole = fileFeed(folder, 1000);
    await feeder(whole).look();
    await end('a');
    const dying: CdrFeed = {
      ...whole,
      send: async (batch, rows) => {
        await whole.send(batch, rows);
        throw new Error('killed');
      },
    };
    await feeder(dying).look();
    const written = await readdir(folder);
    // It came after that batch was fixed, and is in the next one.
    await end('b');
    await feeder(whole).look();
    assert.deepEqual((await readdir(folder)).slice(0, 1), written);
    assert.deepEqual(await files(), [['a'], ['b']]);
    await rm(folder, { recursive: true });
  });

  test('BILL-04 a transaction that ends late is waited for: no CDR is left out', async () => {
    const feed = feeder(fileFeed(folder, 1000));
    await feed.look();
    const late = await database.pool.connect();
    await late.query('BEGIN');
    // Takes a number, and keeps it to itself for now.
    await late.query(
      `INSERT INTO tandem_billing.cdr (call_id, started_at, ended_at, reason, code, billed_seconds, price, cost, event)
       VALUES ('late', '2026-11-21T12:00:00Z', '2026-11-21T12:00:00Z', 'NoRoute', 503, 0, 0, 0, '')`,
    );
    const looking = feed.look();
    const writing = end('early');
    await late.query('COMMIT');
    late.release();
    await Promise.all([looking, writing]);
    await feed.look();
    assert.deepEqual((await files()).flat().toSorted(), ['early', 'late']);
    await rm(folder, { recursive: true });
  });

  test('BILL-06 a web hook gets signed batches in their order, and the same one again until it has taken it', async () => {
    const secretFile = join(folder, 'secret');
    await writeFile(secretFile, 'of-this-test\n');
    const sent: Sent[] = [];
    let isRefusing = true;
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const [, seconds = '', signature = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request.headers['tandem-signature'])) ?? []; // prettier-ignore
        const right = createHmac('sha256', 'of-this-test')
          .update(`${seconds}.${body}`)
          .digest('hex');
        assert.equal(signature, right);
        const { batch, cdrs } = JSON.parse(body) as { batch: number; cdrs: { call_id: string; code: number; price: string }[] }; // prettier-ignore
        assert.equal(String(batch), request.headers['tandem-batch']);
        assert.deepEqual([cdrs[0]?.code, cdrs[0]?.price], [200, '0.0123']);
        sent.push({ batch, ids: cdrs.map(({ call_id: callId }) => callId) });
        response.writeHead(isRefusing ? 503 : 204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/cdrs`;
    const feed = feeder(webhookFeed({ url, secretFile, now: () => nowMs }));
    await feed.look();
    await end('a');
    await feed.look();
    await end('b');
    // It was refused a moment ago.
    await feed.look();
    assert.equal(sent.length, 1);
    nowMs += 1000;
    await feed.look();
    isRefusing = false;
    nowMs += 2000;
    await feed.look();
    await feed.look();
    const first = { batch: 1, ids: ['a'] };
    assert.deepEqual(sent, [first, first, first, { batch: 2, ids: ['b'] }]);
    assert.equal(await database.store.feeds.behind('webhook'), 0);
    server.close();
    await rm(folder, { recursive: true });
  });

  test('BILL-06 BILL-01 export, file and web hook say by whose rates a call was charged, and what each reseller owes', async () => {
    const feed = feeder(fileFeed(folder, 1000));
    await feed.look();
    const resellers = [terms({ account: 'north', pricePerMinute: '0.02', rateGroup: 'north' })];
    const customerTerms = Buffer.from(Terms.encode(terms({ rateSheetVersion: 3, resellers })).finish()); // prettier-ignore
    await store([endedEvent('resold', { customerTerms }), endedEvent('sold')]);
    await feed.look();
    const [name = ''] = await readdir(folder);
    const file = gunzipSync(await readFile(join(folder, name))).toString();
    const { csv } = await exportPage(ListCdrsRequest.create(), database.store);
    const tables = [file, csv.toString()].map((text) => {
      const [head = '', ...lines] = text.trimEnd().split('\r\n');
      return lines.map((line) => {
        // Its rate in words is the one text with commas, and the last but for empty ones.
        const values = line.split(',"')[0]?.split(',') ?? [];
        return Object.fromEntries(head.split(',').map((column, at) => [column, values[at] ?? '']));
      });
    });
    const names = ['call_id', 'rate_group', 'rate_sheet_version', 'configuration_version', 'level_1_account', 'level_1_price'] as const; // prettier-ignore
    for (const rows of tables) {
      assert.deepEqual(rows.map((row) => names.map((column) => row[column])), [
        ['resold', 'standard', '3', '1', 'north', '0.02'],
        ['sold', 'standard', '', '1', '', ''],
      ]); // prettier-ignore
    }
    for (const text of [file, csv.toString()]) assert.match(text, /,"0\.02 a minute, 60\/60, prefix 44, rate group north",,,,,,\r\n/); // prettier-ignore
    const secretFile = join(folder, 'secret');
    await writeFile(secretFile, 'of-this-test\n');
    const posted: unknown[] = [];
    const take = (_url: unknown, init?: RequestInit): Promise<Response> => {
      posted.push(init?.body);
      return Promise.resolve(new Response(null, { status: 204 }));
    };
    const { rows: texts } = await database.store.exportCdrs({ limit: 10 });
    await postCdrs({ url: 'http://127.0.0.1/', secretFile, fetch: take }, 1, texts);
    const { cdrs, version } = JSON.parse(String(posted[0])) as { version: number; cdrs: Record<string, unknown>[] }; // prettier-ignore
    assert.equal(version, 1);
    assert.deepEqual(cdrs.map((cdr) => names.map((column) => cdr[column])), [
      ['resold', 'standard', 3, 1, 'north', '0.02'],
      ['sold', 'standard', null, 1, null, null],
    ]); // prettier-ignore
    await rm(folder, { recursive: true });
  });
});
