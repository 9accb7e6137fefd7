import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { callAsPhone, finalResponse } from '../src/calling.ts';
import { configuration } from '../src/configuration.ts';
import { onEachWay } from '../src/each-way.ts';
import { freePorts } from '../src/free-ports.ts';
import { sendRaw } from '../src/raw-sender.ts';
import { Carrier } from '../src/sipp.ts';

let carrier: Carrier | undefined;

onEachWay(
  'bad input',
  {
    setUp: async (running) => {
      const [first = 0, second = 0] = await freePorts(2);
      carrier = await Carrier.start({ scenario: 'carrier-answers', port: first });
      await running.configure(configuration(first, second));
    },
    tearDown: async () => carrier?.stop(),
  },
  (theSwitch) => {
    const cases: readonly [
      title: string,
      datagrams: readonly Buffer[],
      answer: RegExp | undefined,
    ][] = [
      ['random bytes', Array.from({ length: 50 }, () => randomBytes(700)), undefined],
      ['64 KiB', [invite(['X-Filler: '.padEnd(64_000, 'x')])], /^SIP\/2\.0 (400|413|513) /],
      [
        'a header of 10,000 characters',
        [invite([`X-Long: ${'y'.repeat(10_000)}`])],
        /^SIP\/2\.0 4/,
      ],
      [
        '1,000 Via lines',
        [
          invite(
            Array.from(
              { length: 1000 },
              (_, n) => `Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK${String(n)}`,
            ),
          ),
        ],
        /^SIP\/2\.0 4/,
      ],
      ['a negative Content-Length', [invite([], -5)], /^SIP\/2\.0 400 /],
      ['a request cut in the middle', [invite([]).subarray(0, 120)], /^SIP\/2\.0 400 /],
      ['an empty datagram', [Buffer.alloc(0)], undefined],
    ];
    for (const [title, datagrams, answer] of cases) {
      test(`CALL-10 ${title}: answered 4xx or dropped, and the next call works`, async () => {
        const answers = await sendRaw(theSwitch().sip, datagrams);
        // Dropped is right as well; what may not come is anything else.
        const finals = answers.filter((line) => !line.startsWith('SIP/2.0 1'));
        for (const line of finals) {
          assert.match(line, answer ?? /^SIP\/2\.0 4/);
        }
        const next = await callAsPhone(theSwitch(), '442079460000');
        assert.equal(finalResponse(next).status, 200, next.output);
      });
    }
  },
);

function invite(more: readonly string[], contentLength = 0): Buffer {
  const unique = randomBytes(6).toString('hex');
  return Buffer.from(
    [
      'INVITE sip:442079460000@127.0.0.1 SIP/2.0',
      `Via: SIP/2.0/UDP 127.0.0.2:@PORT@;branch=z9hG4bK${unique};rport`,
      ...more,
      `From: <sip:bad@127.0.0.2>;tag=${unique}`,
      'To: <sip:442079460000@127.0.0.1>',
      `Call-ID: ${unique}`,
      'CSeq: 1 INVITE',
      'Contact: <sip:bad@127.0.0.2:@PORT@>',
      'Max-Forwards: 70',
      `Content-Length: ${String(contentLength)}`,
      '',
      '',
    ].join('\r\n'),
    'latin1',
  );
}
