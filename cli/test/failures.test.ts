import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './command-line.ts';

test('OPS-01 the token is sent and never shown', async () => {
  const { received, stdout, stderr } = await run(['accounts']);
  assert.equal(received[0]?.headers.get('authorization'), 'Bearer secret-token');
  assert.doesNotMatch(stdout + stderr, /secret-token/);
});

test('OPS-01 a token that is not known exits with 4 and says what to do', async () => {
  const problem = { detail: 'this token is not known' };
  const { code, stderr } = await run(['accounts'], { answer: () => ({ status: 401, problem }) });
  assert.equal(code, 4);
  assert.match(
    stderr,
    /is not one of http:\/\/127.0.0.1:8080, or has expired: name the right file with --token-file/,
  );
});

test('OPS-01 a token file that is not there exits with 4 and says what to do', async () => {
  const { code, stderr, received } = await run([
    'accounts',
    '--token-file',
    '/nonexistent/api-token',
  ]);
  assert.equal(code, 4);
  assert.match(stderr, /\/nonexistent\/api-token cannot be read \(ENOENT\).*TANDEM_TOKEN_FILE/);
  assert.equal(received.length, 0);
  const byDataDir = await run(['accounts'], {
    env: { TANDEM_TOKEN_FILE: undefined, TANDEM_DATA_DIR: '/nonexistent/data' },
  });
  assert.match(byDataDir.stderr, /\/nonexistent\/data\/api-token/);
});

test('OPS-01 a switch that does not answer exits with 3 and says what to do', async () => {
  const answer = () => {
    throw new TypeError('fetch failed', {
      cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }),
    });
  };
  const { code, stderr } = await run(['calls', '--api', 'http://127.0.0.1:9'], { answer });
  assert.equal(code, 3);
  assert.match(
    stderr,
    /http:\/\/127.0.0.1:9 does not answer \(ECONNREFUSED\). Is the switch running\?/,
  );
});

test('OPS-01 a part that is away exits with 3, a refusal with 1', async () => {
  const away = { status: 503, problem: { detail: 'billing: no connection; try again shortly' } };
  assert.deepEqual((await run(['cdrs'], { answer: () => away })).code, 3);
  const refused = { status: 404, problem: { detail: 'there is no account "x"' } };
  const { code, stderr } = await run(['accounts', 'x'], { answer: () => refused });
  assert.equal(code, 1);
  assert.equal(stderr, 'tandem: there is no account "x".\n');
});

test('OPS-01 an answer that is not of Tandem is told', async () => {
  const answer = () => ({ status: 502, problem: '<html>' });
  const { code, stderr } = await run(['calls'], { answer });
  assert.equal(code, 3);
  assert.match(stderr, /answered 502, which is no answer of Tandem/);
});

test('OPS-01 wrong usage exits with 2', async () => {
  for (const args of [
    ['apply'],
    ['nothing'],
    ['explain'],
    ['route', '44'],
    ['accounts', 'pay', 'demo', '5'],
    ['calls', '--api', 'no url'],
    ['cdrs', '--limit', 'many'],
    ['get', '--format', 'xml'],
    ['apply', '-f', '/nonexistent/file.yaml'],
  ]) {
    const { code, stderr } = await run(args);
    assert.equal(code, 2, args.join(' '));
    assert.notEqual(stderr, '');
  }
});

test('OPS-01 help names every command and the exit codes', async () => {
  const { code, stdout } = await run(['--help']);
  assert.equal(code, 0);
  for (const command of [
    'apply',
    'get',
    'cdrs',
    'calls',
    'accounts',
    'suspensions',
    'route',
    'explain',
    'lines',
    'versions',
  ]) {
    assert.match(stdout, new RegExp(`^  ${command}\\b`, 'm'));
  }
  assert.match(stdout, /Exit codes: 0 done/);
});
