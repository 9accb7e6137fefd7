import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeConfiguration, configurationShape } from '../src/complete-configuration.ts';
import { checkConfiguration } from '../src/parse-configuration.ts';
import { rightDocument } from './configurations.ts';

test('ROUTE-13 a document of this release is taken as it is', () => {
  const result = checkConfiguration(rightDocument());
  assert.equal(result.kind, 'valid');
  assert.equal(
    completeConfiguration(result.configuration, configurationShape()),
    result.configuration,
  );
});

test('ROUTE-13 a document of another release gets the defaults that came since', () => {
  const completed = completeConfiguration(rightDocument(), 'of another release');
  assert.equal(completed.realm, 'tandem');
  assert.equal(completed.routingGateways[0]?.tokens, 'inline');
  assert.throws(() => completeConfiguration({ unknown: 1 }, ''));
});

test('ROUTE-13 the shape is the same at every call', () => {
  assert.equal(configurationShape(), configurationShape());
  assert.match(configurationShape(), /^[\w-]{43}$/);
});
