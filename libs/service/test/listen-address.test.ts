import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SwitchError } from '@tandem/domain';
import { parseListenAddress } from '@tandem/service';

test('OPS-05 an address to listen on is a host, or none for all addresses, and a port', () => {
  assert.deepEqual(parseListenAddress('127.0.0.1:9000'), { host: '127.0.0.1', port: 9000 });
  assert.deepEqual(parseListenAddress('[::1]:0'), { host: '::1', port: 0 });
  assert.deepEqual(parseListenAddress(':9000'), { host: '::', port: 9000 });
  assert.deepEqual(parseListenAddress('auth.tandem:1'), { host: 'auth.tandem', port: 1 });
});

test('OPS-05 anything else is refused with what is right', () => {
  for (const text of ['', '9000', 'host', 'host:', 'host:99999', '::1:9000', '[::1]', 'a b']) {
    assert.throws(
      () => parseListenAddress(text),
      (error) =>
        error instanceof SwitchError &&
        error.code === 'SWITCH_CONFIGURATION_INVALID' &&
        error.message.includes('host:port'),
      text,
    );
  }
});
