import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { Carrier, freePort, until } from '../src/index.ts';

const SCENARIO = join(import.meta.dirname, '../../examples/sipp/carrier.xml');

test('CALL-06 G2-02 the carrier of the examples bears an INVITE that a pod repeats, before the ACK and after', async () => {
  const port = await freePort();
  const carrier = await Carrier.start({ scenario: SCENARIO, port });
  const socket = createSocket('udp4');
  const heard: string[] = [];
  let toTag = '';
  socket.on('message', (message) => {
    const text = message.toString('latin1');
    heard.push(`${text.slice(8, 11)} ${/^CSeq: *(.*)$/m.exec(text)?.[1]?.trim() ?? ''}`);
    toTag = /^To:.*(;tag=\S+)/m.exec(text)?.[1] ?? toTag;
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const local = `127.0.0.1:${String(socket.address().port)}`;
  const send = (method: string, cseq: number, changed = ''): void => {
    const lines = [
      `${method} sip:442079460000@127.0.0.1:${String(port)} SIP/2.0`,
      `Via: SIP/2.0/UDP ${local};branch=z9hG4bK${method === 'INVITE' ? 'one' : method}`,
      `From: <sip:1001@${local}>;tag=a`,
      `To: <sip:442079460000@127.0.0.1:${String(port)}>${method === 'INVITE' ? '' : toTag}`,
      'Call-ID: examples@127.0.0.1',
      `CSeq: ${String(cseq)} ${method}`,
      'Max-Forwards: 70',
      `Contact: <sip:1001@${local}>`,
      ...(changed === '' ? [] : [`User-Agent: ${changed}`]),
      'Content-Length: 0',
    ];
    socket.send([...lines, '', ''].join('\r\n'), port, '127.0.0.1');
  };
  const count = (what: string): number => heard.filter((each) => each === what).length;
  try {
    send('INVITE', 1);
    await until('the answer', () => count('200 1 INVITE') >= 1);
    // Headers that another version adds do no harm (edge.md §5).
    send('INVITE', 1, 'adopter');
    await until('the answer again', () => count('200 1 INVITE') >= 2);
    send('ACK', 1);
    send('INVITE', 1, 'late');
    send('BYE', 2);
    await until('the end', () => count('200 2 BYE') >= 1);
    await until('its count', async () => (await carrier.counts()).created === 1);
    assert.equal((await carrier.counts()).failed, 0);
    assert.equal(await carrier.errors(), '');
  } finally {
    socket.close();
    await carrier.stop();
  }
});
