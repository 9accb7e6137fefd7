import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { openBranch, sealBranch, sealLowerVias } from '../../../src/core/dialog/dialog-branch.ts';
import type { RelayedHop } from '../../../src/core/dialog/dialog-branch.ts';
import { useOfBranch } from '../../../src/core/marks/branch-use.ts';
import { plainTerms } from '../../../src/core/dialog/token-terms.ts';
import { CALL_ID, sealer } from '../../support/messages.ts';

const hop: RelayedHop = {
  callId: CALL_ID,
  from: 'a',
  source: { address: '192.0.2.10', port: 5062 },
  vias: [
    'SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bKx;rport=5062',
    'SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKy',
  ],
  callIdHeader: 'call@office.example',
  fromHeader: '"Alice" <sip:1001@office.example>;tag=alice',
  toHeader: '<sip:442079460000@198.51.100.1>;tag=switch',
  cseqNumber: 18,
  terms: plainTerms,
  cseqOffset: 1,
  firstCseq: 17,
  isRouted: false,
  isOtherRouted: true,
  holderAddresses: ['192.0.2.10'],
  callerAddresses: [],
};

const text = fc.stringMatching(/^[ -~]{1,120}$/);
const port = fc.integer({ min: 1, max: 65_535 });
const place = fc.constantFrom('192.0.2.10', '2001:db8::5', '192.0.2.0/24', '2001:db8::/32');
const anyHop: fc.Arbitrary<RelayedHop> = fc.record(
  {
    callId: fc
      .uint8Array({ minLength: 12, maxLength: 12 })
      .map((bytes) => Buffer.from(bytes).toString('base64url')),
    from: fc.constantFrom('a', 'b'),
    source: fc.oneof(
      fc.record({ address: fc.oneof(fc.ipV4(), fc.ipV6()), port }, { noNullPrototype: true }),
      fc.record(
        {
          address: fc.ipV4(),
          port,
          transport: fc.constant('tcp' as const),
          flow: fc.constant({ gate: '10.0.0.7:7000', connection: 2 ** 40 + 5 }),
        },
        { noNullPrototype: true },
      ),
    ),
    vias: fc.array(text, { minLength: 1, maxLength: 5 }),
    callIdHeader: text,
    fromHeader: text,
    toHeader: text,
    cseqNumber: fc.nat(0x7fff_ffff),
    terms: fc.constantFrom(plainTerms, {
      ...plainTerms,
      sessionSeconds: 600,
      hasCallerTimer: true,
    }),
    cseqOffset: fc.nat(255),
    firstCseq: fc.constant(0),
    isRouted: fc.boolean(),
    isOtherRouted: fc.boolean(),
    holderAddresses: fc.array(place, { minLength: 1, maxLength: 3 }),
    callerAddresses: fc.array(place, { maxLength: 3 }),
  },
  { noNullPrototype: true },
);

test('CALL-06 any hop comes back from its branch, which is the same each time', () => {
  fc.assert(
    fc.property(anyHop, (each) => {
      const branch = sealBranch(sealer, each);
      assert.equal(useOfBranch(branch), 'relayed');
      assert.deepEqual(openBranch(sealer, branch, sealLowerVias(sealer, each)), each);
      assert.equal(sealBranch(sealer, each), branch);
    }),
  );
});

test('CALL-02 another CSeq number, another Via or another leg is another branch', () => {
  const branches = [
    hop,
    { ...hop, cseqNumber: 19 },
    { ...hop, vias: hop.vias.slice(1) },
    { ...hop, from: 'b' as const },
  ].map((each) => sealBranch(sealer, each));
  assert.equal(new Set(branches).size, branches.length);
});

test('CALL-02 CANCEL and the ACK of a refusal, which have the topmost Via alone, get the branch of their INVITE', () => {
  const short = { ...hop, vias: hop.vias.slice(0, 1) };
  assert.equal(sealBranch(sealer, short), sealBranch(sealer, hop));
  assert.equal(sealLowerVias(sealer, short), undefined);
  assert.deepEqual(openBranch(sealer, sealBranch(sealer, hop), 'z9hG4bK-vnonsense'), short);
});

test('CALL-10 a branch that was changed, or is not ours, opens as nothing', () => {
  const branch = sealBranch(sealer, hop);
  assert.equal(useOfBranch('z9hG4bK776asdhds'), 'invite');
  assert.equal(openBranch(sealer, 'z9hG4bK-s'), undefined);
  assert.equal(openBranch(sealer, 'z9hG4bK-sabcdefgh'), undefined);
  fc.assert(
    fc.property(fc.integer({ min: 9, max: branch.length - 1 }), (at) => {
      const character = branch[at] === 'A' ? 'B' : 'A';
      const changed = branch.slice(0, at) + character + branch.slice(at + 1);
      const opened = openBranch(sealer, changed);
      if (opened !== undefined) {
        assert.deepEqual({ ...opened, vias: hop.vias }, hop);
      }
    }),
  );
});

test('edge.md §2: over UDP the gate that a message came through changes nothing, over TCP its connection does', () => {
  const flow = { gate: '10.0.0.7:7000', connection: 7 };
  const heard = { ...hop, source: { ...hop.source, flow } };
  assert.equal(sealBranch(sealer, heard), sealBranch(sealer, hop));
  const tcp = { ...hop, source: { ...hop.source, transport: 'tcp' as const, flow } };
  const other = { ...tcp, source: { ...tcp.source, flow: { ...flow, connection: 8 } } };
  assert.notEqual(sealBranch(sealer, tcp), sealBranch(sealer, other));
});
