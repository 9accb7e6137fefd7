import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './command-line.ts';

const account = {
  name: 'demo',
  type: 'customer',
  status: 'active',
  balance: '99.9877',
  currency: 'USD',
  overdraft: '0',
  rateGroup: 'standard',
  validUntil: null,
  lineLimit: 0,
};

test('BILL-01 accounts are listed with their balances', async () => {
  const { stdout } = await run(['accounts'], {
    answer: () => ({ accounts: [account, { name: 'new', balance: null }] }),
  });
  assert.deepEqual(stdout.split('\n'), [
    'ACCOUNT  TYPE      STATUS  BALANCE  CURRENCY  OVERDRAFT  RATE GROUP  RESELLER  VALID UNTIL  LINES',
    'demo     customer  active  99.9877  USD               0  standard                               0',
    'new                              -',
    '',
  ]);
  const one = await run(['accounts', 'demo', '--json'], { answer: () => account });
  assert.equal(one.received[0]?.path, '/accounts/demo');
  assert.deepEqual(JSON.parse(one.stdout), account);
});

test('BILL-01 a payment is booked, negative ones too, and a second one told', async () => {
  const booked = await run(['accounts', 'pay', 'demo', '-5', '--reference', 'r1'], {
    answer: () => ({ account, isBooked: true }),
  });
  assert.equal(booked.received[0]?.path, '/accounts/demo/payments');
  assert.deepEqual(JSON.parse(booked.received[0].body), {
    amount: '-5',
    reference: 'r1',
    note: '',
    kind: 'payment',
  });
  assert.equal(booked.stdout, 'Booked -5: demo has 99.9877 USD now.\n');
  const again = await run(['accounts', 'pay', 'demo', '5', '--reference', 'r1', '--note', 'n'], {
    answer: () => ({ account, isBooked: false }),
  });
  assert.match(again.stdout, /^Reference r1 was booked before, nothing was done/);
  const json = await run(['accounts', 'pay', 'demo', '5', '--reference', 'r1', '--json'], {
    answer: () => ({ account, isBooked: true }),
  });
  assert.deepEqual(JSON.parse(json.stdout), { account, isBooked: true });
});

test('BILL-10 payments are listed, or written as CSV; a statement begins and ends with a balance', async () => {
  const payment = {
    at: '2026-11-20T10:00:00.000Z',
    account: 'demo',
    kind: 'recharge',
    amount: '20',
    currency: 'USD',
    balanceAfter: '120',
    bookedBy: 'somebody',
    reference: 'r1',
    note: 'n, m',
  };
  const answer = () => ({ payments: [payment], nextCursor: null });
  const list = await run(['accounts', 'payments', 'demo', '--kind', 'recharge'], { answer });
  assert.equal(list.received[0]?.path, '/payments?account=demo&kind=recharge&limit=100');
  assert.match(list.stdout, /recharge +20 +USD +120 +somebody +r1/);
  const csv = await run(['accounts', 'payments', '--csv'], { answer });
  assert.match(csv.stdout, /demo,recharge,20,USD,120,somebody,r1,"n, m"/);
  const line = { ...payment, balance: '120', entries: 1 };
  const statement = {
    currency: 'USD',
    openingBalance: '100',
    closingBalance: '120',
    lines: [line],
  };
  const shown = await run(['accounts', 'statement', 'demo', '--from', '30d'], {
    answer: () => ({ ...statement, isCut: true }),
  });
  assert.equal(shown.received[0]?.path, '/accounts/demo/statement?from=30d');
  assert.match(shown.stdout, /^Before: 100 USD\n[^]*After: 120 USD\nThere are more lines/);
});

