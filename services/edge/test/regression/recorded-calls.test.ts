import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { serialize, topVia } from '@tandem/sip';
import { openToken } from '../../src/core/dialog/dialog-token.ts';
import { EdgeBench } from '../support/edge-bench.ts';
import { sealer } from '../support/messages.ts';

// What an earlier version has left: a record in the store, and the INVITE that its carrier has got. While pods of two
// versions run side by side a call goes from one to the other (edge.md §5). Do not make these files anew: where the test
// fails, a carrier that has the INVITE of one version would be cancelled, or hung up, with the names of another.
const folder = new URL('fixtures/', import.meta.url);
const record = Buffer.from(
  readFileSync(new URL('ringing-call.record.b64', folder), 'latin1'),
  'base64',
);
const forked = Buffer.from(
  readFileSync(new URL('forked-call.record.b64', folder), 'latin1'),
  'base64',
);
const invite = readFileSync(new URL('ringing-call.sip', folder));
const CALL_ID = 'AAAAAQAAAAAAAAAA';

test('CALL-06 the INVITE of a call that an earlier version began is repeated byte for byte', async () => {
  const edge = new EdgeBench({ carriers: [{}] });
  edge.server.adopted({ callId: CALL_ID, record, isEnded: false });
  const b = await edge.incoming();
  assert.equal(serialize(b.invite).toString('latin1'), invite.toString('latin1'));
  await edge.close();
});

test('CALL-06 the INVITEs of a call that had two branches under way are both sent again, each with its own branch', async () => {
  const edge = new EdgeBench({ carriers: [{}, {}] });
  edge.server.adopted({ callId: 'AAAAAgAAAAAAAAAA', record: forked, isEnded: false });
  const branches = [await edge.incoming(0), await edge.incoming(1)].map(
    (b) => topVia(b.invite).branch,
  );
  assert.deepEqual(branches, [
    'z9hG4bKAwAATQEAAAACAAAAAAAAAAD-2ba6',
    'z9hG4bKAwAATQIAAAACAAAAAAAAAADl5HyZ',
  ]);
  await edge.close();
});

test('CALL-06 the token that an earlier version gave to a carrier leads to the caller', () => {
  const text = /\nContact: <sip:([^@]+)@/.exec(invite.toString('latin1'))?.[1] ?? '';
  const found = openToken(sealer, text);
  assert.ok(found?.kind === 'inline');
  const { callId, holder, target, nextHop, remoteTag } = found.token;
  assert.deepEqual(
    { callId, holder, target, nextHop, remoteTag },
    {
      callId: CALL_ID,
      holder: 'b',
      target: 'sip:1001@10.0.0.2:5062',
      nextHop: { address: '10.0.0.2', port: 5062 },
      remoteTag: 'IEnVgkDeYlaq',
    },
  );
});
