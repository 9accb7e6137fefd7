import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Call } from '@tandem/proto/edge';
import { apiUnderTest, apiWithExample, emptyPorts } from '../api-under-test.ts';

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly content?: object }>>;
}

test('OPS-01 every list is told as CSV, too, with the names of its columns', async () => {
  const api = await apiWithExample();
  const { paths } = api.server.swagger() as unknown as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  const without: string[] = [];
  for (const [path, { get }] of Object.entries(paths)) {
    if (get === undefined || path.includes('{') || !get.operationId.startsWith('list')) continue;
    if (!Object.hasOwn(get.responses['200']?.content ?? {}, 'text/csv')) {
      without.push(get.operationId);
      continue;
    }
    const { headers, status, text } = await api.ask({ url: `${path}?format=csv` });
    // Of what these tests have no service for.
    if (status === 503) continue;
    assert.equal(headers['content-type'], 'text/csv; charset=utf-8', path);
    assert.match(text, /^\w+(,\w+)*\r\n/, path);
  }
  assert.deepEqual(without, []);
  await api.server.close();
});

test('OPS-01 what a stranger has written is no formula, and rows are plain', async () => {
  const calls = [Call.create({ callId: 'a', caller: '=1+1', callee: 'x,"y"', startedMs: 1 })];
  const edge = { ...emptyPorts().edge, listCalls: () => Promise.resolve({ calls, total: 1 }) };
  const api = await apiUnderTest({ edge });
  const { text } = await api.ask({ url: '/api/v1/calls?format=csv' });
  const [head, row] = text.split('\r\n');
  assert.equal(head, 'callId,state,startedAt,answeredAt,caller,callee,account,gateway,edge');
  assert.equal(row, `a,,1970-01-01T00:00:00.001Z,,'=1+1,"x,""y""",,,`);
  assert.equal((await api.ask({ url: '/api/v1/calls?format=xml' })).status, 400);
  await api.server.close();
});

test('OPS-01 the cursor of the next page comes beside the CSV', async () => {
  const billing = { ...emptyPorts().billing, listCdrs: () => Promise.resolve({ cdrs: [], nextCursor: 'next' }) }; // prettier-ignore
  const api = await apiUnderTest({ billing });
  const { headers } = await api.ask({ url: '/api/v1/cdrs?format=csv' });
  assert.equal(headers['x-next-cursor'], 'next');
  await api.server.close();
});

test('OPS-01 BILL-01 what an account owes is a number in CSV', async () => {
  const balances = [{ account: 'demo', currency: 'USD', balance: '-3.5', ledgerEntries: 2 }];
  const billing = { ...emptyPorts().billing, listBalances: () => Promise.resolve({ balances }) };
  const api = await apiWithExample({ billing });
  const { text } = await api.ask({ url: '/api/v1/accounts?format=csv' });
  const [head = '', row = ''] = text.split('\r\n');
  assert.equal(row.split(',')[head.split(',').indexOf('balance')], '-3.5');
  await api.server.close();
});
