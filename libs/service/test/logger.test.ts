import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger, silentLogger } from '@tandem/service';

function capture(level?: string) {
  const lines: Record<string, unknown>[] = [];
  const destination = {
    write: (line: string) => {
      lines.push(JSON.parse(line) as Record<string, unknown>);
    },
  };
  const logger = createLogger(
    'auth',
    level === undefined ? { destination } : { destination, level },
  );
  return { lines, logger };
}

test('OPS-06 an entry is one JSON object with service, level, time and message', () => {
  const { lines, logger } = capture();
  logger.warn({ callId: 'c1', code: 503 }, 'attempt failed');
  const [line] = lines;
  assert.equal(lines.length, 1);
  assert.equal(line?.['service'], 'auth');
  assert.equal(line['level'], 'warn');
  assert.equal(line['msg'], 'attempt failed');
  assert.equal(line['callId'], 'c1');
  assert.match(String(line['time']), /^\d{4}-\d\d-\d\dT/);
});

test('AUTH-12 passwords and credentials are never written, on the first three levels', () => {
  const { lines, logger } = capture();
  logger.info(
    { password: 'tandem-demo', a: { authorization: 'Digest x', b: { ha1: 'x' } } },
    'seen',
  );
  logger.info({ request: { headers: { 'proxy-authorization': 'Digest y' } }, token: 't' }, 'seen');
  const text = JSON.stringify(lines);
  for (const secret of ['tandem-demo', 'Digest', '"x"', '"t"']) assert.ok(!text.includes(secret));
  assert.equal(lines[0]?.['password'], '[redacted]');
});

test('OPS-06 an entry below the level is not written', () => {
  const { lines, logger } = capture('error');
  logger.warn('not this');
  logger.error('this');
  assert.deepEqual(
    lines.map((line) => line['msg']),
    ['this'],
  );
});

test('OPS-06 a silent log keeps nothing', () => {
  assert.equal(silentLogger().isLevelEnabled('fatal'), false);
});
