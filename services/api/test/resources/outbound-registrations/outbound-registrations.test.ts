import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutboundRegistration } from '@tandem/proto/outbound';
import { apiUnderTest } from '../../api-under-test.ts';

const url = '/api/v1/outbound-registrations';

const refused = OutboundRegistration.fromPartial({
  gateway: 'carrier',
  state: 'refused',
  sinceMs: 1000,
  addressOfRecord: 'sip:4930123@carrier.example',
  registrars: ['sip.carrier.example'],
  transport: 'tls',
  nextMs: 4_000_000_000_000,
  edge: 'edge-1',
  failures: 3,
  last: { code: 403, reason: 'Forbidden', text: 'no such user', atMs: 2000, source: 'tls 192.0.2.1:5061' },
}); // prettier-ignore

async function open() {
  const api = await apiUnderTest({
    registrar: {
      listRegistrations: () => Promise.resolve({ registrations: [], nextCursor: '', total: 0 }),
      removeRegistrations: () => Promise.resolve({ removed: 0 }),
      listOutbound: () => Promise.resolve({ registrations: [refused] }),
      retryOutbound: ({ gateway }) => {
        const registration = gateway === 'carrier' ? { ...refused, nextMs: 0 } : undefined;
        return Promise.resolve({ registration });
      },
    },
  });
  return api;
}

test('REG-08 registrations with carriers are listed with state, next attempt and last answer', async () => {
  const api = await open();
  const answer = await api.ask({ url });
  assert.equal(answer.status, 200);
  const { outboundRegistrations } = answer.body as {
    outboundRegistrations: Record<string, unknown>[];
  };
  const [first] = outboundRegistrations;
  assert.equal(first?.['state'], 'refused');
  assert.equal(first['since'], '1970-01-01T00:00:01.000Z');
  assert.equal(first['expiresAt'], null);
  assert.equal(first['nextAttemptAt'], '2096-10-02T07:06:40.000Z');
  assert.deepEqual(first['lastAnswer'], {
    code: 403,
    reason: 'Forbidden',
    text: 'no such user',
    at: '1970-01-01T00:00:02.000Z',
    source: 'tls 192.0.2.1:5061',
  });
});

test('REG-08 one is tried again at once; of a gateway that registers nowhere the answer says so', async () => {
  const api = await open();
  const answer = await api.ask({ method: 'POST', url: `${url}/carrier/retry` });
  assert.equal(answer.status, 200);
  assert.equal((answer.body as Record<string, unknown>)['nextAttemptAt'], null);
  const missing = await api.ask({ method: 'POST', url: `${url}/other/retry` });
  assert.equal(missing.status, 404);
  assert.match(missing.text, /other/);
});
