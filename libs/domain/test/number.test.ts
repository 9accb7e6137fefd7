import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bareNumber,
  numberOfUsername,
  prefixName,
  readNumber,
  readUsername,
} from '../src/index.ts';

function read(received: string): string {
  const reading = readNumber(received);
  return reading.kind === 'number' ? reading.number : `${reading.kind}: ${reading.cause}`;
}

function assertRead(cases: Readonly<Record<string, string>>): void {
  for (const [received, expected] of Object.entries(cases)) {
    assert.equal(read(received), expected, received);
  }
}

test('CALL-12 an escaped character is the character', () => {
  assertRead({
    '882123': '882123',
    '%38%38%32123': '882123',
    '%38%38%32%31%32%33': '882123',
    '%2B442079460000': '+442079460000',
    '%2b442079460000': '+442079460000',
    '%23123': '#123',
    '#123': '#123',
    '%2a100%23': '*100#',
    '%61lice': 'alice',
    'jos%C3%A9': 'josé',
    'jos\u00c3\u00a9': 'josé',
  });
});

test('CALL-12 visual separators and parameters are no part of a number', () => {
  assertRead({
    '+44-20-7946-0000': '+442079460000',
    '(020)7946.0000': '02079460000',
    '44%2D20': '4420',
    '88%202123': '882123',
    '442079460000;npdi;rn=+1900': '442079460000',
    '442079460000%3Brn=+1900': '442079460000',
    '+44123;isub=12;ext=3': '+44123',
    'alice;day=tuesday': 'alice',
    '8-8x2': '88x2',
    'alice-smith.2': 'alice-smith.2',
  });
});

test('CALL-12 a local number is that of the country in phone-context (RFC 3966 §5.1.5)', () => {
  assertRead({
    '7700900123;phone-context=+44': '+447700900123',
    '7700-900-123;npdi;Phone-Context=+44': '+447700900123',
    '7700900123;phone%2Dcontext=%2B44': '+447700900123',
    '7700900123;phone-context=+4-4': '+447700900123',
    '7700900123%3Bphone-context=+44': '+447700900123',
    // A global number says itself where it belongs.
    '+447700900123;phone-context=+1': '+447700900123',
    '+447700900123;phone-context=example.com': '+447700900123',
  });
});

test('CALL-12 a local number of anything but a country is refused, never read as another one', () => {
  for (const received of [
    '7700900123;phone-context=example.com',
    '7700900123;phone-context=',
    '7700900123;phone-context',
    '7700900123;phone-context=44',
    '7700900123;phone-context=+',
    '7700900123;phone-context=+44;phone-context=+1',
    '*31%23123;phone-context=+44',
    'alice;phone-context=+44',
  ]) {
    assert.match(read(received), /^none: it is a number within phone-context /, received);
  }
});

test('CALL-10 what is no number and no name is refused', () => {
  for (const received of ['', ';rn=+1']) {
    assert.equal(read(received), 'none: there is no number', received);
  }
  for (const received of [
    ...['+', '++44', '8+82', '-', '()', '%2B', '44%2540', '%2538', '8/82123', '8,82123', '8:8'],
    ...['%40', '8%4082', '%EF%BC%98%EF%BC%98123', '%20', '8%C2%A082123', '/882'],
  ]) {
    assert.equal(read(received), 'none: it is no number and no name', received);
  }
});

test('CALL-10 broken escapes and control characters are malformed', () => {
  for (const received of ['%', '44%', '44%2', '44%zz', '%ff', '44%C3', '%+44']) {
    assert.equal(read(received), 'malformed: its escapes are broken or no UTF-8', received);
  }
  for (const received of ['%00', '44%00', '44%0d%0a', '44%7F', '44%C2%85', 'al%E2%80%AEice']) {
    assert.equal(read(received), 'malformed: it holds control characters', received);
  }
});

test('AUTH-01 a username is read without escapes and parameters, else as it is', () => {
  assert.equal(readUsername('%31001'), '1001');
  assert.equal(readUsername('10-01;x=y'), '10-01');
  assert.equal(readUsername('demo.trunk'), 'demo.trunk');
  assert.equal(readUsername('%zz'), '');
  assert.equal(readUsername('a%00b'), '');
});

test('ROUTE-03 a leading + is not compared', () => {
  assert.equal(bareNumber('+4420'), '4420');
  assert.equal(bareNumber('4420'), '4420');
  assert.equal(bareNumber(''), '');
});

test('ROUTE-01 a username that is a number is dialled as one', () => {
  assert.equal(numberOfUsername('+10-01'), '1001');
  assert.equal(numberOfUsername('10-01a'), '1001a');
  assert.equal(numberOfUsername('alice-1'), 'alice-1');
});

test('OPS-09 the prefix of every number has a name', () => {
  assert.equal(prefixName(''), 'any');
  assert.equal(prefixName('44'), '44');
});
