import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@tandem/testing';
import type { Logger } from '@tandem/service';
import type { Pod, PodFigures } from '../../src/ports.ts';
import type { ProbeResult } from '../../src/core/network/network-verdict.ts';
import { NetworkTest } from '../../src/network/self-test.ts';
import type { NetworkTestParts } from '../../src/network/self-test.ts';

const sentFrom = { address: '10.0.0.7', port: 40_000 };
const advertised = { address: '203.0.113.1', port: 5060 };
const nothing: ProbeResult = { sentFrom, failure: '' };
const preserved = seenAs('10.0.0.7', 40_000);
const hidden = seenAs('172.17.0.1', 50_000);

function seenAs(address: string, port: number): ProbeResult {
  return { sentFrom, answer: { seen: { address, port }, pod: 'e', from: advertised }, failure: '' };
}

interface Bench {
  readonly network: NetworkTest;
  readonly clock: FakeClock;
  /** Level and message of each line. */
  readonly lines: string[];
  found: ProbeResult;
  probes: number;
  /** Lets promises run. */
  settle(): Promise<void>;
}

function open(parts: Partial<NetworkTestParts> = {}): Bench {
  const clock = new FakeClock();
  const lines: string[] = [];
  const line =
    (level: string) =>
    (...words: unknown[]): void => {
      lines.push(`${level} ${String(words.at(-1))}`);
    };
  const logger = { info: line('info'), warn: line('warn'), error: line('error') };
  const bench: Bench = {
    clock,
    lines,
    found: nothing,
    probes: 0,
    settle: () => new Promise((resolve) => setImmediate(resolve)),
    network: new NetworkTest({
      targets: [{ transport: 'udp', host: '203.0.113.1', port: 5060 }],
      probe: ({ transport }) => {
        bench.probes += 1;
        const results = [bench.found];
        const target = '203.0.113.1:5060';
        return Promise.resolve({ transport, target, resolved: [advertised], results, atMs: 0 });
      },
      clock,
      logger: logger as unknown as Logger,
      ...parts,
    }),
  };
  return bench;
}

test('CALL-07 a network that keeps addresses is tested once and IP authentication goes on', async () => {
  const bench = open();
  bench.found = preserved;
  assert.equal(bench.network.source, 'untested');
  bench.network.start();
  await bench.settle();
  assert.equal(bench.network.source, 'preserved');
  assert.equal(bench.network.isSourceHidden({ address: '192.0.2.1', port: 5060 }), false);
  assert.deepEqual(bench.lines, ['info the network was tested']);
  bench.clock.advance(3_600_000);
  await bench.settle();
  assert.equal(bench.probes, 1);
});

test('CALL-07 a network that hides addresses is said as an error and has IP authentication refused on that transport', async () => {
  const bench = open();
  bench.found = hidden;
  bench.network.start();
  await bench.settle();
  assert.equal(bench.network.source, 'hidden');
  const peer = { address: '192.0.2.1', port: 5060 };
  assert.equal(bench.network.isSourceHidden(peer), true);
  assert.equal(bench.network.isSourceHidden({ ...peer, transport: 'udp' }), true);
  assert.equal(bench.network.isSourceHidden({ ...peer, transport: 'tcp' }), false);
  assert.deepEqual(bench.network.hiddenTransports, ['udp']);
  assert.deepEqual(bench.lines, [
    'error the network hides where clients send from: IP authentication is refused',
  ]);
  bench.found = preserved;
  bench.clock.advance(2000);
  await bench.settle();
  assert.equal(bench.network.isSourceHidden(peer), false, 'a network that was mended');
  bench.network.close();
});

test('CALL-07 what a front found holds for the peers that come by it, on that transport', () => {
  const figures = { hiddenTransports: ['tcp'] } as Partial<PodFigures> as PodFigures;
  const front: Pod = {
    name: 'front-1',
    slot: 1,
    epoch: 9,
    role: 'front',
    address: '10.0.0.9:7100',
    isDraining: false,
    figures,
  };
  const bench = open({ pods: () => [front] });
  const by = (transport: 'udp' | 'tcp', gate: string): boolean =>
    bench.network.isSourceHidden({
      address: '192.0.2.1',
      port: 5060,
      transport,
      flow: { gate, connection: 0 },
    });
  assert.equal(by('tcp', '10.0.0.9:7100'), true);
  assert.equal(by('udp', '10.0.0.9:7100'), false);
  assert.equal(by('tcp', '10.0.0.8:7100'), false);
  assert.equal(by('tcp', ''), false);
  const trusting = open({ pods: () => [front], said: 'preserved' });
  const flow = { gate: '10.0.0.9:7100', connection: 0 };
  const peer = { address: '192.0.2.1', port: 5060, transport: 'tcp', flow } as const;
  assert.equal(trusting.network.isSourceHidden(peer), false);
});

test('CALL-07 without an answer no call is refused, it is said aloud once, and tried again', async () => {
  const bench = open();
  bench.network.start();
  await bench.settle();
  assert.equal(bench.network.source, 'undecided');
  assert.equal(bench.network.isSourceHidden({ address: '192.0.2.1', port: 5060 }), false);
  for (const ms of [2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
    bench.clock.advance(ms);
    await bench.settle();
  }
  assert.equal(bench.probes, 8);
  assert.deepEqual(bench.lines, [
    'warn the test of the network could not decide, see docs/networking.md',
  ]);
  bench.found = preserved;
  bench.clock.advance(60_000);
  await bench.settle();
  assert.equal(bench.network.source, 'preserved');
  bench.network.close();
});

test('CALL-07 silence after a hidden source does not let addresses prove anything again', async () => {
  const bench = open();
  bench.found = hidden;
  await bench.network.run();
  bench.found = nothing;
  const [finding] = await bench.network.run();
  assert.equal(finding?.source, 'hidden');
  assert.match(finding.text, /before: the network hides/);
});

test('CALL-07 what the operator says is believed rather than the test, which still tells what it found', async () => {
  const peer = { address: '192.0.2.1', port: 5060 };
  const trusting = open({ said: 'preserved' });
  trusting.found = hidden;
  await trusting.network.run();
  assert.equal(trusting.network.isSourceHidden(peer), false);
  assert.equal(trusting.network.source, 'preserved');
  assert.equal(trusting.network.findings[0]?.source, 'hidden');
  assert.deepEqual(trusting.lines, [
    'warn TANDEM_SIP_SOURCE is believed, although the test saw hidden sources',
  ]);
  const refusing = open({ said: 'hidden' });
  refusing.found = preserved;
  refusing.network.start();
  await refusing.settle();
  assert.equal(refusing.network.isSourceHidden({ ...peer, transport: 'tcp' }), true);
  assert.match(refusing.lines[0] ?? '', /^warn IP authentication is refused/);
});

test('CALL-07 who asks while a test runs gets its answer, and a closed test says nothing more', async () => {
  const bench = open();
  bench.found = preserved;
  const [first, second] = await Promise.all([bench.network.run(), bench.network.run()]);
  assert.equal(first, second);
  assert.equal(bench.probes, 1);
  bench.found = hidden;
  bench.network.close();
  await bench.network.run();
  assert.equal(bench.network.source, 'preserved');
});
