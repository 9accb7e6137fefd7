import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { fileKey, misspeltVariables, readEnvironment } from '../src/environment.ts';
import { ConfigurationError } from '../src/mistake.ts';
import { settings } from '../src/settings.ts';

const schema = z.object({
  TANDEM_GRPC_LISTEN: settings.listen.default('127.0.0.1:9001'),
  TANDEM_POSTGRES_URL: settings.postgresUrl,
  TANDEM_REDIS_URL: settings.redisUrl.optional(),
  TANDEM_KAFKA_BROKERS: settings.kafkaBrokers.optional(),
});
const POSTGRES = 'postgres://tandem@127.0.0.1/tandem';

function withFile<T>(content: string, work: (file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-env-'));
  try {
    const file = join(folder, 'tandem.yaml');
    writeFileSync(file, content);
    return work(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function mistakesOf(env: NodeJS.ProcessEnv, of: z.ZodObject = schema): string {
  let message = '';
  assert.throws(
    () => readEnvironment(of, env),
    (error) => {
      assert.ok(error instanceof ConfigurationError);
      ({ message } = error);
      return true;
    },
  );
  return message;
}

test('OPS-05 settings are read from the environment, defaults filled in, empty ones as not set', () => {
  const values = readEnvironment(schema, {
    TANDEM_POSTGRES_URL: POSTGRES,
    TANDEM_REDIS_URL: '',
    TANDEM_KAFKA_BROKERS: 'a:9092, b:9092',
  });
  assert.deepEqual(values, {
    TANDEM_GRPC_LISTEN: '127.0.0.1:9001',
    TANDEM_POSTGRES_URL: POSTGRES,
    TANDEM_KAFKA_BROKERS: ['a:9092', 'b:9092'],
  });
});

test('OPS-05 all mistakes are named at once, passwords in URLs are not', () => {
  const message = mistakesOf({
    TANDEM_GRPC_LISTEN: 'nowhere',
    TANDEM_REDIS_URL: 'http://user:topsecret@127.0.0.1',
    TANDEM_KAFKA_BROKERS: 'a',
  });
  assert.deepEqual(message.split('\n'), [
    'TANDEM_GRPC_LISTEN: "nowhere" is wrong: write an address and a port, such as 127.0.0.1:9001',
    'TANDEM_POSTGRES_URL: is not set: PostgreSQL, such as postgres://tandem@127.0.0.1:5432/tandem.',
    'TANDEM_REDIS_URL: "http://***@127.0.0.1" is wrong: write a URL such as redis://127.0.0.1:6379, redis+sentinel://host:26379,host:26379/name or redis+cluster://host:6379,host:6379 (rediss for TLS)',
    'TANDEM_KAFKA_BROKERS: "a" is wrong: write host:port, several with commas',
  ]);
});

test('AUTH-12 the value of a secret variable is not shown', () => {
  const secret = z.object({ TANDEM_ADMIN_PASSWORD: z.string().min(20, 'write 20 characters') });
  const message = mistakesOf({ TANDEM_ADMIN_PASSWORD: 'topsecret' }, secret);
  assert.equal(message, 'TANDEM_ADMIN_PASSWORD: its value is wrong: write 20 characters');
  assert.equal(mistakesOf({}, secret), 'TANDEM_ADMIN_PASSWORD: is not set: it is needed');
});

test('OPS-05 a file gives what the environment does not, lists as well', () => {
  const file = `grpcListen: ':9009'\npostgresUrl: ${POSTGRES}\nkafkaBrokers: [a:1, b:2]\nsipListen: 127.0.0.1:5060\n`;
  withFile(file, (path) => {
    const values = readEnvironment(schema, {
      TANDEM_CONFIG_FILE: path,
      TANDEM_GRPC_LISTEN: '127.0.0.1:1',
    });
    assert.equal(values.TANDEM_GRPC_LISTEN, '127.0.0.1:1');
    assert.equal(values.TANDEM_POSTGRES_URL, POSTGRES);
    assert.deepEqual(values.TANDEM_KAFKA_BROKERS, ['a:1', 'b:2']);
  });
});

test('OPS-05 mistakes in the file are named with those of the environment', () => {
  const file = `postgresUr: x\nredisUrl: 5\nkafkaBrokers: { a: 1 }\ngrpcListen: [{}]\n`;
  withFile(file, (path) => {
    const message = mistakesOf({ TANDEM_CONFIG_FILE: path });
    assert.match(message, /postgresUr in .*: is not known; did you mean "postgresUrl"\?/);
    assert.match(message, /redisUrl in .*: "5" is wrong/);
    assert.match(message, /kafkaBrokers in .*: must be text, a number/);
    assert.match(message, /TANDEM_POSTGRES_URL: is not set/);
  });
});

test('OPS-05 a file that is not there, no YAML, a list or empty is told', () => {
  assert.match(
    mistakesOf({ TANDEM_CONFIG_FILE: '/nonexistent/x' }),
    /TANDEM_CONFIG_FILE: is .*cannot be read/,
  );
  withFile('a: [', (path) => {
    assert.match(mistakesOf({ TANDEM_CONFIG_FILE: path }), /cannot be read/);
  });
  withFile('- a', (path) => {
    assert.match(mistakesOf({ TANDEM_CONFIG_FILE: path }), /must hold keys and values/);
  });
  withFile('', (path) => {
    assert.match(mistakesOf({ TANDEM_CONFIG_FILE: path }), /^TANDEM_POSTGRES_URL: is not set/);
  });
});

test('OPS-05 keys of the file are the names of variables without TANDEM_', () => {
  assert.equal(fileKey('TANDEM_SIP_LISTEN'), 'sipListen');
  assert.equal(fileKey('OTEL_EXPORTER_OTLP_ENDPOINT'), 'otelExporterOtlpEndpoint');
});

test('OPS-07 a service is reached by a name, or by the addresses of its pods', () => {
  const isRight = (text: string): boolean => settings.address.safeParse(text).success;
  assert.ok(isRight('edge:9001'));
  assert.ok(isRight('192.0.2.1:9001,192.0.2.2:9001'));
  assert.ok(!isRight('edge-1:9001,edge-2:9001'));
  assert.ok(!isRight('192.0.2.1:9001,'));
  assert.ok(!isRight('192.0.2.1:9001,192.0.2.2'));
});

test('OPS-05 listen addresses may leave out the host', () => {
  assert.ok(settings.listen.safeParse(':9001').success);
  assert.ok(!settings.address.safeParse(':9001').success);
});

test('OPS-05 a variable whose name is misspelt is told with the name that is right; others of that beginning are not ours', () => {
  const env = {
    TANDEM_SIP_LISTN: 'udp:127.0.0.1:5060',
    TANDEM_LOG_LEVEL: 'info',
    TANDEM_API_SERVICE_HOST: '10.0.0.1',
    TANDEM_API_PORT: 'tcp://10.0.0.1:8080',
  };
  assert.deepEqual(misspeltVariables(env), [
    'TANDEM_SIP_LISTN is no setting; did you mean "TANDEM_SIP_LISTEN"?',
  ]);
});
