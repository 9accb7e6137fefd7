import assert from 'node:assert/strict';
import test from 'node:test';
import { headerKey, Headers, splitList } from '../../src/index.ts';

const some = (): Headers =>
  new Headers([
    ['v', 'one'],
    ['From', 'two'],
    ['VIA', 'three, four'],
    ['X-Own', 'five'],
  ]);

test('CALL-02 a header is found in any case, in compact and long form, and keeps the name it came with', () => {
  const headers = some();
  assert.equal(headers.get('Via'), 'one');
  assert.equal(headers.get('f'), 'two');
  assert.equal(headers.get('x-OWN'), 'five');
  assert.equal(headers.get('Subject'), undefined);
  assert.deepEqual(headers.getAll('via'), ['one', 'three, four']);
  assert.deepEqual(headers.list('v'), ['one', 'three', 'four']);
  assert.deepEqual([headers.count('via'), headers.size, headers.has('to')], [2, 4, false]);
  assert.deepEqual(
    headers.entries().map(([name]) => name),
    ['v', 'From', 'VIA', 'X-Own'],
  );
});

test('CALL-02 every compact form stands for its long form', () => {
  for (const [compact, long] of [
    ...['a accept-contact', 'b referred-by', 'c content-type', 'd request-disposition'],
    ...['e content-encoding', 'f from', 'i call-id', 'j reject-contact', 'k supported'],
    ...['l content-length', 'm contact', 'n identity-info', 'o event', 'r refer-to', 's subject'],
    ...['t to', 'u allow-events', 'v via', 'x session-expires', 'y identity'],
  ].map((pair) => pair.split(' '))) {
    assert.equal(headerKey(compact ?? ''), long);
    assert.equal(headerKey((compact ?? '').toUpperCase()), long);
  }
  assert.equal(headerKey('cALL-iD'), 'call-id');
  assert.equal(headerKey('X-Any'), 'x-any');
});

test('CALL-02 set replaces all lines of a name by one, in the place of the first', () => {
  const headers = some();
  headers.set('Via', 'six');
  headers.set('Subject', 'seven');
  headers.set('x-own', 'eight');
  assert.deepEqual(headers.entries(), [
    ['Via', 'six'],
    ['From', 'two'],
    ['x-own', 'eight'],
    ['Subject', 'seven'],
  ]);
});

test('CALL-02 replaceFirst takes the place of the first line of a name, and of no other', () => {
  const headers = some();
  headers.replaceFirst('Via', 'six');
  headers.replaceFirst('Route', 'seven');
  assert.deepEqual(
    headers.entries().map(([, value]) => value),
    ['six', 'two', 'three, four', 'five'],
  );
});

test('CALL-02 remove takes every line of a name', () => {
  const headers = some();
  headers.remove('via');
  headers.remove('Subject');
  assert.deepEqual(headers.entries(), [
    ['From', 'two'],
    ['X-Own', 'five'],
  ]);
});

test('CALL-02 a clone is changed on its own', () => {
  const headers = some();
  const copy = headers.clone();
  copy.set('From', 'other');
  copy.append('To', 'new');
  assert.deepEqual([headers.get('from'), headers.has('to')], ['two', false]);
  assert.deepEqual([copy.get('from'), copy.get('to')], ['other', 'new']);
});

test('CALL-02 a value with a line break is refused, so that nobody smuggles a header in', () => {
  const headers = some();
  for (const value of ['a\r\nRoute: <sip:evil>', 'a\nb', 'a\rb']) {
    assert.throws(() => {
      headers.set('Subject', value);
    }, TypeError);
    assert.throws(() => {
      headers.append('Subject', value);
    }, TypeError);
    assert.throws(() => {
      headers.replaceFirst('From', value);
    }, TypeError);
  }
  assert.equal(headers.size, 4);
});

test('CALL-02 characters beyond a byte go out as UTF-8', () => {
  const headers = new Headers([['Subject', 'ř']]);
  assert.equal(headers.get('subject'), '\xc5\x99');
});

test('CALL-02 what a typed read made is kept until its line is replaced', () => {
  const headers = some();
  let reads = 0;
  const read = (): number => headers.typed('from', (value) => value.length + reads++) ?? -1;
  assert.deepEqual([read(), read()], [3, 3]);
  assert.equal(
    headers.clone().typed('from', () => 0),
    3,
  );
  headers.set('From', 'longer');
  assert.equal(read(), 7);
  assert.equal(
    headers.typed('to', () => 1),
    undefined,
  );
  assert.deepEqual(
    headers.typedAll('via', (value) => value.length),
    [3, 11],
  );
});

test('CALL-02 the first repeated name is found among those asked for', () => {
  assert.equal(some().firstRepeated(new Set(['from', 'x-own'])), undefined);
  assert.equal(some().firstRepeated(new Set(['via'])), 'VIA');
});

test('CALL-02 a list is split at commas outside quotes and angle brackets', () => {
  assert.deepEqual(splitList(''), []);
  assert.deepEqual(splitList('one'), ['one']);
  assert.deepEqual(splitList(' one ,, two ,'), ['one', 'two']);
  assert.deepEqual(splitList('"a, \\", b" <sip:c,d@e>;x="1,2", <sip:f>'), [
    '"a, \\", b" <sip:c,d@e>;x="1,2"',
    '<sip:f>',
  ]);
  assert.deepEqual(splitList('a, "b, c'), ['a', '"b, c']);
  assert.deepEqual(splitList('a, <b, c'), ['a', '<b, c']);
});
