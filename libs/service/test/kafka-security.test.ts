import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TlsFiles } from '@tandem/testing';
import { readKafkaSecurity } from '../src/index.ts';

const refused: readonly {
  readonly what: string;
  readonly env: NodeJS.ProcessEnv;
  readonly says: RegExp;
}[] = [
  {
    what: 'a mechanism that there is not',
    env: { TANDEM_KAFKA_SASL: 'gssapi' },
    says: /TANDEM_KAFKA_SASL: "gssapi" is wrong: write plain, scram-sha-256 or scram-sha-512/,
  },
  {
    what: 'a mechanism without a name and a password',
    env: { TANDEM_KAFKA_SASL: 'scram-sha-512' },
    says: /TANDEM_KAFKA_USERNAME: is not set: TANDEM_KAFKA_SASL=scram-sha-512 needs it\nTANDEM_KAFKA_PASSWORD_FILE: is not set/,
  },
  {
    what: 'a name without a mechanism',
    env: { TANDEM_KAFKA_USERNAME: 'tandem' },
    says: /TANDEM_KAFKA_USERNAME: has no use without TANDEM_KAFKA_SASL/,
  },
  {
    what: 'plain without TLS',
    env: {
      TANDEM_KAFKA_SASL: 'plain',
      TANDEM_KAFKA_USERNAME: 'tandem',
      TANDEM_KAFKA_PASSWORD_FILE: import.meta.filename,
    },
    says: /TANDEM_KAFKA_SASL: is plain, which shows the password to the network: set TANDEM_KAFKA_TLS=on/,
  },
  {
    what: 'an authority without TLS',
    env: { TANDEM_KAFKA_TLS_CA_FILE: import.meta.filename },
    says: /TANDEM_KAFKA_TLS_CA_FILE: has no use without TANDEM_KAFKA_TLS=on/,
  },
  {
    what: 'a certificate without its key',
    env: { TANDEM_KAFKA_TLS: 'on', TANDEM_KAFKA_TLS_CERT_FILE: import.meta.filename },
    says: /TANDEM_KAFKA_TLS_KEY_FILE: is not set/,
  },
  {
    what: 'a file that is not there',
    env: { TANDEM_KAFKA_TLS: 'on', TANDEM_KAFKA_TLS_CA_FILE: '/nowhere' },
    says: /TANDEM_KAFKA_TLS_CA_FILE: cannot read \/nowhere/,
  },
];

for (const { what, env, says } of refused) {
  test(`OPS-05 ${what} is refused at the start`, () => {
    assert.throws(() => readKafkaSecurity(env), says);
  });
}

test('OPS-05 Kafka is spoken to in plain text and without a name where nothing is set', () => {
  assert.equal(readKafkaSecurity({}), undefined);
  assert.equal(readKafkaSecurity({ TANDEM_KAFKA_TLS: 'off' }), undefined);
});

test('OPS-05 files are read again each time, and what they held stays while they are gone', (t) => {
  const files = new TlsFiles(t);
  const security = readKafkaSecurity({
    TANDEM_KAFKA_TLS: 'on',
    TANDEM_KAFKA_SASL: 'plain',
    TANDEM_KAFKA_USERNAME: 'tandem',
    TANDEM_KAFKA_PASSWORD_FILE: files.put('password', 'first\n'),
  });
  // Authorities that Node trusts.
  assert.equal(security?.tls?.ca(), undefined);
  assert.equal(security?.sasl?.password(), 'first');
  files.put('password', 'second');
  assert.equal(security.sasl.password(), 'second');
});
