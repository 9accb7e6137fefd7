import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readCertificates, signCall, verifyCall } from '@tandem/stir';
import { issueCertificate } from '@tandem/testing';
import { callAsTrunk, finalResponse, sipCallId } from '../src/calling.ts';
import { configuration } from '../src/configuration.ts';
import { onEachWay } from '../src/each-way.ts';
import { freePorts } from '../src/free-ports.ts';
import { header } from '../src/sip-trace.ts';
import type { TracedMessage } from '../src/sip-trace.ts';
import { Carrier } from '../src/sipp.ts';
import { until } from '../src/until.ts';

const NUMBER = '+441632960123';
const CALLEE = '442079460000';
const OURS = 'https://certificates.example.org/ours.pem';
const THEIRS = 'https://certificates.example.org/theirs.pem';

// A certificate of today: it is held against the clock of the switch.
const validFrom = new Date(Date.now() - 86_400_000);
const validTo = new Date(Date.now() + 86_400_000);
const root = issueCertificate({ name: 'Root', validFrom, validTo });
const issued = (name: string) =>
  issueCertificate({ name, issuer: root, numbers: [{ spc: '1234' }], validFrom, validTo });
const [ours, theirs] = [issued('Ours'), issued('Theirs')];

const folder = mkdtempSync(join(tmpdir(), 'tandem-stir-'));
const [keys, certificates] = [join(folder, 'keys'), join(folder, 'certificates')];
for (const each of [keys, certificates]) mkdirSync(each);
writeFileSync(join(keys, 'ours.key'), ours.keyPem);
writeFileSync(join(keys, 'ours.crt'), ours.pem);
writeFileSync(join(certificates, 'theirs.pem'), theirs.pem);
writeFileSync(join(certificates, 'map.json'), JSON.stringify({ [THEIRS]: 'theirs.pem' }));
writeFileSync(join(folder, 'trust.pem'), root.pem);
// Whatever is started here inherits them.
process.env['TANDEM_STIR_KEYS'] = keys;
process.env['TANDEM_STIR_TRUST'] = join(folder, 'trust.pem');
process.env['TANDEM_STIR_CERTIFICATES'] = certificates;
process.env['TANDEM_STIR_FETCH'] = 'none';
after(() => {
  rmSync(folder, { recursive: true, force: true });
});

let carriers: readonly [Carrier, Carrier] | undefined;

