import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfiguration } from '@tandem/config';
import { largeConfiguration } from '@tandem/testing';
import { readDocument, writeDocument } from '../../src/adapters/document-text.ts';

const text = largeConfiguration({ gateways: 100, prefixes: 1000, phones: 3000 }, 1);

test('OPS-01 a large document is read in a thread of its own, as a small one is', async () => {
  assert.ok(text.length > 256 * 1024);
  let turns = 0;
  const counting = setInterval(() => turns++, 5);
  const result = await readDocument({ text, format: 'yaml' });
  clearInterval(counting);
  assert.equal(result.kind, 'valid');
  assert.deepEqual(result, parseConfiguration(text, 'yaml'));
  assert.ok(turns > 5, `the process went on meanwhile: ${String(turns)} turns`);
});

test('OPS-01 a large configuration that is written can be read again as it was', async () => {
  const read = parseConfiguration(text, 'yaml');
  assert.equal(read.kind, 'valid');
  const written = await writeDocument(read.configuration);
  assert.deepEqual(parseConfiguration(written, 'yaml'), read);
});

test('OPS-01 the mistakes of a large document are named with path and line', async () => {
  const wrong = `${text}unknown: 1\n`;
  const result = await readDocument({ text: wrong, format: 'yaml' });
  assert.equal(result.kind, 'invalid');
  assert.deepEqual(
    result.mistakes.map(({ path, line }) => [path, line]),
    [['unknown', text.split('\n').length]],
  );
  const cutOff = await readDocument({ text: text.slice(0, -1).concat(' {'), format: 'json' });
  assert.equal(cutOff.kind, 'invalid');
  assert.match(cutOff.mistakes[0]?.message ?? '', /^is no JSON/);
});
