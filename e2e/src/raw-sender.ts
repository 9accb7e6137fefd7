import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './until.ts';

/** One answer too many would come in this time. */
const SURPLUS_MS = 100;

/**
 * Sends datagrams as they are from 127.0.0.2, with the port of the sender in place of `@PORT@`.
 * @returns the status lines that came back until `isAll` said of them that they are all, and for a moment longer
 */
export async function sendRaw(
  target: { readonly address: string; readonly port: number },
  datagrams: readonly Buffer[],
  isAll: (answers: readonly string[]) => boolean,
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
  // What is missing is the test's to tell.
  await until('every answer', () => isAll(answers), { timeoutMs: 5000 }).catch(() => undefined);
  await sleep(SURPLUS_MS);
  socket.close();
  return answers;
}