onEachWay(
  'who calls',
  {
    usual: 'allinone',
    setUp: async (running) => {
      const [trusted = 0, untrusted = 0] = await freePorts(2);
      carriers = [
        await Carrier.start({ scenario: 'carrier-answers', port: trusted, trace: true }),
        await Carrier.start({ scenario: 'carrier-answers', port: untrusted, trace: true }),
      ];
      const document = configuration(trusted, untrusted);
      const [account] = document.accounts;
      const [trunk] = document.mappingGateways;
      const [a, b] = document.routingGateways;
      await running.configure({
        ...document,
        stir: { certificates: [{ name: 'ours', x5u: OURS }], certificate: 'ours' },
        accounts: [{ ...account, numbers: ['441632960'] }],
        mappingGateways: [
          { ...trunk, identity: { trusted: true }, stir: { verify: 'refuse-failed' } },
        ],
        routingGateways: [
          {
            ...a,
            prefixes: ['44207'],
            identity: { trusted: true, verstat: true },
            stir: 'sign',
          },
          { ...b, prefixes: ['44208'] },
        ],
      });
    },
    tearDown: async () => {
      for (const each of carriers ?? []) await each.stop();
    },
  },
  (theSwitch) => {
    test('CALL-12 T2-19 a carrier that is trusted gets the number of an anonymous caller, signed; the CDR has both', async () => {
      const callId = await call(CALLEE);
      const invite = await inviteAt(0, callId);
      assert.match(header(invite, 'From') ?? '', /<sip:anonymous@anonymous\.invalid>/);
      assert.match(
        header(invite, 'P-Asserted-Identity') ?? '',
        /^<sip:\+441632960123;verstat=No-TN-Validation@127\.0\.0\.1>$/,
      );
      assert.equal(header(invite, 'Privacy'), 'id');
      assert.match(header(invite, 'Diversion') ?? '', /^<sip:\+441632960999@127\.0\.0\.1>;reason=/);
      assert.match(
        header(invite, 'History-Info') ?? '',
        /^<sip:\+441632960999@127\.0\.0\.1>;index=1/,
      );
      const verdict = await verifyCall(
        {
          identity: [header(invite, 'Identity') ?? ''],
          callers: [NUMBER],
          callees: [CALLEE],
          date: header(invite, 'Date') ?? '',
          nowMs: Date.now(),
        },
        {
          authorities: readCertificates(Buffer.from(root.pem)),
          certificates: (url) =>
            Promise.resolve(url === OURS ? readCertificates(Buffer.from(ours.pem)) : url),
        },
      );
      assert.deepEqual([verdict.kind, verdict.attestation], ['passed', 'A'], verdict.cause);
      const cdr = await theSwitch().api.cdrOf(callId);
      assert.equal(cdr.a?.caller, NUMBER);
      assert.equal(cdr.a.from, 'anonymous');
      assert.equal(cdr.b?.asserted, NUMBER);
      assert.equal(cdr.signature?.verdict, 'missing');
      const { text } = await theSwitch().api.explain(callId);
      assert.match(text, /is asserted, by P-Asserted-Identity; From says anonymous, Privacy id/);
      assert.match(text, /was signed with certificate ours, attestation A/);
    });

    test('CALL-12 T2-19 a carrier that is not trusted gets none of it', async () => {
      const invite = await inviteAt(1, await call('442089460000'));
      for (const name of [
        'P-Asserted-Identity',
        'Privacy',
        'Diversion',
        'History-Info',
        'Identity',
      ]) {
        assert.equal(header(invite, name), undefined, name);
      }
    });

    test('CALL-12 a signature that is good goes on, one that is not of the call is refused with 438', async () => {
      const identity = await signCall(
        {
          attestation: 'B',
          origid: 'o-1',
          caller: '441632960123',
          callee: CALLEE,
          atMs: Date.now(),
        },
        { key: theirs.key, x5u: THEIRS },
      );
      const callId = await call(CALLEE, `Identity: ${identity}`);
      const invite = await inviteAt(0, callId);
      assert.equal(header(invite, 'Identity'), identity);
      assert.match(header(invite, 'P-Asserted-Identity') ?? '', /verstat=TN-Validation-Passed/);
      assert.equal(header(invite, 'Attestation-Info'), 'B');
      assert.equal((await theSwitch().api.cdrOf(callId)).signature?.verdict, 'passed');
      const other = await call(
        '442079460009',
        `Identity: ${identity}`,
        '438 Invalid Identity Header',
      );
      const cdr = await theSwitch().api.cdrOf(other);
      assert.equal(cdr.reason, 'IdentityInvalid');
      assert.match((await theSwitch().api.explain(other)).text, /signed for callee 442079460000/);
    });

    /** Calls as the trunk, anonymously. @returns its Call-ID */
    async function call(
      callee: string,
      extra = 'Subject: none',
      expected = '200 OK',
    ): Promise<string> {
      const result = await callAsTrunk(theSwitch(), callee, {
        scenario: 'caller-identity',
        caller: NUMBER,
        extra,
      });
      assert.equal(finalResponse(result).start, `SIP/2.0 ${expected}`, result.output);
      return sipCallId(result);
    }

    async function inviteAt(at: 0 | 1, callId: string): Promise<TracedMessage> {
      const { b } = await theSwitch().api.cdrOf(callId);
      return until(`the INVITE of ${callId}`, async () => {
        const messages = (await carriers?.[at].messages()) ?? [];
        return messages.find(
          (each) => each.method === 'INVITE' && header(each, 'Call-ID') === b?.sipCallId,
        );
      });
    }
  },
);
