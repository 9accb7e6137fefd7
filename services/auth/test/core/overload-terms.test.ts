import assert from 'node:assert/strict';
import test from 'node:test';
import { readParameters } from '@tandem/config';
import { overloadTermsOf } from '../../src/core/overload-terms.ts';
import { Scene } from '../scene.ts';

test('CALL-11 nothing is said of overload while all of it is the default', () => {
  assert.equal(overloadTermsOf(readParameters()), undefined);
  assert.equal(overloadTermsOf(readParameters({ SS_SIP_SESSION_TTL: 900 })), undefined);
});

test('CALL-11 where one parameter is another, all are said', () => {
  const terms = overloadTermsOf(
    readParameters({ SS_OVERLOAD_CONTROL: 'Off', SS_OVERLOAD_DELAY: 250 }),
  );
  assert.deepEqual(terms, {
    off: true,
    delayMs: 250,
    setUpDelayMs: 500,
    retryAfterSeconds: 5,
    leastRate: 50,
    unknownShare: 10,
  });
});

test('CALL-11 OPS-05 a limit out of its range is refused with the range', () => {
  assert.throws(() => readParameters({ SS_OVERLOAD_DELAY: 5 }), /must be 20 to 2000 ms/);
  assert.throws(() => readParameters({ SS_OVERLOAD_UNKNOWN_SHARE: 0 }), /must be 1 to 100 %/);
});

test('CALL-11 AUTH-03 each answer brings the terms of the configuration in effect', async () => {
  const scene = new Scene({ parameters: { SS_OVERLOAD_LEAST_RATE: 40 } });
  const call = { sourceAddress: '192.0.2.1' };
  assert.equal((await scene.send(call)).overload?.leastRate, 40);
  assert.equal((await scene.send({ fromUser: '1001' })).overload?.leastRate, 40);
  scene.apply({});
  assert.equal((await scene.send(call)).overload, undefined);
});
