import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ObservedCall, WatchedCall } from '@tandem/migration';
import { CliError, exitCodes } from '../cli-error.ts';
import { readInput } from '../read-input.ts';
import type { CommandContext } from '../run-cli.ts';
import { ShadowRouting } from './shadow-routing.ts';

/** Where copies are taken, and when it ends. */
interface ListenTerms {
  /** `hep:ADDRESS:PORT`. */
  readonly listen: string;
  readonly keyFile: string | undefined;
  readonly calls: number | undefined;
  readonly seconds: number | undefined;
  readonly isAll: boolean;
}

/** How often calls that are over are looked for. */
const ROUND_MS = 250;
/** What the kernel keeps for us while routing is asked. */
const RECEIVE_BYTES = 8 * 1024 * 1024;

/** Takes copies of another switch's packets and holds each of its calls against routing. */
export async function listenShadow(terms: ListenTerms, context: CommandContext): Promise<void> {
  const migration = await import('@tandem/migration');
  const { tellSummary, tellVerdict } = await import('./tell-verdicts.ts');
  const output = context.output();
  const key = terms.keyFile === undefined ? undefined : (await readInput(terms.keyFile, context)).trim(); // prettier-ignore
  const routing = await ShadowRouting.open(context);
  const watched = new migration.WatchedCalls();
  const tally = new migration.Tally();
  const counts = { packets: 0, unread: 0, compared: 0 };
  const socket = await openSocket(terms.listen);
  socket.on('message', (datagram) => {
    counts.packets += 1;
    const packet = migration.readHep(datagram, key);
    if (packet === undefined) counts.unread += 1;
    else watched.see(packet, Date.now());
  });
  const { address, port } = socket.address();
  output.line(`Copies are taken at hep:${address}:${String(port)}.`);

  const ended = new AbortController();
  const end = (): void => {
    ended.abort();
  };
  context.untilInterrupted().addEventListener('abort', end, { once: true });
  const limit = terms.seconds === undefined ? undefined : setTimeout(end, terms.seconds * 1000);
  const compare = async (calls: readonly WatchedCall[]): Promise<void> => {
    await routing.judgeAll(
      calls.flatMap((call) => observed(call, routing)),
      (verdict) => {
        tally.add(verdict);
        counts.compared += 1;
        tellVerdict(verdict, output, terms.isAll);
      },
    );
  };
  try {
    while (!ended.signal.aborted && counts.compared < (terms.calls ?? Infinity)) {
      await delay(ROUND_MS);
      await compare(watched.take(Date.now()));
    }
    await compare(watched.take(Date.now(), true));
  } finally {
    clearTimeout(limit);
    socket.close();
  }
  tellSummary(tally.summary(), output);
  if (counts.unread > 0) output.line(`${String(counts.unread)} of ${String(counts.packets)} datagrams were no copy of SIP by HEP 3, or had another key.`); // prettier-ignore
  if (watched.overflow > 0) output.line(`${String(watched.overflow)} calls were too many to be watched at once.`); // prettier-ignore
}

/** A challenge that nobody answered is no call; who is nobody here is said so when routing is asked. */
function observed(call: WatchedCall, routing: ShadowRouting): ObservedCall[] {
  const { atMs, callee, callId, caller, code, gateways, source, username } = call;
  if ((code === 401 || code === 407) && username === '') return [];
  const from = routing.origins.of(call) ?? (username || source);
  return [{ id: callId, from, caller, callee, atMs, gateways, code, seconds: 0, price: undefined }];
}

async function openSocket(listen: string): Promise<Socket> {
  const parts = /^hep:(?:udp:)?(?:\[([\da-f:.]+)\]|([\d.]+)):(\d{1,5})$/i.exec(listen);
  const host = parts?.[1] ?? parts?.[2] ?? '';
  const port = Number(parts?.[3]);
  if (isIP(host) === 0 || port > 65_535) {
    throw new CliError(exitCodes.usage, `--listen is "${listen}", must be hep:ADDRESS:PORT, such as hep:0.0.0.0:9060.`); // prettier-ignore
  }
  const type = isIP(host) === 6 ? 'udp6' : 'udp4';
  const socket = createSocket({ type, recvBufferSize: RECEIVE_BYTES });
  try {
    socket.bind(port, host);
    await once(socket, 'listening');
    return socket;
  } catch (error) {
    socket.close();
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(exitCodes.usage, `${listen} cannot be listened on: ${why}.`);
  }
}
