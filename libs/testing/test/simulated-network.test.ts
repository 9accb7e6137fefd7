import assert from 'node:assert/strict';
import test from 'node:test';
import { requestFrom } from '../src/message-templates.ts';
import { serialize, type SipMessage } from '@tandem/sip';
import { FakeClock } from '../src/fake-clock.ts';
import { SimulatedNetwork, type SimulatedNetworkOptions } from '../src/simulated-network.ts';

const here = { address: '10.0.0.1', port: 5060 };
const there = { address: '10.0.0.2', port: 5060 };

function bytes(cseq: number): Buffer {
  const ids = { branch: 'z9hG4bK1', callId: 'c', fromTag: 'f' };
  return serialize(
    requestFrom({ method: 'OPTIONS', requestUri: 'sip:b', local: here, user: 'a', cseq, ...ids }),
  );
}

interface Run {
  readonly arrived: number[];
  readonly network: SimulatedNetwork;
  readonly clock: FakeClock;
}

function sendMany(count: number, options: Partial<SimulatedNetworkOptions>): Run {
  const clock = new FakeClock();
  const network = new SimulatedNetwork({ clock, ...options });
  const arrived: number[] = [];
  const onMessage = (message: SipMessage): void => {
    arrived.push(parseInt(message.headers.get('cseq') ?? '', 10));
  };
  const sender = network.open({ ...here, listener: { onMessage: () => undefined } });
  network.open({ ...there, listener: { onMessage } });
  for (let number = 1; number <= count; number++) {
    sender.send(bytes(number), there.address, there.port);
  }
  clock.advance(1000);
  return { arrived, network, clock };
}

test('CALL-02 a perfect network carries everything once, in order', () => {
  const { arrived } = sendMany(50, {});
  assert.deepEqual(
    arrived,
    Array.from({ length: 50 }, (_, at) => at + 1),
  );
});

test('CALL-02 loss, duplication and reordering come from the seed and repeat with it', () => {
  const options = { seed: 7, loss: 0.2, duplication: 0.2, reordering: 0.2, maxLatencyMs: 20 };
  const first = sendMany(200, options);
  assert.deepEqual(sendMany(200, options).arrived, first.arrived);
  assert.notDeepEqual(sendMany(200, { ...options, seed: 8 }).arrived, first.arrived);

  const lost = first.network.sent.filter(({ copies }) => copies === 0).length;
  const doubled = first.network.sent.filter(({ copies }) => copies === 2).length;
  assert.ok(lost > 20 && lost < 60, String(lost));
  assert.ok(doubled > 15 && doubled < 60, String(doubled));
  assert.equal(first.arrived.length, 200 - lost + doubled);
  assert.notDeepEqual(
    first.arrived,
    first.arrived.toSorted((a, b) => a - b),
  );
});

test('CALL-02 an address is bound once, and free again when it is closed', async () => {
  const network = new SimulatedNetwork({ clock: new FakeClock() });
  const listener = { onMessage: (): void => undefined };
  const place = { address: '::1', port: 5060 };
  const transport = network.open({ ...place, listener });
  assert.throws(() => network.open({ ...place, listener }), /\[::1\]:5060 is bound already/);
  await transport.close();
  assert.throws(() => {
    transport.send(bytes(1), '10.0.0.1', 5060);
  }, /closed/);
  const again = network.open({ ...place, listener });
  assert.equal(again.counters.received, 0);
});

test('CALL-02 nothing reaches an address that is cut off', () => {
  const { arrived, network, clock } = sendMany(1, {});
  const sender = network.open({ ...here, port: 5070, listener: { onMessage: () => undefined } });
  network.cut(there.address);
  sender.send(bytes(2), there.address, there.port);
  clock.advance(10);
  network.restore(there.address);
  sender.send(bytes(3), there.address, there.port);
  clock.advance(10);
  assert.deepEqual(arrived, [1, 3]);
});
