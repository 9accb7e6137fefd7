import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '@tandem/config';
import { readOperatorSettings } from '../src/operator-settings.ts';

test('OPS-12 how operators come in is read from the environment, with defaults', () => {
  assert.deepEqual(readOperatorSettings({}), {
    publicUrl: undefined,
    proxies: undefined,
    requestsPerMinute: 6000,
    signIns: { idleMs: 3_600_000, failures: 5, lockMs: 900_000, passwordLength: 12 },
    openId: undefined,
  });
  const settings = readOperatorSettings({
    TANDEM_API_URL: 'https://tandem.example.com',
    TANDEM_API_PROXIES: '10.0.0.0/8, 192.0.2.1',
    TANDEM_OPENID_ISSUER: 'https://id.example.com',
    TANDEM_OPENID_CLIENT_ID: 'tandem',
    // Groups of a directory have commas and equals signs in their names.
    TANDEM_OPENID_ROLES: 'cn=noc,ou=groups=operator,it=administrator',
  });
  assert.equal(settings.publicUrl, 'https://tandem.example.com');
  assert.deepEqual(settings.proxies, ['10.0.0.0/8', '192.0.2.1']);
  assert.deepEqual(settings.openId, {
    issuer: 'https://id.example.com',
    clientId: 'tandem',
    clientSecretFile: undefined,
    title: 'OpenID Connect',
    groupsClaim: 'groups',
    groupRoles: [
      { group: 'cn=noc,ou=groups', role: 'operator' },
      { group: 'it', role: 'administrator' },
    ],
  });
});

test('OPS-12 what is wrong with it is named, with what would be right', () => {
  const cases = [
    ['TANDEM_API_URL', 'tandem', /https:\/\/tandem\.example\.com/],
    ['TANDEM_API_PROXIES', 'proxy', /10\.0\.0\.0\/8/],
    ['TANDEM_SIGN_IN_FAILURES', '2', /write 3 to 20/],
    ['TANDEM_PASSWORD_LENGTH', '7', /write 8 to 64/],
    ['TANDEM_OPENID_ROLES', 'noc=boss', /administrator, operator, billing, read-only/],
    ['TANDEM_OPENID_ROLES', 'operator', /group=role/],
  ] as const;
  for (const [name, value, message] of cases) {
    assert.throws(
      () => readOperatorSettings({ [name]: value }),
      (error) => {
        assert.ok(error instanceof ConfigurationError);
        assert.equal(error.mistakes[0]?.path, name);
        assert.match(error.mistakes[0].message, message);
        return true;
      },
    );
  }
  const issuer = { TANDEM_OPENID_ISSUER: 'https://id.example.com' };
  assert.throws(() => readOperatorSettings(issuer), /TANDEM_OPENID_CLIENT_ID/);
});
