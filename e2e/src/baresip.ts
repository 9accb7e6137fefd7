import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountLine, addressOf, configurationFile } from './baresip-files.ts';
import type { BaresipOptions, BaresipPorts } from './baresip-files.ts';
import { freePorts } from './free-ports.ts';
import { ManagedProcess } from './managed-process.ts';
import { until } from './until.ts';

/** RTP packets as baresip counted them when the call ended. */
export interface AudioCounts {
  readonly sent: number;
  readonly received: number;
}

/** An event that baresip reports, such as CALL_ESTABLISHED. */
interface BaresipEvent {
  readonly type?: string;
  readonly param?: string;
}

/** A running baresip, steered over its ctrl_tcp module. */
export class Baresip {
  readonly port: number;
  /** Where its audio leaves from. */
  readonly mediaPorts: readonly number[];
  readonly #process: ManagedProcess;
  readonly #control: Socket;
  readonly #folder: string;
  readonly #events: BaresipEvent[] = [];
  #received = Buffer.alloc(0);

  private constructor({ process, control, folder, ports }: Started) {
    this.#process = process;
    this.#control = control;
    this.#folder = folder;
    this.port = ports.sip;
    this.mediaPorts = [ports.media, ports.media + 2];
    control.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#readNetstrings();
    });
    control.on('error', () => undefined);
  }

  static async start(options: BaresipOptions): Promise<Baresip> {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-baresip-'));
    // baresip takes the port above the SIP port for TLS, and four for media.
    const free = await freePorts(8);
    const [sip = 0, , control = 0] = free;
    // RFC 3550 §11: RTP has the even port.
    const media = free.slice(3).find((port) => port % 2 === 0) ?? 0;
    const ports = { sip, control, media };
    await mkdir(join(folder, 'home'));
    await writeFile(join(folder, 'config'), configurationFile(options, ports));
    await writeFile(join(folder, 'accounts'), accountLine(options, sip));
    await writeFile(join(folder, 'contacts'), '');
    const [command = '', ...words] = [
      ...(options.within?.prefix ?? []),
      ...['stdbuf', '-oL', 'baresip'],
    ];
    const process = new ManagedProcess({
      name: `baresip ${options.user}`,
      // Line by line, so that the statistics of a call are there when it ends.
      command,
      args: [...words, '-f', folder, '-n', addressOf(options), '-v'],
      cwd: folder,
      env: { HOME: join(folder, 'home') },
    });
    await process.line(/baresip is ready/, 10_000);
    const host = options.within?.control ?? '127.0.0.1';
    const socket = await until('baresip takes commands', () => open(host, ports.control));
    return new Baresip({ process, control: socket, folder, ports });
  }

  get output(): string {
    return this.#process.output;
  }

  /** Waits until it is registered: it may be before anybody hears its events. */
  async registered(): Promise<void> {
    await this.#process.line(/200 OK .*\[1 binding\]/, 10_000);
  }

  dial(uri: string): void {
    this.#command('dial', uri);
  }

  hangUp(): void {
    this.#command('hangup');
  }

  hold(): void {
    this.#command('hold');
  }

  resume(): void {
    this.#command('resume');
  }

  /** Waits for the answer to its `count`-th re-INVITE: the first answer was that to its INVITE, if it sent one. */
  async answersToReinvite(count: number): Promise<void> {
    await until('an answer to a re-INVITE', () => {
      const [before, ...after] = this.output.split('call: modify');
      return (
        before !== undefined && after.length >= count && after.at(-1)?.includes('got SDP answer')
      );
    });
  }

  /** How many of its re-INVITEs have been answered so far. */
  get reinvitesAnswered(): number {
    return this.output.split('call: modify').length - 1;
  }

  /** Has the other side of its call call somebody else (REFER). */
  transfer(uri: string): void {
    this.#command('transfer', uri);
  }

  /** Sends digits as telephone events (RFC 4733). */
  press(digits: string): void {
    this.#command('sndcode', digits);
  }

  /** Digits that it has heard in its calls, as events or by INFO. */
  get digits(): string {
    return this.#events.flatMap((e) => (e.type === 'CALL_DTMF_START' ? [e.param] : [])).join('');
  }

  /** How often an event of this type has been. */
  count(type: string): number {
    return this.#events.filter((event) => event.type === type).length;
  }

  /** Waits for the `times`-th event of this type, such as CALL_ESTABLISHED or CALL_CLOSED. */
  async event(type: string, timeoutMs = 10_000, times = 1): Promise<void> {
    try {
      await until(`baresip reports ${type}`, () => this.count(type) >= times, { timeoutMs });
    } catch (cause) {
      const seen = this.#events.map((event) => event.type).join(', ');
      throw new Error(`no ${type}, but ${seen}: ${this.output.slice(-3000)}`, { cause });
    }
  }

  /** What baresip printed of the media when the call ended. */
  async audioCounts(): Promise<AudioCounts> {
    const pattern = /packets:\s+(\d+)\s+(\d+)/;
    const [, sent, received] = await this.#process.line(pattern, 5000);
    return { sent: Number(sent), received: Number(received) };
  }

  /** The port of 127.0.0.1 that audio came from. */
  async audioSource(): Promise<number> {
    const match = await this.#process.line(/receiving from 127\.0\.0\.1:(\d+)/, 5000);
    return Number(match[1]);
  }

  async stop(): Promise<void> {
    this.#control.destroy();
    await this.#process.stop({ graceMs: 3000 });
    await rm(this.#folder, { recursive: true, force: true });
  }

  #command(command: string, params?: string): void {
    const text = JSON.stringify({ command, params, token: command });
    this.#control.write(`${String(text.length)}:${text},`);
  }

  #readNetstrings(): void {
    for (;;) {
      const colon = this.#received.indexOf(':');
      const length = Number(this.#received.toString('latin1', 0, Math.max(colon, 0)));
      if (colon < 1 || this.#received.length < colon + length + 2) return;
      const text = this.#received.toString('utf8', colon + 1, colon + 1 + length);
      this.#received = this.#received.subarray(colon + length + 2);
      this.#events.push(JSON.parse(text) as BaresipEvent);
    }
  }
}

async function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

interface Started {
  readonly process: ManagedProcess;
  readonly control: Socket;
  readonly folder: string;
  readonly ports: BaresipPorts;
}
