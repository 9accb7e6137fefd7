import assert from 'node:assert/strict';
import test from 'node:test';
import { digitIn } from '../../../src/core/media/dtmf-info.ts';

const relayed = (text: string): ReturnType<typeof digitIn> =>
  digitIn('application/dtmf-relay', Buffer.from(text));

test('CALL-04 a digit is read from either form of INFO', () => {
  assert.deepEqual(relayed('Signal=5\r\nDuration=200\r\n'), { code: '5', ms: 200 });
  assert.deepEqual(relayed('Signal= *\r\nDuration= 90\r\n'), { code: '*', ms: 90 });
  assert.deepEqual(relayed('signal=d\n'), { code: 'D', ms: 160 });
  assert.deepEqual(relayed('Signal=11\r\n'), { code: '#', ms: 160 });
  assert.deepEqual(digitIn('Application/DTMF; charset=utf-8', Buffer.from('7\r\n')), { code: '7', ms: 160 }); // prettier-ignore
});

test('CALL-10 what is no digit passes as it came', () => {
  assert.equal(relayed('Signal=12\r\n'), undefined);
  assert.equal(relayed(''), undefined);
  assert.equal(digitIn('application/media_control+xml', Buffer.from('<x/>')), undefined);
  assert.deepEqual(relayed('Signal=1\r\nDuration=999999\r\n')?.ms, 5000);
  assert.deepEqual(relayed('Signal=1\r\nDuration=1\r\n')?.ms, 70);
});
