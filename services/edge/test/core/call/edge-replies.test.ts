import assert from 'node:assert/strict';
import test from 'node:test';
import { AuthenticateResponseBatch } from '@tandem/proto/auth';
import { Decision } from '@tandem/proto/decision';
import { AuthenticateReplyBatch, RouteReplyBatch } from '@tandem/proto/edge-replies';
import { encoded } from '@tandem/proto/encoded';
import { RouteResponseBatch } from '@tandem/proto/routing';
import { candidateOf, origin } from '../../support/call-samples.ts';

const decisions = [
  Decision.fromPartial({ service: 'auth', facts: [{ name: 'code', value: '1' }], atMs: 5 }),
  Decision.fromPartial({ check: 'lines' }),
];

test('OPS-09 the edge reads what auth says as auth wrote it, and keeps its decisions as they are', () => {
  const challenge = { code: 407, wwwAuthenticate: ['a'], proxyAuthenticate: ['b', 'c'] };
  const deny = { reason: 'Suspended', origin };
  const bytes = encoded(
    AuthenticateResponseBatch,
    AuthenticateResponseBatch.fromPartial({
      items: [
        { id: 1, response: { outcome: { $case: 'allow', value: origin }, decisions } },
        { id: 2, response: { outcome: { $case: 'challenge', value: challenge }, decisions } },
        { id: 3, response: { outcome: { $case: 'deny', value: deny } } },
        { id: 4, error: 'the store is away' },
      ],
    }),
  );
  const read = AuthenticateReplyBatch.decode(bytes);
  assert.deepEqual(encoded(AuthenticateReplyBatch, read), bytes);
  assert.deepEqual(read.items[0]?.response?.decisions.map(decodeDecision), decisions);
  assert.equal(read.items[3]?.error, 'the store is away');
});

test('OPS-09 the edge reads what routing says as routing wrote it, and keeps its decisions as they are', () => {
  const routed = { candidates: [candidateOf('carrier-a')], chosen: 1, lines: ['account:demo'] };
  const deny = { reason: 'NoAvailableRouter', retryAfterSeconds: 7 };
  const next = { gateway: 'carrier-b', lines: ['x'], decisions, reason: 'y' };
  const bytes = encoded(
    RouteResponseBatch,
    RouteResponseBatch.fromPartial({
      items: [
        {
          id: 1,
          response: {
            $case: 'route',
            value: { outcome: { $case: 'routed', value: routed }, decisions },
          },
        },
        { id: 2, response: { $case: 'route', value: { outcome: { $case: 'deny', value: deny } } } },
        { id: 3, response: { $case: 'next', value: next } },
        { id: 4, response: { $case: 'error', value: 'the store is away' } },
      ],
    }),
  );
  const read = RouteReplyBatch.decode(bytes);
  assert.deepEqual(encoded(RouteReplyBatch, read), bytes);
  const { response } = read.items[2] ?? {};
  assert.ok(response?.$case === 'next');
  assert.deepEqual(response.value.decisions.map(decodeDecision), decisions);
});

function decodeDecision(bytes: Uint8Array): Decision {
  return Decision.decode(bytes);
}
