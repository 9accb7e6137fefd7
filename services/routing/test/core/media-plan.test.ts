import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MediaSettings } from '@tandem/config';
import { mediaPlanOf } from '../../src/core/media-plan.ts';
import { configure, gateway } from '../routing-fixture.ts';

/** Settings as a document has them, with their defaults. */
function settings(media: Record<string, unknown> = {}): MediaSettings {
  const routingGateways = [gateway('a', ['44'], { media })];
  const [read] = configure({ routingGateways }).routingGateways;
  assert.ok(read !== undefined);
  return read.media;
}

const trunk = (media: Record<string, unknown> = {}) => ({
  subject: 'mapping-gateway trunk',
  media: settings(media),
});
const carrier = (media: Record<string, unknown> = {}) => ({
  subject: 'routing-gateway a',
  media: settings(media),
});

test('CALL-08 media passes where neither side asks for a relay', () => {
  assert.equal(mediaPlanOf(trunk(), carrier()), undefined);
  assert.equal(mediaPlanOf(undefined, carrier()), undefined);
  assert.equal(mediaPlanOf(trunk({ mode: 'needed' }), carrier({ mode: 'needed' })), undefined);
});

test('CALL-08 one side that anchors is enough, and says why', () => {
  assert.equal(mediaPlanOf(trunk({ mode: 'anchor' }), carrier())?.why, 'mode anchor of mapping-gateway trunk'); // prettier-ignore
  const plan = mediaPlanOf(undefined, carrier({ mode: 'anchor', relay: 'optional', silence: 30 }));
  assert.equal(plan?.isRequired, false);
  assert.equal(plan.silenceSeconds, 30);
});

test('CALL-08 a relay is needed where the sides differ in what they need', () => {
  const secure = { mode: 'needed', srtp: 'sdes' } as const;
  const plan = mediaPlanOf(trunk(secure), carrier());
  assert.equal(plan?.why, 'srtp sdes and none');
  // What is not said of the callee is plain.
  assert.deepEqual([plan.a?.srtp, plan.b?.srtp], ['sdes', 'none']);
  assert.equal(mediaPlanOf(trunk(secure), carrier(secure)), undefined);
  assert.equal(mediaPlanOf(trunk({ mode: 'needed', nat: 'sip-source' }), carrier())?.a?.nat, 'sip-source'); // prettier-ignore
  const forced = mediaPlanOf(trunk({ mode: 'needed', ice: 'force' }), carrier());
  assert.deepEqual([forced?.a?.ice, forced?.b?.ice], ['force', 'remove']);
});

test('CALL-08 what is not said of the caller, where it is said of the callee, is left to the caller’s offer', () => {
  const plan = mediaPlanOf(undefined, carrier({ mode: 'anchor', srtp: 'none', ice: 'remove' }));
  assert.deepEqual([plan?.a?.srtp, plan?.a?.ice], ['', '']);
  assert.deepEqual([plan?.b?.srtp, plan?.b?.ice], ['none', 'remove']);
});

test('CALL-08 what either side requires or records holds for the call, and the shorter silence', () => {
  const plan = mediaPlanOf(
    trunk({ mode: 'anchor', relay: 'optional', silence: 60, record: true }),
    carrier({ mode: 'anchor', silence: 20, codecs: { strip: ['G729'], offer: [] } }),
  );
  assert.ok(plan?.isRequired === true && plan.isRecorded);
  assert.equal(plan.silenceSeconds, 20);
  assert.deepEqual(plan.b?.codecsStripped, ['G729']);
  assert.deepEqual(plan.a?.codecsStripped, []);
});
