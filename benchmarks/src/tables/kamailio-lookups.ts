import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { ManagedProcess, freePorts, until } from '@tandem/e2e';
import { cpuTimeMs, residentBytes } from '../cpu-time.ts';
import type { PrefixDatabase, PrefixFigures } from './prefix-database.ts';

const CONFIGURATION = join(import.meta.dirname, '../../kamailio/lookups.cfg');
/** Looked up for each message. */
const AT_ONCE = 100;

/** Starts Kamailio with one of its modules for prefixes, and looks the numbers up. */
export async function measureKamailio(
  module: 'drouting' | 'mtree' | 'none',
  database: PrefixDatabase,
  numbers: readonly string[],
): Promise<PrefixFigures> {
  const [port = 0] = await freePorts(1);
  const startMs = performance.now();
  const kamailio = new ManagedProcess({
    name: 'kamailio',
    command: 'kamailio',
    args: [
      ...['-f', CONFIGURATION, '-DD', '-E', '-m', '4096', '-M', '1024', '-Y', database.folder],
      ...['-A', `LISTEN=udp:127.0.0.1:${String(port)}`, '-A', `DATABASE="${database.url}"`],
      ...(module === 'none' ? [] : ['-A', `WITH_${module.toUpperCase()}`]),
    ],
    cwd: database.folder,
  });
  const socket = createSocket('udp4');
  try {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const ask = async (asked: readonly string[]): Promise<boolean> => {
      socket.send(message(asked, socket.address().port), port, '127.0.0.1');
      const abort = AbortSignal.timeout(1000);
      const answer = await once(socket, 'message', { signal: abort }).catch(() => undefined);
      const text = String(answer?.[0] ?? '');
      if (text.includes(' 404 ')) throw new Error(`${module} found no route: ${text}`);
      return text.startsWith('SIP/2.0 200');
    };
    const first = numbers.slice(0, AT_ONCE);
    await until('kamailio answers', () => ask(first), { timeoutMs: 300_000 });
    const loadSeconds = (performance.now() - startMs) / 1000;
    const bytes = residentBytes(kamailio.pid);
    let micros = Infinity;
    for (let round = 0; round < 3; round++) {
      const cpuMs = cpuTimeMs(kamailio.pid);
      for (let at = 0; at < numbers.length; at += AT_ONCE) {
        if (!(await ask(numbers.slice(at, at + AT_ONCE)))) throw new Error('kamailio is silent');
      }
      micros = Math.min(micros, ((cpuTimeMs(kamailio.pid) - cpuMs) * 1000) / numbers.length);
    }
    return { loadSeconds, bytes, micros };
  } finally {
    socket.close();
    await kamailio.stop({ graceMs: 5000 });
  }
}

let messages = 0;

function message(numbers: readonly string[], port: number): string {
  messages += 1;
  const id = `${String(process.pid)}-${String(messages)}`;
  return [
    `OPTIONS sip:0@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${String(port)};branch=z9hG4bK${id}`,
    'Max-Forwards: 70',
    `From: <sip:benchmark@127.0.0.1>;tag=${id}`,
    'To: <sip:0@127.0.0.1>',
    `Call-ID: ${id}`,
    'CSeq: 1 OPTIONS',
    `X-Numbers: ${numbers.join('|')}`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
