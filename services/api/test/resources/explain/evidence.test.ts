import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationSchema } from '@tandem/config';
import type { DecisionRecord } from '@tandem/domain';
import { Call } from '@tandem/proto/edge';
import type { JournalEntry } from '@tandem/proto/journal';
import { gatherEvidence } from '../../../src/resources/explain/evidence.ts';
import { emptyPorts } from '../../api-under-test.ts';
import { made, refusedCdr } from '../../calls.ts';
import { entryOf } from '../../journal-port.ts';

const START = Date.UTC(2026, 10, 21, 10, 0, 0);

/** Versions, the oldest first, by what they lock. */
function documents(...locked: readonly boolean[]) {
  const versions = locked.map((isLocked, at) => ({
    version: at + 1,
    appliedAt: new Date(START - (locked.length - at) * 60_000),
    appliedBy: `operator-${String(at + 1)}`,
    note: at === 1 ? 'unpaid' : '',
    configuration: configurationSchema.parse({
      rateGroups: [
        {
          name: 'standard',
          currency: 'USD',
          rates: [
            { prefix: '44', pricePerMinute: '1' },
            { prefix: '90', pricePerMinute: '1', effectiveFrom: '2099-01-01T00:00:00Z' },
          ],
        },
      ],
      accounts: [{ name: 'demo', rateGroup: 'standard', status: isLocked ? 'locked' : 'active' }],
    }),
  }));
  const newest = versions.at(-1);
  const store = {
    current: () => Promise.resolve(newest),
    list: () => Promise.resolve(versions.toReversed()),
    get: (version: number) => Promise.resolve(versions[version - 1]),
  };
  return { store } as unknown as Parameters<typeof gatherEvidence>[0]['documents'];
}

const noSheets = { near: () => Promise.resolve([]) } as unknown as Parameters<
  typeof gatherEvidence
>[0]['rates'];

interface World {
  readonly documents?: ReturnType<typeof documents>;
  readonly ports?: object;
  readonly entries?: readonly JournalEntry[];
}

function told(decisions: DecisionRecord[], world: World = {}): Promise<readonly string[]> {
  const ports = { ...emptyPorts(), ...world.ports };
  return gatherEvidence(
    { documents: world.documents ?? documents(false), ports, rates: noSheets },
    { decisions, entries: world.entries ?? [], atMs: START },
  );
}

test('OPS-09 who has locked an account is who applied the first of the versions that have it so', async () => {
  const locked = [made('account-locked', 'account demo', { status: 'locked' })];
  assert.deepEqual(await told(locked, { documents: documents(false, true, true) }), [
    'Account demo has status: locked since version 2 of the configuration, which operator-2 applied at 2026-11-21T09:58:00.000Z, with the note "unpaid".',
  ]);
});

test('DENY-06 the rates that come nearest are told, and one that is not in effect', async () => {
  const missing = (callee: string) => [
    made('rate-missing', 'account demo', { callee, rateGroup: 'standard' }),
  ];
  assert.deepEqual(await told(missing('457')), [
    'The prefixes of rate group standard that come nearest to 457 are 44.',
  ]);
  assert.deepEqual(await told(missing('1')), [
    'No prefix of rate group standard begins as 1 does.',
  ]);
  assert.deepEqual(await told(missing('901')), [
    'Rate group standard has a rate for prefix 90, in effect from 2099-01-01T00:00:00Z.',
  ]);
});

test('DENY-06 a number that would have a rate without what was dialled before it is told so', async () => {
  const missing = [
    made('rate-missing', 'account demo', { callee: '0044123', rateGroup: 'standard' }),
  ];
  assert.deepEqual(await told(missing), [
    'No prefix of rate group standard begins as 0044123 does.',
    'Without 00 at its beginning it is 44123, which prefix 44 of rate group standard matches: a number rule that strips it (numberRules) makes it so.',
  ]);
});

const removed = entryOf({
  cause: 'removed-by-operator',
  terminal: '1002',
  source: '',
  count: 1,
  lastMs: START - 5000,
  facts: [
    { name: 'contact', value: 'sip:1002@192.0.2.7' },
    { name: 'operator', value: 'mary' },
  ],
});
const journalOf = (...entries: JournalEntry[]) => ({
  ports: { journal: { listEntries: () => Promise.resolve({ entries, nextCursor: '' }) } },
});

test('DENY-10 why the called phone is not registered is what the journal has of it last', async () => {
  const absent = [made('no-gateway', 'callee 1002', { matchingGateways: 0 }, 'NotRegistered')];
  const later = { ...removed, cause: 'wrong-password', facts: [], lastMs: START + 5000 };
  assert.deepEqual(await told(absent, journalOf(later, removed)), [
    'At 2026-11-21T09:59:55.000Z an operator (mary) removed sip:1002@192.0.2.7 of phone 1002.',
  ]);
  assert.deepEqual(await told(absent, journalOf()), [
    'No REGISTER of phone 1002 has come, as far back as the journal goes.',
  ]);
});

