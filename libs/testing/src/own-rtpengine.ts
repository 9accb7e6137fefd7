import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { freeUdpPort } from './free-port.ts';
import { OwnProcess } from './own-process.ts';

/** How a relay of a test's own is started. */
export interface OwnRtpengineOptions {
  /** As `--interface` says them: `name/address`, or an address. @default 127.0.0.1 */
  readonly interfaces?: readonly string[];
  /** Ports of media, first and last. @default 200 of its own */
  readonly ports?: readonly [number, number];
  /** Further arguments. */
  readonly args?: readonly string[];
}

/** Commands, bencoded. */
const PING = 'd7:command4:pinge';
const LIST = 'd7:command4:list5:limiti10000ee';
const ANSWER_MS = 200;

/** Of the last question: a relay answers one that it has seen as it did then. */
let newestCookie = 0;

/** Ranges of media ports that tests of one process have taken. */
let nextPort = 31_000 + 400 * (process.pid % 60);

/** An rtpengine of a test's own, in user space, on ports that stay its own. */
export class OwnRtpengine {
  /** Of its NG socket, on 127.0.0.1. */
  readonly port: number;
  readonly #process: OwnProcess;

  private constructor(port: number, options: OwnRtpengineOptions) {
    const { interfaces = ['127.0.0.1'], args = [] } = options;
    const [first, last] = options.ports ?? [nextPort, nextPort + 199];
    if (options.ports === undefined) nextPort += 200;
    this.port = port;
    this.#process = new OwnProcess('rtpengine', [
      '--config-file=none',
      // No kernel module: packets pass through the process.
      '--table=-1',
      '--foreground',
      '--log-stderr',
      '--log-level=4',
      '--no-fallback',
      `--listen-ng=127.0.0.1:${String(port)}`,
      ...interfaces.map((each) => `--interface=${each}`),
      `--port-min=${String(first)}`,
      `--port-max=${String(last)}`,
      '--timeout=3600',
      '--delete-delay=0',
      '--num-threads=1',
      ...args,
    ]);
  }

  static async start(options: OwnRtpengineOptions = {}): Promise<OwnRtpengine> {
    const relay = new OwnRtpengine(await freeUdpPort(), options);
    await relay.start();
    return relay;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get output(): string {
    return this.#process.output;
  }

  /** Names of the calls that it has. @throws Error where it does not answer */
  async callIds(): Promise<readonly string[]> {
    const reply = await asked(this.port, LIST);
    const names: string[] = [];
    // Each text is bencoded as its length, a colon and itself.
    let at = reply.indexOf('5:callsl') + '5:callsl'.length;
    for (;;) {
      const [head, length] = /^(\d+):/.exec(reply.slice(at)) ?? [];
      if (head === undefined) return names;
      const from = at + head.length;
      at = from + Number(length);
      names.push(reply.slice(from, at));
    }
  }

  /** Starts it again after `kill`, empty. */
  start(): Promise<void> {
    return this.#process.start(() => answersPing(this.port));
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }
}

async function answersPing(port: number): Promise<boolean> {
  try {
    return (await asked(port, PING)).includes('pong');
  } catch {
    return false; // Where nobody listens yet the kernel says so: that is no answer either.
  }
}

/** Asks a relay by the NG protocol. */
async function asked(port: number, command: string): Promise<string> {
  const socket = createSocket('udp4');
  try {
    socket.on('error', () => undefined);
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const answer = once(socket, 'message', { signal: AbortSignal.timeout(ANSWER_MS) });
    newestCookie++;
    socket.send(`t_${String(process.pid)}_${String(newestCookie)} ${command}`, () => undefined);
    const [bytes] = (await answer) as [Buffer];
    return bytes.toString('latin1');
  } finally {
    socket.close();
  }
}
