import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unstorable } from '../../src/api/unstorable-text.ts';
import { apiUnderTest, TEST_TOKEN } from '../api-under-test.ts';

const nothing = { params: {}, query: {}, body: undefined };

test('OPS-01 text that PostgreSQL cannot hold is a mistake of its sender, named with its place', () => {
  const cases = [
    [{ params: { name: 'a\0' } }, '"name" in the path holds a zero byte'],
    [{ query: { account: ['demo', '\ud800'] } }, '"account" in the query holds half a character'],
    [{ body: { note: { text: '\0' } } }, '"text" in "note" in the body holds a zero byte'],
    [{ body: { 'a\0': 1 } }, 'a name in the body holds a zero byte'],
  ] as const;
  for (const [sent, detail] of cases) {
    const found = unstorable({ ...nothing, ...sent })?.problem;
    assert.equal(found?.status, 400);
    assert.ok(found.detail.startsWith(detail), found.detail);
  }
});

test('OPS-01 whole characters of any plane pass, and what is no text', () => {
  const query = { account: 'Zoë 😀', limit: 5, isDry: true, none: null };
  assert.equal(unstorable({ params: null, query, body: 'a document \0' }), undefined);
});

test('OPS-01 a zero byte in a filter, a path or a body is 400, and nobody is asked', async () => {
  const { server } = await apiUnderTest();
  const headers = { authorization: `Bearer ${TEST_TOKEN}` };
  const payload = { amount: '1', reference: 'half \ud83d', kind: 'payment' };
  const answers = [
    await server.inject({ url: '/api/v1/cdrs?account=a%00b', headers }),
    await server.inject({ url: '/api/v1/lines?subject=%00', headers }),
    await server.inject({ url: '/api/v1/accounts/a%00b', headers }),
    await server.inject({
      method: 'POST',
      url: '/api/v1/accounts/demo/payments',
      headers,
      payload,
    }),
  ];
  for (const answer of answers) {
    assert.equal(answer.statusCode, 400, answer.payload);
    assert.match(answer.payload, /zero byte|half a character/);
  }
  await server.close();
});
