import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './command-line.ts';

const registered = {
  gateway: 'carrier-a',
  state: 'registered',
  since: '2026-11-21T10:00:00.000Z',
  addressOfRecord: 'sip:4930123@carrier.example',
  expiresInSeconds: 280,
  nextAttemptInSeconds: 205,
  lastAnswer: { code: 200, reason: 'OK', text: '' },
  edge: 'edge-1',
};
const refused = {
  ...registered,
  gateway: 'carrier-b',
  state: 'refused',
  expiresInSeconds: 0,
  nextAttemptInSeconds: null,
  lastAnswer: { code: 403, reason: 'Forbidden', text: 'no such user' },
};

test('REG-08 registrations with carriers are listed', async () => {
  const { stdout } = await run(['outbound-registrations'], {
    answer: () => ({ outboundRegistrations: [registered, refused] }),
  });
  assert.deepEqual(
    stdout.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | ')),
    [
      'GATEWAY | STATE | SINCE (UTC) | ADDRESS OF RECORD | SECONDS LEFT | NEXT | LAST ANSWER | EDGE',
      'carrier-a | registered | 2026-11-21 10:00:00 | sip:4930123@carrier.example | 280 | in 205 s | 200 OK | edge-1',
      'carrier-b | refused | 2026-11-21 10:00:00 | sip:4930123@carrier.example | 0 | under way | 403 Forbidden (no such user) | edge-1',
      '',
    ],
  );
});

test('REG-08 one is tried again at once', async () => {
  const answer = () => refused;
  const { received, stdout } = await run(['outbound-registrations', 'retry', 'carrier-b'], {
    answer,
  });
  assert.equal(received[0]?.method, 'POST');
  assert.equal(received[0].path, '/outbound-registrations/carrier-b/retry');
  assert.equal(stdout, 'carrier-b is registered anew within a second.\n');
  const json = await run(['outbound-registrations', 'retry', 'carrier-b', '--json'], { answer });
  assert.deepEqual(JSON.parse(json.stdout), refused);
});
