import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BookPaymentRequest } from '@tandem/proto/billing';
import { apiWithExample, emptyPorts } from '../../api-under-test.ts';

test('BILL-01 accounts are shown with their balances', async () => {
  const balances = [{ account: 'demo', currency: 'USD', balance: '99.9877', ledgerEntries: 2 }];
  const billing = { ...emptyPorts().billing, listBalances: () => Promise.resolve({ balances }) };
  const api = await apiWithExample({ billing });
  const expected = {
    name: 'demo',
    type: 'customer',
    status: 'active',
    balance: '99.9877',
    overdraft: '0',
    currency: 'USD',
    rateGroup: 'standard',
    validUntil: null,
    lineLimit: 0,
    ledgerEntries: 2,
  };
  assert.deepEqual((await api.ask({ url: '/api/v1/accounts' })).body, { accounts: [expected] });
  assert.deepEqual((await api.ask({ url: '/api/v1/accounts/demo' })).body, expected);
  const unknown = await api.ask({ url: '/api/v1/accounts/dem' });
  assert.match(unknown.text, /there is no account \\"dem\\"; did you mean \\"demo\\"\?/);
  await api.server.close();
});

test('BILL-01 a payment is booked once per reference, in exact decimal', async () => {
  const seen: BookPaymentRequest[] = [];
  const billing = {
    ...emptyPorts().billing,
    bookPayment: (request: BookPaymentRequest) => {
      seen.push(request);
      const balance = { account: 'demo', currency: 'USD', balance: '110', ledgerEntries: 2 };
      return Promise.resolve({ balance, booked: seen.length === 1 });
    },
  };
  const api = await apiWithExample({ billing });
  const pay = async (payload: object) =>
    api.ask({ method: 'POST', url: '/api/v1/accounts/demo/payments', payload });
  const first = await pay({ amount: '10.00', reference: 'r1', note: 'cash' });
  assert.equal((first.body as { isBooked: boolean }).isBooked, true);
  const second = await pay({ amount: '10', reference: 'r1' });
  assert.equal((second.body as { isBooked: boolean }).isBooked, false);
  assert.deepEqual(seen[0], { account: 'demo', amount: '10', reference: 'r1', note: 'cash' });
  assert.equal(seen[1]?.note, '');
  for (const body of [
    { amount: '1e3', reference: 'r' },
    { amount: '0', reference: 'r' },
    { amount: '1' },
    { amount: '1', reference: 'r', x: 1 },
  ]) {
    assert.equal((await pay(body)).status, 400);
  }
  await api.server.close();
});
