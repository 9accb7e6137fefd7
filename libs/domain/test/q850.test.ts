import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causeOfCode, codeOfCause, q850Cause } from '../src/index.ts';

test('CALL-02 causes of Q.850 and SIP codes are mapped as RFC 3398 says', () => {
  assert.deepEqual(
    [1, 17, 19, 21, 28, 34, 102, 127].map(codeOfCause),
    [404, 486, 480, 403, 484, 503, 504, 500],
  );
  assert.deepEqual(
    [404, 408, 480, 486, 503, 603, 604].map(causeOfCode),
    [1, 102, 18, 17, 41, 21, 1],
  );
  // A normal end is no failure, and what 488 means its Warning says.
  assert.deepEqual([16, 0, 128].map(codeOfCause), [undefined, undefined, undefined]);
  assert.deepEqual([488, 606, 200].map(causeOfCode), [undefined, undefined, undefined]);
});

test('CALL-02 the cause is read of whichever Reason is of Q.850, and of no other', () => {
  assert.equal(q850Cause(['Q.850;cause=17;text="busy"']), 17);
  assert.equal(q850Cause(['SIP;cause=480', 'q.850 ; text=x ; Cause = 34']), 34);
  assert.equal(q850Cause(['SIP;cause=480;text="Q.850;cause=17"']), undefined);
  assert.equal(q850Cause(['Q.850;text="cause=17"']), undefined);
  assert.equal(q850Cause(['Q.850;cause=1700', 'Q.850']), undefined);
  assert.equal(q850Cause([]), undefined);
});
