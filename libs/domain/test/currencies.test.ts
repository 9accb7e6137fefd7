import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCurrency, minorUnitOf } from '../src/index.ts';

test('BILL-02 minor units are those of ISO 4217, also where Intl has others', () => {
  for (const code of ['JPY', 'KRW', 'CLP', 'VND', 'XOF', 'UYI']) assert.equal(minorUnitOf(code), 0);
  for (const code of ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND']) {
    assert.equal(minorUnitOf(code), 3);
  }
  for (const code of ['CLF', 'UYW']) assert.equal(minorUnitOf(code), 4);
  // Intl says 0 for these, or once did.
  const others = 'AFN ALL COP HUF IDR IRR KPW LAK LBP MGA MMK PKR SOS SYP YER'.split(' ');
  for (const code of others) assert.equal(minorUnitOf(code), 2, code);
  for (const code of ['XAD', 'VED', 'XCG', 'SLE', 'ZWG']) assert.equal(minorUnitOf(code), 2, code);
});

test('BILL-02 every currency that Intl knows and ISO 4217 has is in the table; gold and codes for tests are none', () => {
  const notPayable = new Set('XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX'.split(' '));
  for (const code of notPayable) assert.equal(isCurrency(code), false, code);
  for (const code of 'USD EUR GBP CNY INR BRL ZAR CHE MXV USN'.split(' '))
    assert.ok(isCurrency(code));
  assert.equal(isCurrency('usd'), false);
  assert.equal(isCurrency('EURO'), false);
});
