import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkConfiguration } from '../src/parse-configuration.ts';
import { maskPasswords, openPasswords, PASSWORD_MASK, sealPasswords } from '../src/passwords.ts';
import {
  isSealed,
  openSecret,
  readSecretKey,
  sealSecret,
  secretKeyFrom,
  secretKeysOf,
} from '../src/secrets.ts';
import { rightDocument } from './configurations.ts';

const key = secretKeyFrom(Buffer.alloc(32, 1).toString('base64'));
const isInvalid = { name: 'SwitchError', code: 'SWITCH_SECRET_INVALID' };

test('AUTH-12 a sealed secret opens with its key and no other', () => {
  const sealed = sealSecret(key, 'tandem-demo');
  assert.ok(isSealed(sealed));
  assert.doesNotMatch(sealed, /tandem-demo/);
  assert.equal(openSecret(key, sealed), 'tandem-demo');
  assert.throws(() => openSecret(randomBytes(32), sealed), isInvalid);
});

test('AUTH-12 the same secret is sealed differently each time', () => {
  assert.notEqual(sealSecret(key, 'x'), sealSecret(key, 'x'));
});

test('AUTH-12 a sealed secret that was changed or cut off does not open', () => {
  const sealed = sealSecret(key, 'tandem-demo');
  const changed = sealed.slice(0, -2) + (sealed.endsWith('AA') ? 'BB' : 'AA');
  for (const text of [changed, sealed.slice(0, 40), 'sealed:v1:', 'tandem-demo']) {
    assert.throws(() => openSecret(key, text), isInvalid);
  }
});

test('AUTH-12 the key is 32 bytes in base64', () => {
  assert.throws(() => secretKeyFrom('c2hvcnQ='), isInvalid);
});

test('AUTH-12 the first line of a key file seals, every line opens', () => {
  const lineOf = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
  const changing = secretKeyFrom(`${lineOf(2)}\n\n${lineOf(1)}\n`);
  assert.equal(openSecret(changing, sealSecret(key, 'old')), 'old');
  const young = secretKeyFrom(lineOf(2));
  assert.equal(openSecret(young, sealSecret(changing, 'new')), 'new');
  assert.throws(() => openSecret(young, sealSecret(key, 'old')), isInvalid);
  assert.deepEqual(
    secretKeysOf(changing).map((each) => each.export()[0]),
    [2, 1],
  );
  assert.throws(() => secretKeyFrom(`${lineOf(2)}\nc2hvcnQ=`), /the key in line 2 has 5 bytes/);
});

test('AUTH-12 the key file is read, and its absence told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-key-'));
  const file = join(folder, 'key');
  await writeFile(file, `${Buffer.alloc(32, 1).toString('base64')}\n`);
  assert.equal(openSecret(await readSecretKey(file), sealSecret(key, 'x')), 'x');
  await assert.rejects(readSecretKey(join(folder, 'none')), isInvalid);
  await rm(folder, { recursive: true });
});

test('AUTH-12 all passwords of a configuration are sealed, opened and masked', () => {
  const document = rightDocument({
    mappingGateways: [
      {
        name: 'a',
        account: 'demo',
        authentication: {
          mode: 'password',
          username: 'u',
          password: 'two',
          previousPassword: { password: 'before', validUntil: '2030-01-01T00:00:00Z' },
        },
      },
      { name: 'b', account: 'demo', authentication: { mode: 'ip', addresses: ['10.0.0.1'] } },
    ],
    routingGateways: [
      { name: 'x', addresses: ['192.0.2.1:1'], prefixes: [''], username: 'u', password: 'three' },
      { name: 'y', addresses: ['192.0.2.1:1'], prefixes: [''] },
    ],
  });
  const result = checkConfiguration(document);
  assert.equal(result.kind, 'valid');
  const sealed = sealPasswords(result.configuration, key);
  assert.doesNotMatch(JSON.stringify(sealed), /tandem-demo|"two"|"three"|"before"/);
  assert.deepEqual(openPasswords(sealed, key), result.configuration);
  const masked = JSON.stringify(maskPasswords(result.configuration));
  assert.equal(masked.split(PASSWORD_MASK).length - 1, 4);
  assert.doesNotMatch(masked, /tandem-demo|"two"|"three"|"before"/);
});
