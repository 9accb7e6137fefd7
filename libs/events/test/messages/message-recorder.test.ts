import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageFrame } from '@tandem/proto/messages';
import { MessageRecorder, readFrame } from '../../src/index.ts';
import type { EncodedMessageFrame, MessageRecorderOptions, Passage } from '../../src/index.ts';
import { until } from '../event-log-contract.ts';
import { silentEventLogger as logger } from '../silent-event-logger.ts';

const passage: Passage = {
  isSent: true,
  transport: 1,
  local: { address: '2001:db8::1', port: 5060 },
  remote: { address: '192.0.2.7', port: 40_001 },
  connection: 2 ** 47 + 5,
};
const invite = (callId: string): Buffer =>
  Buffer.from(
    `INVITE sip:44@192.0.2.1 SIP/2.0\r\nCall-ID: ${callId}\r\nAuthorization: Basic c2VjcmV0\r\n\r\n`,
  );

function open(changes: Partial<MessageRecorderOptions> = {}) {
  const frames: MessageFrame[] = [];
  const log = { refusals: 0 };
  const publisher = {
    publish: (sent: readonly EncodedMessageFrame[]): Promise<void> => {
      if (log.refusals > 0) {
        log.refusals -= 1;
        return Promise.reject(new Error('away'));
      }
      frames.push(...sent.map(({ bytes }) => MessageFrame.decode(bytes)));
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
  const recorder = new MessageRecorder({
    publisher,
    logger,
    pod: 'pod-1',
    now: () => 1_780_000_000_000.25,
    ...changes,
  });
  const messages = () => frames.flatMap(readFrame);
  return { frames, log, messages, recorder };
}

test('OPS-09 what is recorded is read with its ends, transport, connection and time, its secrets masked', async () => {
  const { frames, messages, recorder } = open();
  const bytes = invite('1');
  recorder.record(bytes, passage);
  // The sender may use its buffer again.
  bytes.fill(0);
  await recorder.close();
  const [message] = messages();
  assert.equal(message?.bytes.toString(), invite('1').toString().replace('c2VjcmV0', 'xxxxxxxx'));
  const { bytes: masked } = message;
  assert.deepEqual(message, { ...passage, atMs: 1_780_000_000_000.25, bytes: masked });
  assert.deepEqual(
    frames.map(({ count, firstMs, lastMs, pod }) => ({ count, firstMs, lastMs, pod })),
    [{ count: 1, firstMs: 1_780_000_000_000, lastMs: 1_780_000_000_001, pod: 'pod-1' }],
  );
});

test('OPS-09 frames hold what fits, in order, and a message that is larger has one of its own', async () => {
  const { frames, messages, recorder } = open({ frameBytes: 1000 });
  const large = Buffer.concat([invite('large'), Buffer.alloc(20_000, 0x61)]);
  const sent = [
    ...Array.from({ length: 20 }, (_, at) => invite(String(at))),
    large,
    invite('last'),
  ];
  for (const bytes of sent) recorder.record(bytes, passage);
  await recorder.close();
  assert.deepEqual(
    messages().map(({ bytes }) => bytes.length),
    sent.map(({ length }) => length),
  );
  assert.ok(frames.length > 3);
  assert.equal(new Set(frames.map(({ id }) => id)).size, frames.length);
});

test('OPS-09 what is no SIP is not recorded', async () => {
  const { messages, recorder } = open();
  recorder.record(Buffer.from('GET / HTTP/1.1\r\n\r\n'), { ...passage, isSent: false });
  await recorder.close();
  assert.deepEqual(messages(), []);
});

test('OPS-09 while the log is away frames wait, and leave in order when it is back', async () => {
  const { log, messages, recorder } = open({ retryMs: 1, closeMs: 60_000 });
  log.refusals = 3;
  for (let at = 0; at < 20; at += 1) {
    recorder.record(invite(String(at)), passage);
    recorder.flush();
  }
  await until(() => messages().length === 20);
  await recorder.close();
  const seen = messages().map(({ bytes }) => /Call-ID: (\d+)/.exec(bytes.toString())?.[1]);
  assert.deepEqual(
    seen,
    Array.from(seen, (_, at) => String(at)),
  );
});

test('OPS-09 no more waits than may', async () => {
  const { messages, recorder } = open({ maxWaitingBytes: 10 });
  recorder.record(invite('1'), passage);
  await recorder.close();
  assert.deepEqual(messages(), []);
});

test('OPS-09 what passes beyond the rate is left out', async () => {
  const { messages, recorder } = open({ maxBytesPerSecond: 1000 });
  for (let at = 0; at < 50; at += 1) recorder.record(invite(String(at)), passage);
  await recorder.close();
  assert.ok(messages().length > 0 && messages().length < 5);
});
