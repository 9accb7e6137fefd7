import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMessage, serialize, validateRequest } from '@tandem/sip';
import { SipRequest, SipResponse } from '@tandem/sip';
import {
  answerProbe,
  probeRequest,
  readProbeAnswer,
} from '../../../src/core/network/network-probe.ts';
import { Sealer } from '../../../src/core/marks/seal.ts';

const sealer = new Sealer([Buffer.alloc(32, 7)]);
const probe = {
  nonce: '00112233445566778899aabbccddeeff',
  transport: 'udp',
  target: '203.0.113.1:5060',
  from: { address: '192.0.2.7', port: 40_000 },
} as const;
const source = { address: '2001:db8::5', port: 61_000 };

function received(): SipRequest {
  const message = parseMessage(serialize(probeRequest(probe, sealer)));
  assert.ok(message instanceof SipRequest);
  return message;
}

test('CALL-07 a probe is a valid OPTIONS outside a dialog, which any front passes on', () => {
  const request = received();
  assert.equal(validateRequest(request, { supported: [], schemes: ['sip'] }), undefined);
  assert.match(request.uri, /^sip:probe-[\w-]+@203\.0\.113\.1:5060$/);
  const text = serialize(request).toString();
  assert.match(text, /^Via: SIP\/2\.0\/UDP 192\.0\.2\.7:40000;/m);
  assert.match(text, /^Max-Forwards: 70/m);
});

test('CALL-07 the pod that gets a probe says sealed what source it saw, and who it is', () => {
  const response = answerProbe(received(), { source, pod: 'edge-2', sealer });
  assert.ok(response);
  const message = parseMessage(serialize(response));
  assert.ok(message instanceof SipResponse);
  assert.equal(message.status, 200);
  assert.doesNotMatch(serialize(message).toString(), /2001:db8/);
  assert.deepEqual(readProbeAnswer(message, sealer), {
    nonce: probe.nonce,
    seen: source,
    pod: 'edge-2',
  });
});

test('CALL-07 an OPTIONS of somebody else is no probe, and an answer under another key is none', () => {
  const facts = { source, pod: 'edge-2', sealer };
  for (const uri of ['sip:203.0.113.1', 'sip:probe-@203.0.113.1', 'sip:probe-forged', 'tel:+1']) {
    const request = received();
    request.uri = uri;
    assert.equal(answerProbe(request, facts), undefined, uri);
  }
  const notOptions = received();
  notOptions.method = 'MESSAGE';
  assert.equal(answerProbe(notOptions, facts), undefined);
  const response = answerProbe(received(), facts);
  assert.ok(response);
  const other = new Sealer([Buffer.alloc(32, 8)]);
  assert.equal(readProbeAnswer(response, other), undefined);
  assert.equal(answerProbe(received(), { ...facts, sealer: other }), undefined);
});

test('CALL-07 what a probe asks with is no answer: it cannot be sent back as one', () => {
  const request = received();
  const response = answerProbe(request, { source, pod: 'edge-2', sealer });
  const asked = /probe-([\w-]+)@/.exec(request.uri)?.[1] ?? '';
  assert.ok(response);
  response.headers.set('X-Tandem-Probe', asked);
  assert.equal(readProbeAnswer(response, sealer), undefined);
});
