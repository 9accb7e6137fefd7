import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { callAsPhone, finalResponse } from '../src/calling.ts';
import { configuration } from '../src/configuration.ts';
import { onEachWay } from '../src/each-way.ts';
import { freePorts } from '../src/free-ports.ts';
import { sendRaw } from '../src/raw-sender.ts';
import { Carrier } from '../src/sipp.ts';
import { until } from '../src/until.ts';

const BAD_REQUEST = 'SIP/2.0 400 Bad Request';
const MAX_DATAGRAM = 65_507;
// What sendRaw puts the port of its socket in place of, twice in each INVITE.
const PORT_MARK = '@PORT@';
const PORT_DIGITS = 5;
let carrier: Carrier | undefined;

onEachWay(
  'bad input',
  {
    layout: 'pod',
    usual: 'real',
    setUp: async (running) => {
      const [first = 0, second = 0] = await freePorts(2);
      carrier = await Carrier.start({ scenario: 'carrier-answers', port: first });
      await running.configure(configuration(first, second));
    },
    tearDown: async () => carrier?.stop(),
  },
  (theSwitch) => {
    const cases: readonly Case[] = [
      { title: 'random bytes', datagrams: randomDatagrams(50), answers: [], counted: 50 },
      { title: '64 KiB', datagrams: [largest()], answers: [BAD_REQUEST], counted: 1 },
      {
        title: 'a header of 10,000 characters',
        datagrams: [invite([`X-Long: ${'y'.repeat(10_000)}`])],
        answers: [BAD_REQUEST],
        counted: 1,
      },
      {
        title: '1,000 Via lines',
        datagrams: [
          invite(
            Array.from(
              { length: 1000 },
              (_, n) => `Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK${String(n)}`,
            ),
          ),
        ],
        answers: [BAD_REQUEST],
        counted: 1,
      },
      {
        title: 'a negative Content-Length',
        datagrams: [invite([], -5)],
        answers: [BAD_REQUEST],
        counted: 1,
      },
      {
        title: 'a request cut within its first Via',
        datagrams: [invite([]).subarray(0, 70)],
        answers: [],
        counted: 1,
      },
      // A keepalive (RFC 5626 §3.5.1), so no mistake.
      { title: 'an empty datagram', datagrams: [Buffer.alloc(0)], answers: [], counted: 0 },
    ];
    for (const { title, datagrams, answers, counted } of cases) {
      const outcome = answers.length > 0 ? 'answered 400' : 'dropped';
      test(`CALL-10 ${title}: ${outcome}, counted, and the next call works`, async () => {
        const before = await mistakes();
        const sent = await sendRaw(
          theSwitch().sip,
          datagrams,
          ({ length }) => length >= answers.length,
        );
        assert.deepEqual(sent, answers);
        await until('all are counted', async () => (await mistakes()) - before >= counted);
        const next = await callAsPhone(theSwitch(), '442079460000');
        assert.equal(finalResponse(next).status, 200, next.output);
        assert.equal((await mistakes()) - before, counted);
      });
    }

    async function mistakes(): Promise<number> {
      const { malformed, garbage } = await theSwitch().api.status();
      return malformed + garbage;
    }
  },
);

interface Case {
  readonly title: string;
  readonly datagrams: readonly Buffer[];
  /** Status lines of all responses. */
  readonly answers: readonly string[];
  /** By how many the edge's counts of malformed messages and garbage grow. */
  readonly counted: number;
}

function randomDatagrams(count: number): readonly Buffer[] {
  return Array.from({ length: count }, () => randomBytes(700));
}

/** As much as one datagram over IPv4 can hold. */
function largest(): Buffer {
  const header = 'X-Filler: ';
  const rest = invite([header]).length + 2 * (PORT_DIGITS - PORT_MARK.length);
  return invite([header.padEnd(header.length + MAX_DATAGRAM - rest, 'x')]);
}

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
