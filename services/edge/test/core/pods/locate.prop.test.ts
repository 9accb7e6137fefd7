import assert from 'node:assert/strict';
import test from 'node:test';
import { parseMessage, readOutline } from '@tandem/sip';
import fc from 'fast-check';
import { formatMark, markedBranch } from '../../../src/core/marks/call-mark.ts';
import { responseBranch } from '../../../src/core/marks/response-branch.ts';
import { locate, saidIn, saidInBranch } from '../../../src/core/pods/locate.ts';
import type { PodsView } from '../../../src/core/pods/locate.ts';
import type { Pod } from '../../../src/ports.ts';
import { sealer } from '../../support/messages.ts';

const slots = fc.integer({ min: 0, max: 5 });
const callIds = fc.constantFrom('AAAAAAAAAAAAAAAA', 'BBBBBBBBBBBBBBBB');
const marks = fc.record({
  slot: slots,
  epoch: fc.integer({ min: 7, max: 8 }),
  callId: callIds,
  sequence: fc.integer({ min: 0, max: 3 }),
});
const token = fc.oneof(fc.stringMatching(/^[\w-]{1,9}$/), fc.stringMatching(/^[\w-]{49,60}$/));
const methods = fc.constantFrom(
  'INVITE',
  'ACK',
  'ACK',
  'CANCEL',
  'BYE',
  'OPTIONS',
  'PRACK',
  'SUBSCRIBE',
);
const branches = fc.oneof(
  marks.map((mark) => markedBranch(formatMark(sealer, mark))),
  // A MAC is not looked at, but the length is.
  marks.map((mark) => `${markedBranch(formatMark(sealer, mark)).slice(0, -1)}A`),
  marks.map((mark) => `${markedBranch(formatMark(sealer, mark))}A`),
  token.map((text) => `z9hG4bK-s${text}`),
  token.map((text) => `z9hG4bK${text}`),
);
const tags = fc.option(
  fc.oneof(
    marks.map((mark) => formatMark(sealer, mark)),
    token,
    token.map((text) => `s.${text}`),
  ),
  { nil: undefined },
);
const uris = fc.oneof(
  fc.constant('sip:442079460000@10.0.0.1'),
  token.map((text) => `sip:${text}@10.0.0.1:5060`),
  token.map((text) => `sip:10.0.0.1;tt=${text}`),
);
const messages = fc
  .record({
    method: methods,
    status: fc.option(fc.constantFrom(100, 180, 200, 404, 487), { nil: undefined }),
    uri: uris,
    branch: branches,
    tag: tags,
    callId: fc.constantFrom('a@b', 'AAAAAAAAAAAAAAAA'),
    isCompact: fc.boolean(),
    isProxied: fc.boolean(),
  })
  .map(({ method, status, uri, branch, tag, callId, isCompact, isProxied }) => {
    const [via, to, id] = isCompact ? ['v', 't', 'i'] : ['Via', 'To', 'Call-ID'];
    return Buffer.from(
      [
        status === undefined ? `${method} ${uri} SIP/2.0` : `SIP/2.0 ${String(status)} Reason`,
        `${via}: SIP/2.0/UDP 10.0.0.2:5060;branch=${branch}`,
        ...(isProxied ? [`${via}: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKbelow`] : []),
        `From: <sip:a@a.example>;tag=theirs`,
        `${to}: "B;tag=no" <sip:b@b.example;tag=no>${tag === undefined ? '' : `;tag=${tag}`}`,
        `${id}: ${callId}`,
        `CSeq: 1 ${method}`,
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
      'latin1',
    );
  });
const views: fc.Arbitrary<PodsView> = fc
  .record({
    lives: fc.uniqueArray(slots, { maxLength: 5 }),
    isFront: fc.boolean(),
    own: slots,
    known: fc.option(callIds, { nil: undefined }),
  })
  .map(({ lives, isFront, own, known }) => ({
    pods: lives.map(podIn),
    place: isFront ? undefined : { slot: own, epoch: 7 },
    own: podIn(own).address,
    has: ({ callId }) => callId === known,
  }));

function podIn(slot: number): Pod {
  const address = `10.0.0.${String(slot)}:7000`;
  const role = slot === 5 ? 'front' : 'both';
  return { name: '', slot, epoch: 7, role, address, isDraining: false };
}

test('edge.md §3: a message is the same one’s, whether its outline, its bytes or all of it is read', () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(messages, views, fc.boolean(), (bytes, view, isHanded) => {
      const outline = readOutline(bytes);
      assert.ok(outline !== undefined);
      const read = locate(saidIn(parseMessage(bytes)), view, isHanded);
      kinds.add(read.kind);
      assert.deepEqual(locate(outline, view, isHanded), read);
      const branch = responseBranch(bytes);
      if (branch !== undefined) {
        assert.deepEqual(locate(saidInBranch(branch), view, isHanded), read);
      } else if (outline.method === undefined) {
        assert.equal(read.kind, 'here');
      }
    }),
    { numRuns: 3000 },
  );
  assert.deepEqual([...kinds].sort(), ['anyone', 'here', 'pod', 'store']);
});
