import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './command-line.ts';

const last = { code: 404, text: 'Not Found', roundTripMs: 12, from: '192.0.2.1:5060', at: null };
const since = '2026-11-21T10:00:00.000Z';
const checked = {
  name: 'carrier-a',
  state: 'degraded',
  edge: 'edge-1',
  uncheckedBecause: '',
  throttled: { sharePercent: 12.5, attempts: 13, failed: 9, since },
  quality: {
    attempts: 3,
    answerSeizureRatio: 0.333,
    averageCallSeconds: 61.5,
    postDialSeconds: 2,
  },
  addresses: [
    { transport: 'udp', address: '192.0.2.1:5060', isOffline: false, since, lastAnswer: last },
    {
      transport: 'udp',
      address: '192.0.2.2:5060',
      isOffline: true,
      since,
      lastAnswer: { ...last, code: 0, text: 'no answer within 3 s', roundTripMs: null },
    },
  ],
};
const unchecked = {
  name: 'carrier-b',
  state: 'unchecked',
  edge: '',
  uncheckedBecause: 'it has no optionsCheck',
  addresses: [],
};

function table(stdout: string): string[] {
  return stdout.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, ' | '));
}

test('OPS-02 ROUTE-07 gateways are listed with each address and what it answers, page by page', async () => {
  const pages = [
    { gateways: [checked], nextAfter: 'carrier-a' },
    { gateways: [unchecked], nextAfter: null },
  ];
  const { received, stdout } = await run(['gateways'], { answer: () => pages.shift() ?? {} });
  assert.deepEqual(
    received.map(({ path }) => path),
    ['/gateways?state=&after=&limit=1000', '/gateways?state=&after=carrier-a&limit=1000'],
  );
  assert.deepEqual(table(stdout), [
    'GATEWAY | STATE | SINCE (UTC) | ADDRESS | ANSWERS | LAST ANSWER | MS | CHECKED BY | GETS | ASR | ACD S | PDD S | ATTEMPTS',
    'carrier-a | degraded | 2026-11-21 10:00:00 | udp 192.0.2.1:5060 | yes | 404 Not Found | 12 | edge-1 | 12.5 % | 33.3 % | 61.5 | 2 | 3',
    '2026-11-21 10:00:00 | udp 192.0.2.2:5060 | no | no answer within 3 s',
    'carrier-b | unchecked | it has no optionsCheck',
    '',
  ]);
});

const tested = {
  gateway: 'carrier-a',
  edge: 'edge-1',
  names: ['sip.example is udp 192.0.2.1:5060 (SRV)'],
  addresses: [
    {
      transport: 'udp',
      address: '192.0.2.1:5060',
      sent: 5,
      answered: 4,
      roundTripMs: { least: 10, mean: 12, most: 15 },
      lastAnswer: '200 OK',
      text: '1 of 5 were lost, or their answers',
    },
  ],
  text: '0 of 1 addresses answer as they should',
};

test('OPS-04 a gateway is tested, and what was found is told in words', async () => {
  const answer = () => tested;
  const { received, stdout } = await run(['gateways', 'test', 'carrier-a', '--probes', '5'], { answer }); // prettier-ignore
  assert.deepEqual(
    [received[0]?.method, received[0]?.path],
    ['POST', '/gateways/carrier-a/test?probes=5'],
  );
  assert.deepEqual(table(stdout), [
    'sip.example is udp 192.0.2.1:5060 (SRV)',
    'ADDRESS | ANSWERED | LEAST/MEAN/MOST MS | LAST ANSWER | FOUND',
    'udp 192.0.2.1:5060 | 4 of 5 | 10/12/15 | 200 OK | 1 of 5 were lost, or their answers',
    'carrier-a: 0 of 1 addresses answer as they should, tested by edge-1.',
    '',
  ]);
  const json = await run(['gateways', 'test', 'carrier-a', '--json'], { answer });
  assert.deepEqual(JSON.parse(json.stdout), tested);
});
