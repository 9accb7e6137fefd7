import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, worst } from '../../../src/core/network/network-verdict.ts';
import type { ProbeResult, ProbeSeries } from '../../../src/core/network/network-verdict.ts';

const target = { address: '203.0.113.1', port: 5060 };
const sentFrom = { address: '10.0.0.7', port: 40_000 };

function series(results: readonly ProbeResult[]): ProbeSeries {
  const text = '203.0.113.1:5060';
  return { transport: 'udp', target: text, resolved: [target], results, atMs: 1000 };
}

function seenAs(address: string, port: number, from = target): ProbeResult {
  return { sentFrom, answer: { seen: { address, port }, pod: 'edge-2', from }, failure: '' };
}

test('CALL-07 a probe that is seen as it was sent says that sources are preserved and the address leads here', () => {
  const finding = judge(series([seenAs('10.0.0.7', 40_000)]));
  assert.deepEqual(finding, {
    transport: 'udp',
    target: '203.0.113.1:5060',
    source: 'preserved',
    leadsHere: 'yes',
    sentFrom: '10.0.0.7:40000',
    seenFrom: '10.0.0.7:40000',
    answeredFrom: '203.0.113.1:5060',
    answeredBy: 'edge-2',
    text: "the network keeps clients' addresses; 203.0.113.1:5060 leads here",
    atMs: 1000,
  });
});

test('CALL-07 another address, or another port of the same address, says that sources are hidden', () => {
  for (const [address, port] of [
    ['172.17.0.1', 40_000],
    ['172.17.0.1', 50_000],
    ['10.0.0.7', 50_000],
    ['203.0.113.1', 50_000],
  ] as const) {
    const finding = judge(series([seenAs('10.0.0.7', 40_000), seenAs(address, port)]));
    assert.equal(finding.source, 'hidden', address);
    assert.equal(finding.seenFrom, `${address}:${String(port)}`);
    assert.match(finding.text, /10\.0\.0\.7:40000 was seen as .*IP authentication is refused/);
  }
});

test('CALL-07 our own address translated one to one tells nothing of other clients: undecided', () => {
  const finding = judge(series([seenAs('203.0.113.1', 40_000)]));
  assert.deepEqual([finding.source, finding.leadsHere], ['undecided', 'yes']);
  assert.match(finding.text, /our own advertised address/);
});

test('CALL-07 no answer is undecided, both ways', () => {
  const finding = judge(series([{ sentFrom, failure: '' }]));
  assert.deepEqual([finding.source, finding.leadsHere], ['undecided', 'undecided']);
  assert.match(finding.text, /nothing came back from 203\.0\.113\.1:5060/);
});

test('CALL-07 one probe of several that got through is enough to decide, a lost one says nothing', () => {
  const finding = judge(series([seenAs('10.0.0.7', 40_000), seenAs('10.0.0.7', 40_000)]));
  assert.equal(finding.source, 'preserved');
  const oneLost = judge(series([{ sentFrom, failure: '' }, seenAs('10.0.0.7', 40_000)]));
  assert.deepEqual([oneLost.source, oneLost.leadsHere], ['preserved', 'yes']);
});

test('CALL-07 an answer from another address than the advertised one does not count as leading here', () => {
  const elsewhere = { address: '10.0.0.9', port: 5060 };
  const finding = judge(series([seenAs('10.0.0.7', 40_000, elsewhere)]));
  assert.equal(finding.leadsHere, 'no');
  assert.match(finding.text, /answers leave from 10\.0\.0\.9:5060, not from 203\.0\.113\.1:5060/);
});

test('CALL-07 a refused connection and a foreign server are told', () => {
  for (const failure of ['connect ECONNREFUSED', 'something else answers there (404 Not Found)']) {
    const finding = judge(series([{ failure }]));
    assert.deepEqual([finding.source, finding.leadsHere], ['undecided', 'no']);
    assert.ok(finding.text.includes(failure));
  }
});

test('CALL-07 of several verdicts the worst holds; none at all is untested', () => {
  assert.equal(worst(['preserved', 'hidden', 'undecided']), 'hidden');
  assert.equal(worst(['preserved', 'undecided']), 'undecided');
  assert.equal(worst(['preserved']), 'preserved');
  assert.equal(worst([]), 'untested');
});
