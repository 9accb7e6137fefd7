import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberExpression, type NumberExpression } from '../src/index.ts';

function expression(pattern: string, by: string): NumberExpression {
  const made = numberExpression(pattern, by);
  assert.ok(typeof made !== 'string', pattern);
  return made;
}

test('ROUTE-10 what matches is replaced once, with its groups', () => {
  assert.equal(expression('^0(\\d+)$', '+44$1').replace('02079460000'), '+442079460000');
  assert.equal(expression('^(\\d{3})(\\d*)$', '$2$1').replace('12345'), '45123');
  assert.equal(expression('1', '9').replace('2121'), '2921');
  assert.equal(expression('^(0)?1', '$1$$').replace('12'), '$2');
  assert.equal(expression('^0', '').replace('12'), undefined);
});

test('ROUTE-10 what is wrong with a pattern is told', () => {
  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['', '', /is empty/],
    ['^(0', '$1', /is no regular expression of RE2 \(missing closing \)/],
    ['(?=0)', '', /no look-around/],
    ['(\\d)\\1', '', /no back references/],
    ['\\d{1001}', '', /counts to 1000/],
    ['0'.repeat(257), '', /is 257 characters long, must be at most 256/],
    ['(\\d{0,30}){0,30}', '', /is too large when its counts are written out \(\d+ steps, at most 200\)/], // prettier-ignore
    ['^0', '$1', /names \$1 in by, but the pattern has no group/],
    ['^(0)', '$2', /names \$2 in by, but the pattern has 1 in all/],
    ['^0', 'a$', /has "\$" in by/],
  ];
  for (const [pattern, by, message] of wrong) {
    const mistake = numberExpression(pattern, by);
    assert.ok(typeof mistake === 'string', pattern);
    assert.match(mistake, message);
  }
});

test('ROUTE-10 no pattern takes longer than its length and that of the number allow', () => {
  const number = '1'.repeat(64);
  // An engine that goes back does not end with any of these.
  for (const pattern of ['(1+)+$', '(\\d*)*(\\d*)*[*#]', '(1|1?)*[*#]$']) {
    const made = expression(pattern, '0');
    const startMs = performance.now();
    for (let count = 0; count < 20; count++) made.replace(`${number}*1`);
    assert.ok(performance.now() - startMs < 1000, pattern);
  }
});
