import assert from 'node:assert/strict';
import test from 'node:test';
import {
  isSameTransport,
  transportById,
  transportNamed,
  transportOf,
  transportOfVia,
  transports,
} from '../../src/index.ts';

test('CALL-02 each transport is found by its name, its id and its Via, in whatever case', () => {
  for (const transport of Object.values(transports)) {
    assert.equal(transportNamed(transport.name.toUpperCase()), transport);
    assert.equal(transportById(transport.id), transport);
    assert.equal(transportOfVia(transport.viaName), transport);
    assert.equal(transportOfVia(transport.viaName.toLowerCase()), transport);
  }
  assert.deepEqual(
    ['sctp', '', 'constructor'].map((name) => [transportNamed(name), transportOfVia(name)]),
    [1, 2, 3].map(() => [undefined, undefined]),
  );
  assert.equal(transportById(5), undefined);
});

test('CALL-02 the ids of transports stand in sealed tokens and never change', () => {
  const ids = Object.values(transports).map(({ name, id }) => `${name} ${String(id)}`);
  assert.deepEqual(ids, ['udp 0', 'tcp 1', 'tls 2', 'ws 3', 'wss 4']);
});

test('CALL-02 a peer of which nothing is said is reached by UDP', () => {
  assert.equal(transportOf({}), transports.udp);
  assert.equal(isSameTransport({}, { transport: 'udp' }), true);
  assert.equal(isSameTransport({}, { transport: 'tcp' }), false);
});

test('CALL-02 what is repeated, kept secret and bound to a connection', () => {
  const traits = Object.values(transports).map(
    ({ name, isReliable, isSecure, isConnectionBound }) =>
      [name, isReliable, isSecure, isConnectionBound].join(' '),
  );
  assert.deepEqual(traits, [
    'udp false false false',
    'tcp true false true',
    'tls true true true',
    'ws true false true',
    'wss true true true',
  ]);
});
