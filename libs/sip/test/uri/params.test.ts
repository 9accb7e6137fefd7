import assert from 'node:assert/strict';
import test from 'node:test';
import { Params, SipParseError } from '../../src/index.ts';

test('CALL-02 parameters are found in any case and come out as they came in', () => {
  const params = Params.parse('a=1; B = "x;\\"y" ;c;;d=');
  assert.deepEqual(
    [params.get('A'), params.get('b'), params.get('C'), params.get('d'), params.get('e')],
    ['1', 'x;"y', true, '', undefined],
  );
  assert.deepEqual([params.size, params.has('B'), params.has('e')], [4, true, false]);
  assert.equal(params.toString(), ';a=1;B="x;\\"y";c;d=');
  assert.deepEqual(
    [...params],
    [
      ['a', '1'],
      ['B', 'x;"y'],
      ['c', true],
      ['d', ''],
    ],
  );
});

test('CALL-02 a parameter is set in its place, quoted where that is asked for', () => {
  const params = new Params([
    ['a', '1'],
    ['b', true],
  ]);
  const before = params.clone();
  params.set('A', true);
  params.setQuoted('c', 'x"\\y');
  params.delete('B');
  params.delete('none');
  assert.equal(params.toString(), ';A;c="x\\"\\\\y"');
  assert.equal(params.get('c'), 'x"\\y');
  assert.equal(before.toString(), ';a=1;b');
});

test('CALL-02 of two parameters of a name the first counts, and both are kept', () => {
  const params = Params.parse('tag=1;TAG=2');
  assert.equal(params.get('tag'), '1');
  assert.equal(params.toString(), ';tag=1;TAG=2');
});

test('CALL-02 a value without name or a quote that is not closed is refused', () => {
  for (const text of ['=1', 'a;=1', 'a="b', 'a="b\\"', 'a="']) {
    assert.throws(() => Params.parse(text), SipParseError, text);
  }
});

test('CALL-02 parameters of a URI header part are split at ampersands', () => {
  const params = Params.parse('a=1&b=2;3', '&');
  assert.equal(params.get('b'), '2;3');
  assert.equal(params.toString('&'), '&a=1&b=2;3');
});
