import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registration } from '@tandem/proto/registrar';
import type { ListRegistrationsRequest, RemoveRegistrationsRequest } from '@tandem/proto/registrar';
import { apiUnderTest, noCarriers } from '../../api-under-test.ts';

const url = '/api/v1/registrations';

function registrationOf(parts: Partial<Registration>): Registration {
  return Registration.create({
    phone: '1001',
    account: 'demo',
    kind: 'phone',
    status: 'registered',
    contact: 'sip:1001@10.0.0.7:5060;ob',
    expiresMs: Date.now() + 60_000,
    source: '192.0.2.7:40312',
    transport: 'udp',
    isBehindNat: true,
    userAgent: 'Yealink "T46S", 66',
    registeredMs: 1000,
    refreshedMs: 2000,
    q: 500,
    ...parts,
  });
}

async function open(registrations: readonly Registration[] = [registrationOf({})]) {
  const listed: ListRegistrationsRequest[] = [];
  const removed: RemoveRegistrationsRequest[] = [];
  const api = await apiUnderTest({
    registrar: {
      ...noCarriers,
      listRegistrations: (request) => {
        listed.push(request);
        const nextCursor = request.cursor === '' ? 'next' : '';
        return Promise.resolve({ registrations: [...registrations], nextCursor, total: 7 });
      },
      removeRegistrations: (request) => {
        removed.push(request);
        return Promise.resolve({ removed: 3 });
      },
    },
  });
  return { api, listed, removed };
}

test('REG-05 registrations are listed with a filter, an order and a cursor', async () => {
  const { api, listed } = await open();
  const query = 'phone=10*&source=192.0.2.0/24&account=demo&userAgent=yea&status=expiring&sort=expires&limit=5'; // prettier-ignore
  const answer = await api.ask({ url: `${url}?${query}` });
  assert.equal(answer.status, 200);
  const { registrations, nextCursor, total } = answer.body as {
    registrations: Record<string, unknown>[];
    nextCursor: string;
    total: number;
  };
  assert.deepEqual([nextCursor, total], ['next', 7]);
  const [first] = registrations;
  assert.deepEqual(
    [first?.['phone'], first?.['registeredAt'], first?.['priority'], first?.['isBehindNat']],
    ['1001', '1970-01-01T00:00:01.000Z', 0.5, true],
  );
  assert.ok(Number(first?.['expiresInSeconds']) > 50);
  assert.deepEqual(listed, [
    {
      filter: {
        phone: '10*',
        source: '192.0.2.0/24',
        account: 'demo',
        kind: '',
        userAgent: 'yea',
        status: 'expiring',
      },
      sort: 'expires',
      limit: 5,
      cursor: '',
    },
  ]);
  const last = await api.ask({ url: `${url}?cursor=next` });
  assert.equal((last.body as { nextCursor: unknown }).nextCursor, null);
  await api.server.close();
});

test('REG-05 a page is given as CSV, and nothing in it is a formula', async () => {
  const { api } = await open([registrationOf({ userAgent: '=cmd()|"x", y', expiresMs: 3000 })]);
  const { headers, text } = await api.ask({ url: `${url}?format=csv` });
  assert.match(String(headers['content-type']), /^text\/csv/);
  assert.equal(headers['x-next-cursor'], 'next');
  assert.deepEqual(text.split('\r\n'), [
    'phone,account,status,contact,expiresAt,source,transport,isBehindNat,userAgent,registeredAt,refreshedAt,edge,kind',
    '1001,demo,registered,sip:1001@10.0.0.7:5060;ob,1970-01-01T00:00:03.000Z,192.0.2.7:40312,udp,true,"\'=cmd()|""x"", y",1970-01-01T00:00:01.000Z,1970-01-01T00:00:02.000Z,,phone',
    '',
  ]);
  await api.server.close();
});

test('REG-05 what matches is removed; all of them only where that is said', async () => {
  const { api, removed } = await open();
  const remove = (query: string) => api.ask({ method: 'DELETE', url: `${url}${query}` });
  assert.deepEqual((await remove('?phone=1001&contact=sip:x@192.0.2.1')).body, { removed: 3 });
  assert.equal((await remove('')).status, 400);
  assert.equal((await remove('?contact=sip:x@192.0.2.1')).status, 400);
  assert.equal((await remove('?all=true')).status, 200);
  assert.deepEqual(
    removed.map(({ filter, contact }) => [filter?.phone, contact]),
    [
      ['1001', 'sip:x@192.0.2.1'],
      ['', ''],
    ],
  );
  await api.server.close();
});

test('REG-05 a source that is no block, and a switch without a registrar, are told as such', async () => {
  const { api } = await open();
  const wrong = await api.ask({ url: `${url}?source=192.0.2.1/24` });
  assert.equal(wrong.status, 400);
  assert.match(wrong.text, /bits set behind its prefix length/);
  await api.server.close();
  const without = await apiUnderTest();
  const answer = await without.ask({ url });
  assert.equal(answer.status, 503);
  assert.match(answer.text, /TANDEM_REGISTRAR_ADDRESS/);
  await without.server.close();
});
