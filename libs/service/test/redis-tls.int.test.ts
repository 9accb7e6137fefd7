import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connectRedis, defineScript, silentLogger } from '@tandem/service';
import { OwnRedis, freeServerPort } from '@tandem/testing';

let folder: string;
let server: OwnRedis;
let port: number;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-redis-tls-'));
  const file = (name: string) => join(folder, name);
  const name = ['-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const parameters = ['req', '-x509', ...key, ...name, '-keyout', file('key'), '-out', file('cert')]; // prettier-ignore
  execFileSync('openssl', parameters, { stdio: ['ignore', 'ignore', 'pipe'] });
  port = await freeServerPort();
  server = await OwnRedis.start({
    settings: [
      `tls-port ${String(port)}`,
      `tls-cert-file ${file('cert')}`,
      `tls-key-file ${file('key')}`,
      'tls-auth-clients no',
      'requirepass secret',
    ],
    password: 'secret',
  });
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const COUNT = "return redis.call('INCR', KEYS[1])";
const logger = silentLogger();

test('OPS-05 rediss: client and scripts go over TLS, with the password', async () => {
  const ca = readFileSync(join(folder, 'cert'));
  const url = `rediss://:secret@127.0.0.1:${String(port)}`;
  const redis = connectRedis({ url, logger, tls: { ca } });
  assert.equal(await defineScript(redis, COUNT, 1)(['{tandem}:k'], []), 1);
  assert.equal(await redis.get('{tandem}:k'), '1');
  redis.disconnect();
});

test('OPS-05 rediss: a certificate that nobody vouches for is not accepted', async () => {
  const url = `rediss://:secret@127.0.0.1:${String(port)}`;
  const redis = connectRedis({ url, logger });
  await assert.rejects(defineScript(redis, COUNT, 1)(['{tandem}:k'], []), {
    code: 'SWITCH_STORE_UNAVAILABLE',
  });
  redis.disconnect();
});
