import assert from 'node:assert/strict';
import test from 'node:test';
import { numberUri, parseUri } from '../../src/index.ts';

test('CALL-12 the URI of a number has just the escapes that it needs', () => {
  assert.equal(numberUri('+*100#', '203.0.113.5:5070'), 'sip:+*100%23@203.0.113.5:5070');
  assert.equal(numberUri('josé@x', '[2001:db8::1]'), 'sip:jos%C3%A9%40x@[2001:db8::1]');
  assert.equal(parseUri(numberUri('442079460000', 'gw.example')).user, '442079460000');
});
