import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { formatMark, markedBranch } from '../../../src/core/marks/call-mark.ts';
import { livingPod, locate } from '../../../src/core/pods/locate.ts';
import type { PodsView, Said } from '../../../src/core/pods/locate.ts';
import type { Pod } from '../../../src/ports.ts';
import { sealer } from '../../support/messages.ts';

function pod(slot: number, changes: Partial<Pod> = {}): Pod {
  const address = `10.0.0.${String(slot)}:7000`;
  return { name: '', slot, epoch: 7, role: 'both', address, isDraining: false, ...changes };
}

const CALL = 'AAAAAAAAAAAAAAAA';
const TOKEN = 'x'.repeat(60);

/** As pod 1 sees them: it has the calls in `calls`. */
function viewOf(pods: readonly Pod[], ...calls: string[]): PodsView {
  return {
    pods,
    place: { slot: 1, epoch: 7 },
    own: '10.0.0.1:7000',
    has: ({ callId }) => calls.includes(callId),
  };
}

const all = [pod(1), pod(2), pod(3, { role: 'front' })];

function request(method: string, changes: Partial<Said> = {}): Said {
  const uri = 'sip:442079460000@10.0.0.1';
  return { method, uri, branch: 'z9hG4bKtheirs', toTag: undefined, callId: 'a@b', ...changes };
}

function response(slot: number, epoch = 7): Said {
  const branch = markedBranch(formatMark(sealer, { slot, epoch, callId: CALL, sequence: 1 }));
  return { method: undefined, uri: '', branch, toTag: 'theirs', callId: CALL };
}

function tagOf(slot: number): string {
  return formatMark(sealer, { slot, epoch: 7, callId: CALL, sequence: 0 });
}

/** What the table of edge.md §3 says, row by row: what is seen by pod 1, and whose it is. */
const rows: Record<string, readonly (readonly [Said, PodsView, string])[]> = {
  'INVITE out of a dialog': [[request('INVITE'), viewOf(all), 'anyone']],
  'response to an initial INVITE': [
    [response(2), viewOf(all), 'pod 2'],
    [response(2), viewOf(all, CALL), 'here'],
    [response(1), viewOf(all, CALL), 'here'],
    [response(1), viewOf(all), 'store'],
    [response(2, 8), viewOf(all), 'store'],
    [response(4), viewOf(all), 'store'],
    [response(3), viewOf(all), 'store'],
  ],
  'repeated INVITE, CANCEL': [
    [request('INVITE'), viewOf(all), 'anyone'],
    [request('CANCEL'), viewOf(all), 'anyone'],
  ],
  'ACK of a refusal': [
    [request('ACK', { toTag: tagOf(2) }), viewOf(all), 'pod 2'],
    [request('ACK', { toTag: tagOf(4) }), viewOf(all), 'store'],
    [request('ACK', { toTag: tagOf(2) }), viewOf(all, CALL), 'here'],
    [request('ACK', { toTag: tagOf(1) }), viewOf(all), 'here'],
  ],
  'ACK of a challenge': [[request('ACK', { toTag: 's.0123456789ab' }), viewOf(all), 'here']],
  'in a dialog, either direction': [
    [request('ACK', { toTag: tagOf(2), uri: `sip:${TOKEN}@10.0.0.1` }), viewOf(all), 'here'],
    [request('ACK', { toTag: tagOf(2), uri: `sip:10.0.0.1;tt=${TOKEN}` }), viewOf(all), 'here'],
    [request('BYE', { toTag: tagOf(2) }), viewOf(all), 'here'],
    [request('INVITE', { toTag: 'theirs' }), viewOf(all), 'here'],
    [request('CANCEL', { toTag: tagOf(2) }), viewOf(all), 'here'],
    [{ ...response(2), branch: `z9hG4bK-s${TOKEN}` }, viewOf(all), 'here'],
  ],
  'any other request out of a dialog': [
    [request('OPTIONS'), viewOf(all), 'here'],
    [request('ACK'), viewOf(all), 'here'],
  ],
};

function told(said: Said, view: PodsView, isHanded = false): string {
  const location = locate(said, view, isHanded);
  return location.kind === 'pod' ? `pod ${String(location.pod.slot)}` : location.kind;
}

for (const [packet, cases] of Object.entries(rows)) {
  test(`edge.md §3: whose a message is: ${packet}`, () => {
    for (const [said, view, whose] of cases) assert.equal(told(said, view), whose);
  });
}

test('edge.md §3: the table there has these rows, and no other', () => {
  const text = readFileSync(new URL('../../../../../docs/edge.md', import.meta.url), 'utf8');
  const table = text.slice(text.indexOf('| packet'), text.indexOf('Pods announce themselves'));
  const packets = [...table.matchAll(/^\| (?!packet|-)([^|]+?) +\|/gm)].map(([, packet]) => packet);
  assert.deepEqual(packets, Object.keys(rows));
});

test('edge.md §3: what was handed over once is not handed on by its mark again', () => {
  assert.equal(told(response(2), viewOf(all), true), 'store');
  assert.equal(told(request('ACK', { toTag: tagOf(2) }), viewOf(all), true), 'store');
  assert.equal(told(request('INVITE'), viewOf(all), true), 'anyone');
});

test('edge.md §3: a pod that died at this one’s address is not sent anything: it would come back here', () => {
  const former = pod(5, { address: '10.0.0.1:7000' });
  assert.equal(livingPod(former, viewOf([...all, former])), undefined);
  assert.equal(livingPod(pod(1), viewOf(all)), undefined);
  assert.equal(livingPod(pod(2), viewOf(all))?.slot, 2);
});
