import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiUnderTest } from '../../api-under-test.ts';
import { entryOf, journalPort } from '../../journal-port.ts';

const url = '/api/v1/journal';

test('OPS-10 the journal is asked by time, kind, cause, outcome, terminal, account, address and cursor', async () => {
  const journal = journalPort([entryOf(), entryOf({ id: 'x', cause: 'of-later', facts: [] })]);
  const api = await apiUnderTest({ journal });
  const query = 'from=2026-06-15&until=2026-06-16&kind=registration&cause=expired&outcome=refused&terminal=1001&account=demo&source=192.0.2.0/24&limit=5&cursor=c'; // prettier-ignore
  const answer = await api.ask({ url: `${url}?${query}` });
  assert.equal(answer.status, 200);
  assert.deepEqual(journal.asked, [
    {
      fromMs: Date.parse('2026-06-15'),
      untilMs: Date.parse('2026-06-16'),
      kind: 'registration',
      cause: 'expired',
      outcome: 'refused',
      terminal: '1001',
      account: 'demo',
      source: '192.0.2.0/24',
      callId: '',
      caller: '',
      callee: '',
      limit: 5,
      cursor: 'c',
    },
  ]);
  const { entries, nextCursor } = answer.body as { entries: unknown[]; nextCursor: string };
  assert.equal(nextCursor, 'next');
  assert.deepEqual(entries[0], {
    id: 'life.1',
    first: '2026-06-15T12:00:00.000Z',
    last: '2026-06-15T12:00:05.000Z',
    count: 3,
    kind: 'registration',
    cause: 'expiry-too-short',
    outcome: 'refused',
    terminal: '1001',
    account: 'demo',
    source: '192.0.2.7:5060',
    userAgent: '=baresip, v1',
    text: 'Phone 1001 asked from 192.0.2.7:5060 for 10 s, and 60 s are the least (SS_ENDPOINT_EXPIRE_MIN, or registration.minExpires of the phone), 3 times within a minute.',
    change: 'Set the time of registration in the phone to 60 s or more, or lower the least one.',
    facts: { asked: '10', SS_ENDPOINT_EXPIRE_MIN: '60' },
    callIds: [],
    caller: '',
    callee: '',
    writer: 'pod-1',
  });
});

test('OPS-10 a page is written as CSV, with the cursor in a header; what strangers write is no formula', async () => {
  const api = await apiUnderTest({ journal: journalPort([entryOf()]) });
  const { headers, text } = await api.ask({ url: `${url}?format=csv` });
  assert.equal(headers['x-next-cursor'], 'next');
  const [titles, row] = text.split('\r\n');
  assert.equal(
    titles,
    'first,last,count,kind,cause,outcome,terminal,account,source,userAgent,text,writer',
  );
  assert.match(
    row ?? '',
    /^2026-06-15T12:00:00.000Z,2026-06-15T12:00:05.000Z,3,registration,expiry-too-short,refused,1001,demo,192.0.2.7:5060,"'=baresip, v1",/,
  );
});

test('OPS-10 what is asked wrongly is told, and that there is no journal', async () => {
  const api = await apiUnderTest({ journal: journalPort([]) });
  for (const [query, text] of [
    ['source=300.1.1.1', '300.1.1.1'],
    ['kind=registrations', 'kind'],
    ['from=yesterday', 'yesterday'],
  ] as const) {
    const { body, status } = await api.ask({ url: `${url}?${query}` });
    assert.equal(status, 400, query);
    assert.ok(JSON.stringify(body).includes(text), query);
  }
  const none = await (await apiUnderTest()).ask({ url });
  assert.equal(none.status, 503);
  assert.match(JSON.stringify(none.body), /TANDEM_JOURNAL_ADDRESS/);
});
