import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { callAsTrunk, finalResponse, sipCallId } from '../src/calling.ts';
import { carrier, configuration } from '../src/configuration.ts';
import { onEachWay } from '../src/each-way.ts';
import { freePorts } from '../src/free-ports.ts';
import { sendRaw } from '../src/raw-sender.ts';
import { header } from '../src/sip-trace.ts';
import { Carrier } from '../src/sipp.ts';

let carriers: { readonly any: Carrier; readonly islands: Carrier } | undefined;

onEachWay(
  'numbers however they are written',
  {
    usual: 'allinone',
    setUp: async (running) => {
      const [any = 0, islands = 0] = await freePorts(2);
      const scenario = 'carrier-answers';
      carriers = {
        any: await Carrier.start({ scenario, port: any, trace: true }),
        islands: await Carrier.start({ scenario, port: islands, trace: true }),
      };
      const document = configuration(any, islands);
      const rates = [
        { prefix: '', pricePerMinute: '0.001' },
        { prefix: '882', pricePerMinute: '9' },
        { prefix: '883', pricePerMinute: '0.05', connectionFee: '1000' },
      ];
      document.rateGroups = [{ name: 'standard', currency: 'USD', rates }];
      document.routingGateways = [
        { ...carrier('carrier-any', any, 1), prefixes: [''] },
        { ...carrier('carrier-islands', islands, 1), prefixes: ['+882'] },
      ];
      await running.configure(document);
    },
    tearDown: async () => {
      await carriers?.any.stop();
      await carriers?.islands.stop();
    },
  },
  (theSwitch) => {
    for (const [dialled, sent] of [
      ['%38%38%32123', '882123'],
      ['%2B882-123%23;npdi;rn=+1', '+882123%23'],
      ['2123;phone-context=+88', '+882123'],
    ] as const) {
      test(`CALL-12 ${dialled} has the rate and the route of ${sent}, which the carrier gets`, async () => {
        const result = await callAsTrunk(theSwitch(), dialled, { caller: '%34%34123;x=y' });
        assert.equal(finalResponse(result).status, 200, result.output);
        const cdr = await theSwitch().api.cdrOf(sipCallId(result));
        assert.deepEqual(
          cdr.attempts.map(({ gateway }) => gateway),
          ['carrier-islands'],
        );
        assert.equal(cdr.price, '9');
        assert.equal(cdr.a?.callee, sent.replace('%23', '#'));
        const invites = (await carriers?.islands.messages())?.filter(
          ({ method }) => method === 'INVITE',
        );
        const invite = invites?.at(-1);
        assert.ok(invite);
        assert.match(invite.start, new RegExp(`^INVITE sip:${sent.replace('+', '\\+')}@127`));
        assert.match(header(invite, 'From') ?? '', /<sip:44123@/);
        const { text } = await theSwitch().api.explain(sipCallId(result));
        assert.ok(text.includes(`was dialled as ${dialled}`), text);
      });
    }

    test('ROUTE-12 an analysis reads a number as a call does', async () => {
      const callee = encodeURIComponent('tel:2123;phone-context=+88');
      const path = `/api/v1/route?from=demo-trunk&callee=${callee}`;
      assert.match(
        JSON.stringify(await theSwitch().api.get(path)),
        /go to carrier-islands, then carrier-any at 9 USD/,
      );
    });

    test('ROUTE-12 an analysis of many numbers says of each what that of one says, and takes no line', async () => {
      const { api } = theSwitch();
      const callees = Array.from(
        { length: 500 },
        (_, at) => `${String(881 + (at % 3))}${String(at)}`,
      );
      const routes = await api.routes('demo-trunk', callees);
      assert.deepEqual(
        routes.map(({ callee }) => callee),
        callees,
      );
      for (const { callee, gateways, outcome, reason } of routes) {
        const isIsland = callee.startsWith('882');
        const isDear = callee.startsWith('883');
        assert.equal(outcome, isDear ? 'refused' : 'routed');
        assert.equal(reason, isDear ? 'InsufficientBalance' : '');
        const expected = isIsland ? ['carrier-islands', 'carrier-any'] : ['carrier-any'];
        assert.deepEqual(gateways, isDear ? [] : expected);
      }
      const lines = (await api.get('/api/v1/lines')) as { lines: { inUse: number }[] };
      assert.ok(lines.lines.every(({ inUse }) => inUse === 0));
    });

    test('DENY-05 a call that costs more than there is, is refused before it starts', async () => {
      const result = await callAsTrunk(theSwitch(), '883123');
      assert.equal(finalResponse(result).start, 'SIP/2.0 403 Insufficient balance');
      const cdr = await theSwitch().api.cdrOf(sipCallId(result));
      assert.equal(cdr.reason, 'InsufficientBalance');
      const { text } = await theSwitch().api.explain(sipCallId(result));
      assert.match(text, /costs at least 1000\.05 \(connection fee 1000, first 60 s at 0\.05/);
    });

    const refused = [
      ['sip:127.0.0.1:5060', 'SIP/2.0 404 Not Found'],
      ['tel:7700900123;phone-context=office.example', 'SIP/2.0 404 Not Found'],
      ['sip:882%2B882123@127.0.0.1', 'SIP/2.0 404 Not Found'],
      ['sip:882%00123@127.0.0.1', 'SIP/2.0 400 Bad Request'],
      ['sip:882%zz123@127.0.0.1', 'SIP/2.0 400 Bad Request'],
    ] as const;
    for (const [uri, status] of refused) {
      test(`DENY-09 ${uri} is answered ${status.slice(8)}, and nobody is called`, async () => {
        const before = await called();
        const isFinal = (answers: readonly string[]): boolean =>
          answers.some((answer) => !answer.startsWith('SIP/2.0 1'));
        const answers = await sendRaw(theSwitch().sip, [inviteTo(uri)], isFinal);
        assert.equal(answers.at(-1), status);
        assert.equal(await called(), before);
      });
    }

    async function called(): Promise<number> {
      const traces = [await carriers?.any.messages(), await carriers?.islands.messages()];
      return traces.flat().filter((message) => message?.method === 'INVITE').length;
    }
  },
);

function inviteTo(uri: string): Buffer {
  const unique = randomBytes(6).toString('hex');
  const lines = [
    `INVITE ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.2:@PORT@;branch=z9hG4bK${unique};rport`,
    `From: <sip:44123@127.0.0.2>;tag=${unique}`,
    'To: <sip:442079460000@127.0.0.1>',
    `Call-ID: ${unique}`,
    'CSeq: 1 INVITE',
    'Contact: <sip:44123@127.0.0.2:@PORT@>',
    'Max-Forwards: 70',
    'Content-Length: 0',
  ];
  return Buffer.from([...lines, '', ''].join('\r\n'), 'latin1');
}