test('BILL-09 the daily comparisons are listed, and below them what differed', async () => {
  const day = {
    day: '2026-11-20',
    doneAt: '2026-11-21T01:10:00.000Z',
    cdrs: 12,
    answered: 9,
    ledgerEntries: 18,
    open: 1,
    provisional: 0,
    isLogRead: true,
    differences: [{ kind: 'charge', subject: 'call c-1', expected: '1.0123', found: '0.0123' }],
  };
  const answer = () => ({ reconciliations: [day, { ...day, day: '2026-11-19', differences: [] }] });
  const shown = await run(['reconciliations', '--limit', '2'], { answer });
  assert.equal(shown.received[0]?.path, '/reconciliations?limit=2');
  assert.deepEqual(shown.stdout.split('\n'), [
    'DAY (UTC)   COMPARED (UTC)       CDRS  ANSWERED  ENTRIES  OPEN  PROVISIONAL  LOG       DIFFERENCES',
    '2026-11-20  2026-11-21 01:10:00    12         9       18     1            0  compared            1',
    '2026-11-19  2026-11-21 01:10:00    12         9       18     1            0  compared            0',
    '',
    'DAY (UTC)   WHAT DIFFERS  OF        EXPECTED   FOUND',
    '2026-11-20  charge        call c-1    1.0123  0.0123',
    '',
  ]);
  const json = await run(['reconciliations', '--json'], { answer });
  assert.deepEqual(JSON.parse(json.stdout.split('\n')[0] ?? ''), day);
});

test('AUTH-07 suspensions are listed and lifted by the terminal as listed', async () => {
  const suspension = {
    terminal: 'phone 1001',
    since: '2026-11-21T12:00:00.000Z',
    until: '2026-11-21T12:03:00.000Z',
    failures: 6,
    lastSource: '127.0.0.1:5060',
    cause: 'wrong password',
  };
  const list = await run(['suspensions'], { answer: () => ({ suspensions: [suspension] }) });
  assert.match(
    list.stdout,
    /phone 1001 {2}2026-11-21 12:00:00 {2}2026-11-21 12:03:00 +6 {2}127.0.0.1:5060 {2}wrong password/,
  );
  assert.equal((await run(['suspensions'])).stdout, 'Nobody is suspended.\n');
  const lifted = await run(['suspensions', 'lift', 'phone', '1001'], {
    answer: () => ({ suspensions: [] }),
  });
  assert.equal(lifted.received[0]?.method, 'DELETE');
  assert.equal(lifted.received[0].path, '/suspensions/phone%201001');
  assert.equal(lifted.stdout, 'The suspension of phone 1001 is lifted; 0 left.\n');
  const json = await run(['suspensions', 'lift', 'phone 1001', '--json']);
  assert.equal(json.stdout, '{"terminal":"phone 1001","isLifted":true}\n');
});

test('AUTH-08 the black list is listed, added to and lifted from', async () => {
  const source = {
    source: '203.0.113.7',
    since: '2026-11-21T12:00:00.000Z',
    until: '2026-11-21T13:00:00.000Z',
    failures: 100,
    cause: 'wrong password',
  };
  const list = await run(['blacklist'], { answer: () => ({ sources: [source] }) });
  assert.match(list.stdout, /203\.0\.113\.7 {2}2026-11-21 12:00:00 {2}2026-11-21 13:00:00 +100/);
  const none = await run(['blacklist'], { answer: () => ({ sources: [] }) });
  assert.equal(none.stdout, 'No source is black-listed.\n');
  const answer = () => ({ sources: [] });
  const added = await run(['blacklist', 'add', '203.0.113.9', '--seconds', '60'], { answer });
  assert.equal(added.received[0]?.method, 'POST');
  assert.equal(added.stdout, '203.0.113.9 gets no answer for 60 s.\n');
  const wrong = await run(['blacklist', 'add', '203.0.113.9', '--seconds', '0'], { answer });
  assert.match(wrong.stderr, /must be whole seconds from 1 to 604800/);
  assert.equal(wrong.received.length, 0);
  const lifted = await run(['blacklist', 'lift', '2001:db8:0:0::/64'], { answer });
  assert.equal(lifted.received[0]?.method, 'DELETE');
  assert.equal(lifted.received[0].path, '/blacklist/2001%3Adb8%3A0%3A0%3A%3A%2F64');
  assert.equal(lifted.stdout, '2001:db8:0:0::/64 is answered again.\n');
});

