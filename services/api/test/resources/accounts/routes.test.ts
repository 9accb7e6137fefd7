import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BookPaymentRequest, GetStatementResponse, Payment } from '@tandem/proto/billing';
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
    minimumBalance: null,
    billing: 'prepaid',
    currency: 'USD',
    rateGroup: 'standard',
    validUntil: null,
    parent: null,
    timeZone: null,
    lineLimit: 0,
    callsPerSecond: 0,
    ledgerEntries: 2,
  };
  assert.deepEqual((await api.ask({ url: '/api/v1/accounts' })).body, { accounts: [expected] });
  const one = await api.ask({ url: '/api/v1/accounts/demo' });
  assert.deepEqual(one.body, { ...expected, children: [] });
  const under = await api.ask({ url: '/api/v1/accounts?parent=demo' });
  assert.deepEqual(under.body, { accounts: [] });
  assert.equal((await api.ask({ url: '/api/v1/accounts?parent=dem' })).status, 404);
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
  const { bookedBy, ...booked } = seen[0] ?? BookPaymentRequest.create();
  const expected = {
    account: 'demo',
    amount: '10',
    reference: 'r1',
    note: 'cash',
    kind: 'payment',
  };
  assert.deepEqual(booked, expected);
  assert.notEqual(bookedBy, '');
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

test('BILL-10 an amount that no coin of the currency makes is refused, but for a correction', async () => {
  const api = await apiWithExample();
  const pay = async (payload: object) =>
    api.ask({ method: 'POST', url: '/api/v1/accounts/demo/payments', payload });
  const refused = await pay({ amount: '1.005', reference: 'r' });
  assert.equal(refused.status, 400);
  assert.match(refused.text, /1\.005 USD cannot be paid, it must have at most 2 digits/);
  assert.equal((await pay({ amount: '1.005', reference: 'r', kind: 'correction' })).status, 200);
  assert.equal((await pay({ amount: '1', reference: 'r', kind: 'gift' })).status, 400);
  await api.server.close();
});

test('BILL-10 a payment moves the date until which its account is valid, in a version that names it; again, it changes nothing', async () => {
  const api = await apiWithExample();
  const payload = {
    amount: '20',
    reference: 'r9',
    kind: 'recharge',
    validUntil: '2031-01-01T00:00:00Z',
  };
  const pay = async () =>
    api.ask({ method: 'POST', url: '/api/v1/accounts/demo/payments', payload });
  const paid = (await pay()).body as { account: { validUntil: string } };
  assert.equal(paid.account.validUntil, payload.validUntil);
  const versionOf = async () => {
    const { body } = await api.ask({ url: '/api/v1/configuration/versions' });
    return (body as { versions: { version: number; note: string }[] }).versions[0];
  };
  const first = await versionOf();
  assert.match(first?.note ?? '', /payment r9 of demo/);
  const shown = (await api.ask({ url: '/api/v1/accounts/demo' })).body as { validUntil: string };
  assert.equal(shown.validUntil, payload.validUntil);
  assert.equal((await pay()).status, 200);
  assert.deepEqual(await versionOf(), first);
  await api.server.close();
});

test('BILL-10 payments and statements are listed, and are CSV where asked for', async () => {
  const payment = Payment.create({
    account: 'demo',
    atMs: 1_000,
    amount: '20',
    currency: 'USD',
    kind: 'recharge',
    reference: 'r1',
    note: '=1+1',
    bookedBy: 'somebody',
    balanceAfter: '120',
  });
  const statement = GetStatementResponse.create({
    currency: 'USD',
    openingBalance: '100',
    closingBalance: '120',
    lines: [{ ...payment, balance: '120', entries: 1 }],
  });
  const billing = {
    ...emptyPorts().billing,
    listPayments: () => Promise.resolve({ payments: [payment], nextCursor: 'more' }),
    getStatement: () => Promise.resolve(statement),
  };
  const api = await apiWithExample({ billing });
  const { body } = await api.ask({ url: '/api/v1/payments?kind=recharge' });
  const list = body as { payments: object[]; nextCursor: string };
  const at = '1970-01-01T00:00:01.000Z';
  assert.equal(list.nextCursor, 'more');
  assert.deepEqual({ ...list.payments[0], atMs: 1000 }, { ...payment, at });
  const csv = await api.ask({ url: '/api/v1/payments?format=csv' });
  assert.match(
    csv.text,
    /^at,account,kind,amount,currency,balanceAfter,bookedBy,reference,note\r\n/,
  );
  assert.match(csv.text, /,20,USD,120,somebody,r1,'=1\+1\r\n$/);
  const told = (await api.ask({ url: '/api/v1/accounts/demo/statement?from=1d' })).body;
  assert.equal((told as { closingBalance: string }).closingBalance, '120');
  const lines = await api.ask({ url: '/api/v1/accounts/demo/statement?format=csv' });
  assert.match(lines.text, /\r\n1970-01-01T00:00:01.000Z,recharge,20,120,1,r1,/);
  assert.equal((await api.ask({ url: '/api/v1/accounts/dem/statement' })).status, 404);
  await api.server.close();
});
