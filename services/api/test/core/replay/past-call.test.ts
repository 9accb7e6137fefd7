import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CdrLevel } from '@tandem/proto/billing';
import { pastCallOf } from '../../../src/core/replay/past-call.ts';
import { answeredCdr } from '../../calls.ts';

test('OPS-08 BILL-01 what was earned of a call is what its topmost account was charged', () => {
  const cdr = answeredCdr();
  assert.equal(pastCallOf(cdr)?.price, '0.0246');
  const levels = [
    CdrLevel.create({ account: 'north', price: '0.02' }),
    CdrLevel.create({ account: 'owner', price: '0.012' }),
  ];
  assert.equal(pastCallOf({ ...cdr, levels })?.price, '0.012');
});