test('OPS-10 who has not proved himself is listed', async () => {
  const failure = {
    user: 'phone 1001',
    source: '203.0.113.7',
    first: '2026-11-21T12:00:00.000Z',
    last: '2026-11-21T12:01:00.000Z',
    count: 6084,
    reason: 'Suspended',
    cause: 'wrong password',
    explanation: '',
  };
  const list = await run(['auth-failures'], { answer: () => ({ failures: [failure] }) });
  assert.match(list.stdout, /phone 1001 {2}203\.0\.113\.7 .* 6084 {2}Suspended {2}wrong password/);
  const none = await run(['auth-failures'], { answer: () => ({ failures: [] }) });
  assert.equal(none.stdout, 'Nobody has failed within a day.\n');
});

test('ROUTE-05 lines are listed with their holders, the first five', async () => {
  const holders = Array.from({ length: 7 }, (_, index) => ({
    callId: `c${String(index)}`,
    since: '2026-11-21T12:00:00.000Z',
  }));
  const lines = [
    { subject: 'account demo', inUse: 7, limit: 0, holders },
    { subject: 'phone 1001', inUse: 1, limit: 2, holders: holders.slice(0, 1) },
  ];
  const { stdout, received } = await run(['lines', 'account', 'demo'], {
    answer: () => ({ lines }),
  });
  assert.equal(received[0]?.path, '/lines?subject=account+demo');
  assert.match(stdout, /account demo {7}7 {3}none {2}c0 \(2026-11-21 12:00:00\), .* and 2 more/);
  assert.match(stdout, /phone 1001 {9}1 {6}2 {2}c0 \(2026-11-21 12:00:00\)\n$/);
  assert.equal((await run(['lines'])).stdout, 'No line is in use.\n');
});

test('ROUTE-12 route tells where a call would go', async () => {
  const candidates = [
    {
      gateway: 'carrier-a',
      group: null,
      account: 'vendor-x',
      addresses: ['127.0.0.1:5070', 'h:1'],
      caller: '1',
      callee: '44',
      isChosen: true,
    },
    { gateway: 'carrier-b', addresses: [], isChosen: false },
  ];
  const answer = () => ({
    summary: 'The call would go to carrier-a.',
    change: null,
    candidates,
    steps: [],
  });
  const { stdout, received } = await run(['route', '44', '--from', 'gw-a', '--caller', '1'], {
    answer,
  });
  assert.equal(received[0]?.path, '/route?from=gw-a&caller=1&callee=44');
  assert.match(stdout, /^The call would go to carrier-a\.\n/);
  assert.match(stdout, /^\* {2}carrier-a {9}vendor-x {2}127.0.0.1:5070 h:1 {2}1 /m);
  assert.match(stdout, /^ {3}carrier-b$/m);
  const refused = await run(['route', '33', '--from', 'gw-a'], {
    answer: () => ({ summary: 'Refused.', change: 'Add a rate.' }),
  });
  assert.equal(refused.stdout, 'Refused.\nWhat would change it: Add a rate.\n');
  const json = await run(['route', '44', '--from', 'gw-a', '--json'], { answer });
  assert.equal(json.stdout.trim().split('\n').length, 1);
});

test('ROUTE-06 OPS-02 gateways that rest are listed, and one may be used again', async () => {
  const rest = {
    gateway: 'carrier-a',
    until: '2026-11-21T12:05:00.000Z',
    seconds: 300,
    callId: 'c1',
  };
  const { stdout, received } = await run(['rests'], { answer: () => ({ rests: [rest] }) });
  assert.equal(received[0]?.path, '/gateway-rests');
  assert.match(stdout, /^GATEWAY +UNTIL \(UTC\) +SECONDS +AFTER CALL\ncarrier-a .* 300 +c1\n$/);
  const none = await run(['rests'], { answer: () => ({ rests: [] }) });
  assert.equal(none.stdout, 'No gateway rests.\n');
  const ended = await run(['rests', 'end', 'carrier-a'], { answer: () => ({ rests: [] }) });
  assert.equal(ended.received[0]?.path, '/gateway-rests/carrier-a');
  assert.equal(ended.stdout, 'Calls go to carrier-a again.\n');
  const json = await run(['rests', 'end', 'carrier-a', '--json'], { answer: () => ({}) });
  assert.deepEqual(JSON.parse(json.stdout), { gateway: 'carrier-a', isEnded: true });
});
