import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './command-line.ts';

const registration = {
  phone: '1001',
  kind: 'phone',
  account: 'demo',
  status: 'registered',
  contact: 'sip:1001@10.0.0.7:5060',
  expiresInSeconds: 540,
  expiresAt: '2026-11-21T10:09:00.000Z',
  source: '192.0.2.7:40312',
  transport: 'udp',
  isBehindNat: true,
  userAgent: '=Yealink, T46S',
  registeredAt: '2026-11-21T10:00:00.000Z',
  path: ['<sip:a>', '<sip:b>'],
};

test('REG-05 registrations are listed, page after page, by a filter', async () => {
  let page = 0;
  const { received, stdout } = await run(
    ['registrations', '--user-agent', 'yea', '--source', '192.0.2.0/24', '--sort', 'expires'],
    {
      answer: () => {
        page += 1;
        const nextCursor = page === 1 ? 'next' : null;
        return { registrations: page === 1 ? [] : [registration], nextCursor, total: 4711 };
      },
    },
  );
  assert.deepEqual(stdout.split('\n'), [
    'PHONE  ACCOUNT  KIND   STATUS      CONTACT                 SECONDS LEFT  SOURCE                     REGISTERED (UTC)     USER-AGENT',
    '1001   demo     phone  registered  sip:1001@10.0.0.7:5060           540  udp 192.0.2.7:40312 (NAT)  2026-11-21 10:00:00  =Yealink, T46S',
    '4711 phones are registered.',
    '',
  ]);
  assert.equal(received.length, 2);
  assert.match(received[1]?.path ?? '', /^\/registrations\?/);
  const query = new URLSearchParams(received[1]?.path.split('?')[1]);
  assert.deepEqual(Object.fromEntries(query), {
    sort: 'expires',
    userAgent: 'yea',
    source: '192.0.2.0/24',
    limit: '100',
    cursor: 'next',
  });
});

test('REG-05 registrations are written as CSV, in all details, or as JSON', async () => {
  const answer = () => ({ registrations: [registration], nextCursor: 'more', total: 1 });
  const csv = await run(['registrations', '--csv', '--limit', '1'], { answer });
  assert.deepEqual(csv.stdout.split(/\r?\n/), [
    'phone,account,status,contact,expiresAt,source,transport,isBehindNat,userAgent,registeredAt,refreshedAt,edge,kind',
    `1001,demo,registered,sip:1001@10.0.0.7:5060,2026-11-21T10:09:00.000Z,192.0.2.7:40312,udp,true,"'=Yealink, T46S",2026-11-21T10:00:00.000Z,,,phone`,
    '',
  ]);
  const details = await run(['registrations', '--details', '--limit', '1'], { answer });
  assert.match(details.stdout, /^path: <sip:a> <sip:b>$/m);
  assert.match(details.stdout, /There are more that match/);
  const json = await run(['registrations', '--json', '--limit', '1'], { answer });
  assert.deepEqual(JSON.parse(json.stdout), registration);
  const wrong = await run(['registrations', '--limit', 'some'], { answer });
  assert.equal(wrong.code, 2);
});

test('REG-05 registrations are removed, by the options of the list', async () => {
  const answer = () => ({ removed: 2 });
  const { received, stdout } = await run(
    ['registrations', 'remove', '--phone', '1001', '--contact', 'sip:a@192.0.2.1'],
    { answer },
  );
  assert.equal(received[0]?.method, 'DELETE');
  const query = new URLSearchParams(received[0].path.split('?')[1]);
  assert.deepEqual(Object.fromEntries(query), { phone: '1001', contact: 'sip:a@192.0.2.1' });
  assert.equal(stdout, '2 registrations were removed.\n');
  const all = await run(['registrations', 'remove', '--all', '--json'], { answer });
  assert.match(all.received[0]?.path ?? '', /\?all=true$/);
  assert.deepEqual(JSON.parse(all.stdout), { removed: 2 });
});
