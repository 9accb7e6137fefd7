import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { AuditBegin, AuditQuery, AuditStore } from '../../src/operator-ports.ts';

const NOON = Date.parse('2026-11-21T12:00:00Z');

const begun = (changes: Partial<AuditBegin> = {}): AuditBegin => ({
  at: new Date(NOON),
  operator: 'alice',
  role: 'operator',
  method: 'password',
  address: '192.0.2.1',
  operation: 'changeConfiguredPhone',
  subject: '/configuration/phones/1001',
  before: '{"lineLimit":1}',
  note: 'two lines',
  ...changes,
});
const all: AuditQuery = { fromMs: 0, untilMs: 0, user: '', operation: '', subject: '', outcome: '', limit: 100, before: undefined }; // prettier-ignore

/** What every audit log does. */
export function auditStoreContract(
  name: string,
  open: (context: TestContext) => Promise<AuditStore>,
): void {
  test(`OPS-12 ${name}: what is begun is there at once, and what came of it after`, async (testing) => {
    const store = await open(testing);
    const id = await store.begin(begun());
    const entry = { ...begun(), id, outcome: 'begun', status: 0, after: undefined };
    assert.deepEqual(await store.list(all), [entry]);
    await store.end(id, { outcome: 'done', status: 200, after: '{"lineLimit":2}' });
    const done = { ...entry, outcome: 'done', status: 200, after: '{"lineLimit":2}' };
    assert.deepEqual(await store.list(all), [done]);
  });

  test(`OPS-12 ${name}: it is asked by time, user, operation, subject and outcome, page by page`, async (testing) => {
    const store = await open(testing);
    await store.begin(begun());
    await store.begin(begun({ operator: 'bob', at: new Date(NOON + 1000), before: undefined }));
    const third = await store.begin(begun({ operation: 'hangUpCall', subject: '/calls/x' }));
    await store.end(third, { outcome: 'refused', status: 404, after: undefined });
    const ids = async (query: Partial<AuditQuery>) =>
      (await store.list({ ...all, ...query })).map(({ id }) => Number(id));
    assert.deepEqual(await ids({}), [3, 2, 1]);
    assert.deepEqual(await ids({ limit: 2 }), [3, 2]);
    assert.deepEqual(await ids({ before: 2n }), [1]);
    assert.deepEqual(await ids({ user: 'bob' }), [2]);
    assert.deepEqual(await ids({ operation: 'hangUpCall' }), [3]);
    assert.deepEqual(await ids({ subject: 'phones/1001' }), [2, 1]);
    assert.deepEqual(await ids({ subject: '%' }), []);
    assert.deepEqual(await ids({ outcome: 'refused' }), [3]);
    assert.deepEqual(await ids({ fromMs: NOON + 1000 }), [2]);
    assert.deepEqual(await ids({ untilMs: NOON + 1000 }), [3, 1]);
  });
}
