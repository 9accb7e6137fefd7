import assert from 'node:assert/strict';
import test from 'node:test';
import { readableText, reasonPhrase } from '../../src/index.ts';

const wire = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

test('OPS-09 T2-25 bytes of a message are read as UTF-8, and what is none is replaced', () => {
  assert.equal(readableText('Busy Here'), 'Busy Here');
  assert.equal(readableText(wire('occupé – später 😀')), 'occupé – später 😀');
  assert.equal(readableText('a\xffb\xc3'), 'a\ufffdb\ufffd');
});

test('CALL-10 T2-25 no control character gets into a record, NUL least of all', () => {
  assert.equal(readableText('a\0b\x07\x7f'), 'a\ufffdb\ufffd\ufffd');
  assert.equal(readableText(wire('a\u0085b')), 'a\ufffdb');
});

test('CALL-10 T2-25 a long text is cut between characters', () => {
  assert.equal(readableText('x'.repeat(9000)).length, 500);
  const text = readableText(wire(`${'x'.repeat(499)}😀`));
  assert.equal(text.length, 500);
  assert.ok(text.isWellFormed());
});

test('CALL-02 a status code has the phrase of its RFC', () => {
  assert.deepEqual([486, 500, 183, 699].map(reasonPhrase), [
    'Busy Here',
    'Server Internal Error',
    'Session Progress',
    '',
  ]);
});
