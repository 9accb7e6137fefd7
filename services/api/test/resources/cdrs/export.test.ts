import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { SwitchError } from '@tandem/domain';
import type { ExportCdrsRequest } from '@tandem/proto/billing';
import { apiUnderTest, emptyPorts, TEST_TOKEN } from '../../api-under-test.ts';

/** Billing with three pages of CDRs. */
function billing(asked: ExportCdrsRequest[], failsAt = 4) {
  return {
    ...emptyPorts().billing,
    exportCdrs: (request: ExportCdrsRequest) => {
      asked.push(request);
      const page = asked.length;
      if (page === failsAt) {
        return Promise.reject(
          new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'billing does not answer'),
        );
      }
      const head = page === 1 ? 'call_id,code\r\n' : '';
      const csv = Buffer.from(`${head}call-${String(page)},200\r\n`);
      return Promise.resolve({
        csv,
        cdrs: 1,
        nextCursor: page === 3 ? '' : `after-${String(page)}`,
      });
    },
  };
}

const WHOLE = 'call_id,code\r\ncall-1,200\r\ncall-2,200\r\ncall-3,200\r\n';

test('BILL-06 an export is page after page of what matches, in one answer', async () => {
  const asked: ExportCdrsRequest[] = [];
  const api = await apiUnderTest({ billing: billing(asked) });
  const query = 'from=2026-06-15&account=demo&calleePrefix=44&code=503&failed=true&reason=NoRoute';
  const answer = await api.ask({ url: `/api/v1/cdr-export?${query}` });
  assert.equal(answer.status, 200);
  assert.equal(answer.text, WHOLE);
  assert.deepEqual(
    asked.map(({ filter }) => filter?.cursor),
    ['', 'after-1', 'after-2'],
  );
  const { account, calleePrefix, code, failed, fromMs, reason } = asked[2]?.filter ?? {};
  assert.deepEqual(
    { account, calleePrefix, code, failed, fromMs, reason },
    { account: 'demo', calleePrefix: '44', code: 503, failed: true, fromMs: Date.parse('2026-06-15'), reason: 'NoRoute' },
  ); // prettier-ignore
});

test('BILL-06 an export is packed where that is asked for', async () => {
  const api = await apiUnderTest({ billing: billing([]) });
  const answer = await api.server.inject({
    url: '/api/v1/cdr-export?gzip=true',
    headers: { authorization: `Bearer ${TEST_TOKEN}` },
  });
  assert.equal(answer.headers['content-type'], 'application/gzip');
  assert.equal(gunzipSync(answer.rawPayload).toString(), WHOLE);
});

test('BILL-06 an export that cannot begin is a problem; one that breaks off does not end as if it were whole', async () => {
  const away = await apiUnderTest({ billing: billing([], 1) });
  assert.equal((await away.ask({ url: '/api/v1/cdr-export' })).status, 503);

  for (const gzip of [false, true]) {
    const broken = await apiUnderTest({ billing: billing([], 2) });
    const at = await broken.server.listen({ host: '127.0.0.1', port: 0 });
    const answer = await fetch(`${at}/api/v1/cdr-export?gzip=${String(gzip)}`, {
      headers: { authorization: `Bearer ${TEST_TOKEN}` },
    });
    // Where nothing had been sent yet it is a problem, too.
    if (answer.ok) await assert.rejects(answer.arrayBuffer(), TypeError, `gzip ${String(gzip)}`);
    else assert.equal(answer.status, 503, `gzip ${String(gzip)}`);
    await broken.server.close();
  }
});
