import assert from 'node:assert/strict';
import test from 'node:test';
import { responseBranch } from '../../../src/core/marks/response-branch.ts';

const MARK = 'AQAAAQBhYmNkZWZnaGlqa2xtbm9w';
const OURS = `z9hG4bK${MARK}`;

function response(via: string, firstLine = 'SIP/2.0 180 Ringing'): Buffer {
  return Buffer.from(`${firstLine}\r\n${via}\r\nCall-ID: 1\r\n\r\n`);
}

test('edge.md §3: the branch of a response is seen without reading it', () => {
  assert.equal(responseBranch(response(`Via: SIP/2.0/UDP h;branch=${OURS}`)), OURS);
  assert.equal(responseBranch(response(`v: SIP/2.0/UDP h;rport=1;branch=${OURS};x`)), OURS);
});

test('edge.md §3: a request, another branch and what is not written plainly are read as ever', () => {
  const via = `Via: SIP/2.0/UDP h;branch=${OURS}`;
  assert.equal(responseBranch(response(via, 'INVITE sip:b SIP/2.0')), undefined);
  assert.equal(responseBranch(response('Via: SIP/2.0/UDP h')), undefined);
  assert.equal(responseBranch(response(`${via}A`)), undefined);
  assert.equal(responseBranch(response(`Via: SIP/2.0/UDP h;branch = ${OURS}`)), undefined);
  assert.equal(responseBranch(Buffer.alloc(0)), undefined);
  assert.equal(responseBranch(Buffer.from('SIP')), undefined);
  assert.notEqual(responseBranch(response('Via: SIP/2.0/UDP h;branch=z9hG4bK1')), OURS);
});
