import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetCdrResponse } from '@tandem/proto/billing';
import { KeptMessage } from '@tandem/proto/messages';
import type { ListMessagesRequest } from '@tandem/proto/messages';
import { pcapOf } from '../../../src/core/pcap.ts';
import { apiUnderTest, emptyPorts } from '../../api-under-test.ts';
import { NOON, entryOf, journalPort } from '../../journal-port.ts';

const text = (callId: string): string =>
  `INVITE sip:44@192.0.2.1 SIP/2.0\r\nCall-ID: ${callId}\r\nCSeq: 7 INVITE\r\n\r\n`;

function messageOf(changes: Partial<KeptMessage> = {}): KeptMessage {
  return KeptMessage.create({
    atMs: NOON + 0.25,
    transport: 'udp',
    local: '192.0.2.1:5060',
    remote: '192.0.2.7:40000',
    pod: 'pod-1',
    bytes: Buffer.from(text('a')),
    ...changes,
  });
}

/** An API whose journal has these messages, and notes what it is asked. */
async function open(messages: readonly KeptMessage[], { hasCdr = true } = {}) {
  const asked: ListMessagesRequest[] = [];
  const ports = emptyPorts();
  const cdr = {
    callId: 'own',
    event: {
      a: { sipCallId: 'a' },
      b: { sipCallId: 'own' },
      startedMs: NOON,
      endedMs: NOON + 5000,
    },
  };
  const api = await apiUnderTest({
    billing: {
      ...ports.billing,
      getCdr: () => Promise.resolve(GetCdrResponse.fromPartial({ cdrs: hasCdr ? [cdr] : [] })),
    },
    journal: journalPort(hasCdr ? [] : [entryOf({ callIds: ['r1', 'r2'] })], {
      listMessages: (request) => {
        asked.push(request);
        return Promise.resolve({ messages: [...messages], hasMore: false, keptSinceMs: NOON });
      },
    }),
  });
  return { ask: (request: { url: string }) => api.ask(request), asked };
}

test('OPS-09 the messages of a call are asked for by the Call-IDs of both legs, around the time that it took', async () => {
  const sent = messageOf({ isSent: true, atMs: NOON + 9 });
  const { ask, asked } = await open([messageOf(), messageOf({ atMs: NOON + 500 }), sent]);
  const { body, status } = await ask({ url: '/api/v1/calls/own/messages' });
  assert.equal(status, 200);
  assert.deepEqual(asked, [
    { callIds: ['own', 'a'], fromMs: NOON - 60_000, untilMs: NOON + 95_000, limit: 0 },
  ]);
  const { messages } = body as { readonly messages: readonly Record<string, unknown>[] };
  assert.deepEqual(messages[0], {
    at: '2026-06-15T12:00:00.000Z',
    direction: 'received',
    transport: 'udp',
    pod: 'pod-1',
    local: '192.0.2.1:5060',
    remote: '192.0.2.7:40000',
    summary: 'INVITE sip:44@192.0.2.1',
    method: 'INVITE',
    code: 0,
    callId: 'a',
    cseq: '7 INVITE',
    times: 1,
    text: text('a'),
  });
  assert.deepEqual(
    messages.map(({ times }) => times),
    [1, 2, 1],
  );
});

test('OPS-09 what has no call is asked for by what the journal has of it', async () => {
  const { ask, asked } = await open([messageOf()], { hasCdr: false });
  assert.equal((await ask({ url: '/api/v1/calls/life.1/messages' })).status, 200);
  assert.deepEqual(asked[0]?.callIds, ['life.1', 'r1', 'r2']);
  assert.equal((await ask({ url: '/api/v1/registrations/1001/messages' })).status, 200);
  assert.deepEqual(asked[1]?.callIds, ['r1', 'r2']);
});

test('OPS-09 where nothing is kept the answer says how long messages are', async () => {
  const { ask } = await open([]);
  const { status, text: answer } = await ask({ url: '/api/v1/calls/own/messages' });
  assert.equal(status, 404);
  assert.match(answer, /TANDEM_MESSAGES_HOURS/);
});

test('OPS-09 a capture file has the ends, times and checksums of each message, and streams that go on', async () => {
  const tcp = { transport: 'tcp', connection: 5 };
  const messages = [
    messageOf(),
    messageOf({ ...tcp, isSent: true, local: '192.0.2.1:5060' }),
    messageOf({ ...tcp, local: '192.0.2.1:41000' }),
    messageOf({ ...tcp, isSent: true, local: '192.0.2.1:41000' }),
    messageOf({ local: '[2001:db8::1]:5060', remote: '[2001:db8::7]:5060' }),
  ];
  const packets = packetsOf(pcapOf(messages));
  const { length } = Buffer.from(text('a'));
  assert.equal(packets.length, messages.length);
  const [udp, first, back, second, six] = packets;
  assert.deepEqual(
    [udp?.microseconds, udp?.bytes.subarray(12, 20).join('.'), udp?.bytes.readUInt16BE(20)],
    [NOON * 1000 + 250, '192.0.2.7.192.0.2.1', 40_000],
  );
  assert.equal(udp?.bytes.subarray(28).toString(), text('a'));
  assert.equal(sumOf(udp.bytes.subarray(0, 20)), 0xffff);
  // The connection got its port after its first message.
  assert.deepEqual([first, second].map((packet) => packet?.bytes.readUInt16BE(20)), [41_000, 41_000]); // prettier-ignore
  assert.deepEqual(
    [first, back, second].map((packet) => [packet?.bytes.readUInt32BE(24), packet?.bytes.readUInt32BE(28)]), // prettier-ignore
    [
      [1, 1],
      [1, 1 + length],
      [1 + length, 1 + length],
    ],
  );
  assert.equal((six?.bytes[0] ?? 0) >> 4, 6);
  assert.equal(six?.bytes.subarray(48).toString(), text('a'));
  const { ask } = await open(messages);
  const answer = await ask({ url: '/api/v1/calls/own/messages?format=pcap' });
  assert.equal(answer.headers['content-type'], 'application/vnd.tcpdump.pcap');
});

function packetsOf(file: Buffer) {
  const packets: { microseconds: number; bytes: Buffer }[] = [];
  for (let at = 24; at < file.length;) {
    const length = file.readUInt32LE(at + 8);
    const microseconds = file.readUInt32LE(at) * 1e6 + file.readUInt32LE(at + 4);
    packets.push({ microseconds, bytes: file.subarray(at + 16, at + 16 + length) });
    at += 16 + length;
  }
  return packets;
}

/** 0xffff where the checksum that is in it is right. */
function sumOf(header: Buffer): number {
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}
