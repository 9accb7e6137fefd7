import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registration } from '@tandem/proto/registrar';
import type { JournalEntry } from '@tandem/proto/journal';
import { apiWithExample } from '../../api-under-test.ts';
import { NOON, entryOf, journalPort } from '../../journal-port.ts';

interface Explained {
  readonly account: string;
  readonly status: string;
  readonly summary: string;
  readonly change: string | null;
  readonly registrations: readonly unknown[];
  readonly entries: readonly { readonly cause: string }[];
}

const binding = Registration.create({
  phone: '1001',
  contact: 'sip:1001@192.0.2.7',
  source: '192.0.2.7:5060',
  userAgent: 'baresip',
  // What is shown of the time that is left does not depend on the day.
  expiresMs: 1,
});

async function explained(
  phone: string,
  entries: readonly JournalEntry[],
  bindings: readonly Registration[] = [],
): Promise<Explained> {
  const api = await apiWithExample({
    journal: journalPort(entries),
    registrar: {
      listRegistrations: () =>
        Promise.resolve({ registrations: [...bindings], nextCursor: '', total: 1 }),
      removeRegistrations: () => Promise.resolve({ removed: 0 }),
      listOutbound: () => Promise.resolve({ registrations: [] }),
      retryOutbound: () => Promise.resolve({ registration: undefined }),
    },
  });
  const { body, status } = await api.ask({ url: `/api/v1/explain/registration/${phone}` });
  assert.equal(status, 200);
  return body;
}

test('REG-11 a phone that was refused: the last cause with its value, and what would change it', async () => {
  const older = entryOf({ id: 'a', cause: 'malformed', facts: [{ name: 'fault', value: 'x' }], lastMs: NOON }); // prettier-ignore
  const { account, change, entries, status, summary } = await explained('1001', [older, entryOf()]);
  assert.deepEqual([status, account], ['unregistered', 'demo']);
  assert.match(
    summary,
    /^Phone 1001 is not registered: at 2026-06-15 12:00:05 UTC phone 1001 asked from 192\.0\.2\.7:5060 for 10 s, and 60 s are the least/,
  );
  assert.match(change ?? '', /60 s or more/);
  assert.deepEqual(entries.map(({ cause }) => cause), ['expiry-too-short', 'malformed']); // prettier-ignore
});

test('REG-11 a phone of which nothing was heard, and a name that no phone has', async () => {
  const silent = await explained('1001', []);
  assert.match(silent.summary, /no REGISTER of it has come/);
  assert.match(silent.change ?? '', /firewall/);
  const stranger = await explained('4711', [entryOf({ cause: 'unknown-user', facts: [], terminal: '4711' })]); // prettier-ignore
  assert.equal(stranger.status, 'unknown-phone');
  assert.match(stranger.summary, /^No phone 4711 is configured/);
  assert.match(stranger.change ?? '', /Configure a phone with the user name 4711/);
});

test('REG-11 a phone that is there: where, and for how long; nothing need change', async () => {
  const registered = entryOf({
    cause: 'registered',
    facts: [
      { name: 'contact', value: 'sip:1001@192.0.2.7' },
      { name: 'expires', value: '600' },
      { name: 'transport', value: 'udp' },
    ],
  });
  const { change, registrations, status, summary } = await explained(
    '1001',
    [registered],
    [binding],
  );
  assert.deepEqual([status, change, registrations.length], ['registered', null, 1]);
  assert.equal(
    summary,
    'Phone 1001 is registered: sip:1001@192.0.2.7 from 192.0.2.7:5060 over udp, baresip, for 0 s more.',
  );
});

test('REG-10 a phone whose devices keep taking the place of each other is shown as such', async () => {
  const replaced = entryOf({
    cause: 'replaced',
    count: 12,
    facts: [
      { name: 'contact', value: 'sip:a@192.0.2.7' },
      { name: 'source-before', value: '192.0.2.7:5060' },
      { name: 'by', value: 'sip:b@192.0.2.8' },
      { name: 'SERVER_REGISTRAR_MAX_BINDINGS', value: '1' },
    ],
  });
  const { change, summary } = await explained('1001', [replaced], [binding]);
  assert.match(summary, /keep taking each other's place, 12 times of late/);
  assert.match(change ?? '', /more devices/);
});
