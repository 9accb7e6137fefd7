import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './command-line.ts';

const finding = {
  transport: 'udp',
  target: '192.0.2.1:5060',
  source: 'hidden',
  leadsHere: 'yes',
  sentFrom: '10.0.0.7:40000',
  seenFrom: '172.17.0.1:50000',
  answeredBy: 'edge-2',
  text: 'the network hides where clients send from; 192.0.2.1:5060 leads here',
};
const status = {
  edge: 'edge-1',
  advertised: '192.0.2.1:5060',
  calls: 7,
  outbox: 2,
  outboxSince: '2026-11-21T12:00:00.000Z',
  adoptions: 3,
  leasesFreed: 4,
  network: [finding],
};

test('OPS-02 the status is a row of what there is, one of what was done, and what the network test found', async () => {
  const { stdout } = await run(['status'], { answer: () => status });
  const lines = stdout.split('\n');
  assert.match(lines[0] ?? '', /^EDGE .*CALLS .*OUTBOX +OLDEST/);
  assert.match(lines[1] ?? '', /^edge-1 +192\.0\.2\.1:5060 +7 .* 2 +2026-11-21 12:00:00/);
  assert.match(lines[3] ?? '', /^ADOPTIONS .*LEASES FREED/);
  assert.match(lines[4] ?? '', /^ +3 .* 4$/);
  assert.equal(
    lines[6],
    'Network, udp 192.0.2.1:5060: the network hides where clients send from; 192.0.2.1:5060 leads here.',
  );
  const json = await run(['status', '--json'], { answer: () => status });
  assert.deepEqual(JSON.parse(json.stdout), status);
});

test('CALL-11 OPS-02 an edge that refuses calls says why, and whose', async () => {
  const source = {
    name: 'mapping-gateway trunk',
    isKnown: true,
    demand: 900,
    share: 70,
    refused: 12,
  };
  const overload = {
    isShedding: true,
    since: '2026-11-21T12:00:00.000Z',
    rate: 210,
    strangersRate: null,
    cause: 'queue-delay',
    measuredMs: 340,
    limitMs: 100,
    refusedByLoad: 5,
    refusedByShare: 12,
    sources: [source],
  };
  const told = async (change: object): Promise<string> =>
    (await run(['status'], { answer: () => ({ ...status, overload: { ...overload, ...change } }) }))
      .stdout;
  const now = await told({});
  assert.match(
    now,
    /Overload: 210 new calls a second are begun \(queue-delay 340 ms, limit 100 ms\); refused 5 by load, 12 by share\./,
  );
  assert.match(now, /mapping-gateway trunk +true +900 +70 +12/);
  assert.match(await told({ isShedding: false }), /Overload: over since 2026-11-21T12:00:00/);
  assert.match(
    await told({ strangersRate: 21 }),
    /limit 100 ms\); 21 a second of strangers; refused/,
  );
  assert.match(
    await told({ isShedding: false, strangersRate: 50, refusedByLoad: 0, refusedByShare: 0 }),
    /Overload: whoever is known has all calls begun; 50 a second of strangers; refused 0 by load/,
  );
  const never = await told({ isShedding: false, refusedByLoad: 0, refusedByShare: 0 });
  assert.ok(!never.includes('Overload'));
});

test('OPS-02 pods are listed with their state, their place and what they did', async () => {
  const pod = {
    name: 'edge-2',
    role: 'worker',
    isDraining: true,
    startedAt: '2026-11-21T12:00:00.000Z',
    slot: 3,
    epoch: 77,
    advertised: '192.0.2.1:5060',
    address: '10.0.0.2:7000',
    pendingCalls: 2,
    adoptions: 5,
    source: 'preserved',
  };
  const { stdout, received } = await run(['pods'], { answer: () => ({ pods: [pod] }) });
  assert.equal(received[0]?.path, '/pods');
  assert.match(stdout, /^POD +ROLE +STATE +SINCE \(UTC\) +SLOT\.EPOCH/);
  assert.match(stdout, /edge-2 +worker +draining +2026-11-21 12:00:00 +3\.77 +192\.0\.2\.1:5060/);
  const none = await run(['pods'], { answer: () => ({ pods: [] }) });
  assert.equal(none.stdout, 'No pod lives.\n');
});

test('CALL-07 the network is tested on demand', async () => {
  const answer = () => ({ edge: 'edge-1', findings: [finding] });
  const { stdout, received } = await run(['network'], { answer });
  assert.deepEqual([received[0]?.method, received[0]?.path], ['POST', '/network-tests']);
  assert.match(
    stdout,
    /udp +192\.0\.2\.1:5060 +hidden +yes +10\.0\.0\.7:40000 +172\.17\.0\.1:50000/,
  );
  const json = await run(['network', '--json'], { answer });
  assert.deepEqual(JSON.parse(json.stdout), answer());
  const none = await run(['network'], { answer: () => ({ edge: 'edge-1', findings: [] }) });
  assert.match(none.stdout, /^Nothing was tested/);
});
