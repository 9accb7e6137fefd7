import assert from 'node:assert/strict';
import test from 'node:test';
import { QueueMarker } from '../../src/index.ts';

class Bench {
  nowMs = 0;
  readonly sent: { readonly bytes: Buffer; readonly port: number; readonly address: string }[] = [];
  readonly marker: QueueMarker;

  constructor(address = '192.0.2.1') {
    const socket = {
      address: () => ({ address, port: 5060, family: 'IPv4' }),
      send: (bytes: Buffer, port: number, to: string) => {
        this.sent.push({ bytes, port, address: to });
      },
    };
    this.marker = new QueueMarker(
      socket as unknown as ConstructorParameters<typeof QueueMarker>[0],
      () => this.nowMs,
    );
  }

  take(index: number): boolean {
    return this.marker.take(this.sent[index]?.bytes ?? Buffer.alloc(0));
  }
}

test('CALL-11 a marker that comes back after a while says how long datagrams wait', () => {
  const bench = new Bench();
  assert.equal(bench.marker.delayMs(), 0, 'nothing is known yet');
  bench.nowMs = 3;
  assert.equal(bench.take(0), true);
  bench.nowMs = 100;
  assert.equal(bench.marker.delayMs(), 3);
  assert.deepEqual(
    bench.sent.map(({ port, address }) => [port, address]),
    [
      [5060, '192.0.2.1'],
      [5060, '192.0.2.1'],
    ],
  );
});

test('CALL-11 a marker that does not come back still waits, until a later one comes', () => {
  const bench = new Bench();
  bench.marker.delayMs();
  bench.nowMs = 1;
  bench.take(0);
  for (bench.nowMs = 100; bench.nowMs <= 400; bench.nowMs += 100) bench.marker.delayMs();
  bench.nowMs = 500;
  assert.equal(bench.marker.delayMs(), 400, 'the oldest is out since 100');
  bench.nowMs = 510;
  assert.equal(bench.take(4), true);
  bench.nowMs = 600;
  assert.equal(bench.marker.delayMs(), 110, 'that of 400 came at 510; those before are lost');
  assert.equal(bench.take(2), true, 'a lost one that comes at last is ours all the same');
  assert.equal(bench.marker.delayMs(), 110);
});

test('CALL-11 where markers never come back, or nobody has asked for long, there is no delay', () => {
  const blocked = new Bench();
  for (; blocked.nowMs < 20_000; blocked.nowMs += 100) {
    assert.equal(blocked.marker.delayMs(), 0, 'one that never came back says nothing');
  }
  const idle = new Bench();
  idle.marker.delayMs();
  idle.nowMs = 300;
  idle.take(0);
  idle.marker.delayMs();
  idle.nowMs = 60_000;
  assert.equal(idle.marker.delayMs(), 0);
});

test('CALL-11 only what this socket has sent is a marker', () => {
  const bench = new Bench('0.0.0.0');
  bench.marker.delayMs();
  assert.equal(bench.sent[0]?.address, '127.0.0.1', 'any address is reached as the local one');
  const other = new Bench();
  other.marker.delayMs();
  assert.equal(bench.marker.take(other.sent[0]?.bytes ?? Buffer.alloc(0)), false);
  assert.equal(bench.marker.take(Buffer.from('INVITE sip:b@b.example SIP/2.0')), false);
  assert.equal(bench.marker.take(Buffer.alloc(0)), false);
});
