import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Sends datagrams as they are from 127.0.0.2 and returns the status lines that came back within the time. */
export async function sendRaw(
  target: { readonly address: string; readonly port: number },
  datagrams: readonly Buffer[],
  waitMs = 500,
): Promise<readonly string[]> {
  const socket = createSocket({ type: 'udp4', sendBufferSize: 1_048_576 });
  const answers: string[] = [];
  socket.on('message', (message) => {
    answers.push(message.toString('latin1').split('\r\n')[0] ?? '');
  });
  socket.bind(0, '127.0.0.2');
  await once(socket, 'listening');
  const { port } = socket.address();
  for (const datagram of datagrams) {
    const text = datagram.includes('@PORT@')
      ? Buffer.from(datagram.toString('latin1').replaceAll('@PORT@', String(port)), 'latin1')
      : datagram;
    socket.send(text, target.port, target.address);
  }
  await sleep(waitMs);
  socket.close();
  return answers;
}