test('REG-04 of a registered phone that kept silent the lost keepalives are told, unless it has registered since', async () => {
  const silent = [
    made('nothing-received', 'routing-gateway phone 1002', {
      timer: 'SS_SIP_TIMEOUT_INVITE',
      'waited-ms': 10_000,
      address: '192.0.2.7:5060',
    }),
  ];
  const lost = {
    ...removed,
    cause: 'keepalive-lost',
    facts: [
      { name: 'contact', value: 'sip:1002@192.0.2.7' },
      { name: 'unanswered', value: '3' },
    ],
  };
  const [line = ''] = await told(silent, journalOf(lost));
  assert.match(
    line,
    /phone 1002 left 3 keepalives in a row unanswered \(OPTIONS, SS_ENDPOINT_KEEPALIVE_LIMIT\)/,
  );
  const since = { ...removed, cause: 'registered', lastMs: START - 1000 };
  assert.deepEqual(await told(silent, journalOf(lost, since)), []);
});

test('ROUTE-05 who holds lines is told with whose the call is and since when, also once it has ended', async () => {
  const full = [
    made('lines-in-use', 'account demo', {
      limit: 2,
      limitOf: 'account demo',
      inUse: 2,
      holders: 'call-8 call-1',
    }),
  ];
  const origin = { kind: 'phone', name: '1001', account: 'demo' };
  const call = Call.create({ callId: 'call-8', callee: '441', startedMs: START, origin });
  const edge = {
    ...emptyPorts().edge,
    getCall: ({ callId }: { callId: string }) =>
      Promise.resolve({ call: callId === 'call-8' ? call : undefined }),
  };
  const cdr = refusedCdr('NoRate', 403, []);
  const billing = { ...emptyPorts().billing, getCdr: () => Promise.resolve({ cdrs: [cdr] }) };
  const [first, second = ''] = await told(full, { ports: { edge, billing } });
  assert.equal(first, 'Call call-8 is of 1001 to 441, since 2026-11-21T10:00:00.000Z.');
  assert.match(second, /^Call call-1 was of 1001 to .*, from 2026-11-21T10:00:00\.000Z until/);
});

test('DENY-19 from when to when a part was away is told by the pods that missed it, the absence of the call alone', async () => {
  const entry = (cause: string, atMs: number, facts: Record<string, string>) => ({
    ...entryOf({
      cause,
      terminal: 'registrar',
      facts: Object.entries(facts).map(([name, value]) => ({ name, value })),
    }),
    firstMs: atMs,
    lastMs: atMs,
  });
  const since = (ms: number) => new Date(START + ms).toISOString();
  const part = 'registrar';
  const entries = [
    // An earlier one, which is over.
    entry('part-away', START - 60_000, { part }),
    entry('part-back', START - 50_000, { part, since: since(-60_000), seconds: '10' }),
    entry('part-away', START - 2000, { part }),
    entry('part-back', START + 7000, { part, since: since(-2000), seconds: '9' }),
    // Another pod saw it go earlier.
    entry('part-back', START + 6000, { part, since: since(-3000), seconds: '9' }),
  ];
  const journal = { listEntries: () => Promise.resolve({ entries, nextCursor: '' }) };
  const error = 'routing: SWITCH_SERVICE_UNAVAILABLE: registrar is away';
  const missed = { ...made('part-away', 'routing', { error }), atMs: START };
  assert.deepEqual(await told([missed], { ports: { journal } }), [
    'The service registrar was away from 2026-11-21T09:59:57.000Z until 2026-11-21T10:00:07.000Z, 10 s.',
  ]);
  const still = { listEntries: () => Promise.resolve({ entries: [entry('part-away', START - 2000, { part })], nextCursor: '' }) }; // prettier-ignore
  assert.deepEqual(await told([missed], { ports: { journal: still } }), [
    'The service registrar is away since 2026-11-21T09:59:58.000Z, and is not back.',
  ]);
});

test('DENY-14 what came from a silent gateway is told: no SIP, or an answer that was late', async () => {
  const address = '192.0.2.1:5060';
  const silent = [
    made('nothing-received', 'routing-gateway a', {
      timer: 'SS_SIP_TIMEOUT_INVITE',
      'waited-ms': 10_000,
      address,
    }),
  ];
  const fault = [{ name: 'fault', value: 'there is no status' }];
  const entries = [
    entryOf({ cause: 'unreadable', source: address, terminal: '', facts: fault }),
    entryOf({ cause: 'unreadable', source: '192.0.2.9:5060', terminal: '', facts: fault }),
  ];
  const journal = { listEntries: () => Promise.resolve({ entries, nextCursor: '' }) };
  const late = entryOf({
    cause: 'answered-late',
    terminal: 'a',
    facts: Object.entries({ contact: address, code: '200', 'after-ms': '12500', 'waited-ms': '10000' }).map(([name, value]) => ({ name, value })), // prettier-ignore
  });
  assert.deepEqual(await told(silent, { ports: { journal }, entries: [late] }), [
    'Meanwhile a message from 192.0.2.1:5060 is no SIP that could be answered: there is no status; it got no answer, 3 times within a minute.',
    'Gateway a (192.0.2.1:5060) answered 200 after 12.5 s, when it had been given up after 10 s, 3 times within a minute.',
  ]);
});

test('OPS-09 what cannot be asked is left out', async () => {
  const away = () => Promise.reject(new Error('away'));
  const store = { current: away, list: away, get: away };
  const broken = { store } as unknown as ReturnType<typeof documents>;
  const locked = [made('account-locked', 'account demo', { status: 'locked' })];
  assert.deepEqual(await told(locked, { documents: broken }), []);
});
