import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { ManagedProcess } from './managed-process.ts';
import { until } from './until.ts';

/** How a baresip is set up: no sound card, a sine tone as microphone, no registration. */
export interface BaresipOptions {
  readonly user: string;
  readonly password?: string;
  /** Where all requests go first; none where it only takes calls. */
  readonly outbound?: { readonly address: string; readonly port: number };
}

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
  readonly mediaPort: number;
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
    this.mediaPort = ports.media;
    control.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#readNetstrings();
    });
    control.on('error', () => undefined);
  }

  static async start(options: BaresipOptions): Promise<Baresip> {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-baresip-'));
    // baresip takes the port above the SIP port for TLS, and two for media.
    const free = await freePorts(6);
    const [sip = 0, , command = 0] = free;
    // RFC 3550 §11: RTP has the even port.
    const media = free.slice(3).find((port) => port % 2 === 0) ?? 0;
    const ports = { sip, control: command, media };
    await mkdir(join(folder, 'home'));
    await writeFile(join(folder, 'config'), configurationFile(ports));
    await writeFile(join(folder, 'accounts'), accountLine(options, sip));
    await writeFile(join(folder, 'contacts'), '');
    const process = new ManagedProcess({
      name: `baresip ${options.user}`,
      // Line by line, so that the statistics of a call are there when it ends.
      command: 'stdbuf',
      args: ['-oL', 'baresip', '-f', folder, '-4', '-n', '127.0.0.1', '-v'],
      cwd: folder,
      env: { HOME: join(folder, 'home') },
    });
    await process.line(/baresip is ready/, 10_000);
    const control = await until('baresip takes commands', () => open(ports.control));
    return new Baresip({ process, control, folder, ports });
  }

  get output(): string {
    return this.#process.output;
  }

  dial(uri: string): void {
    this.#command('dial', uri);
  }

  hangUp(): void {
    this.#command('hangup');
  }

  /** Waits for an event of this type, such as CALL_ESTABLISHED or CALL_CLOSED. */
  async event(type: string, timeoutMs = 10_000): Promise<void> {
    try {
      await until(`baresip reports ${type}`, () => this.#events.some((e) => e.type === type), {
        timeoutMs,
      });
    } catch (cause) {
      const seen = this.#events.map((event) => event.type).join(', ');
      throw new Error(`no ${type}, but ${seen}: ${this.output.slice(-3000)}`, { cause });
    }
  }

  /** What baresip printed of the media when the call ended. */
  async audioCounts(): Promise<AudioCounts> {
    const match = await this.#process.line(/packets:\s+(\d+)\s+(\d+)/, 5000);
    return { sent: Number(match[1]), received: Number(match[2]) };
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

async function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

interface Started {
  readonly process: ManagedProcess;
  readonly control: Socket;
  readonly folder: string;
  readonly ports: Ports;
}

interface Ports {
  readonly sip: number;
  readonly control: number;
  readonly media: number;
}

function configurationFile({ sip, control, media }: Ports): string {
  return [
    `sip_listen 127.0.0.1:${String(sip)}`,
    `rtp_ports ${String(media)}-${String(media + 1)}`,
    'net_interface 127.0.0.1',
    'audio_source ausine,400',
    'ausrc_srate 48000',
    'ausrc_channels 2',
    'audio_player aubridge,sink',
    'audio_alert aubridge,alert',
    'audio_txmode thread',
    'rtp_stats yes',
    `ctrl_tcp_listen 127.0.0.1:${String(control)}`,
    'module_path /usr/lib/baresip/modules',
    'module g711.so',
    'module ausine.so',
    'module aubridge.so',
    'module_app account.so',
    'module_app menu.so',
    'module_app ctrl_tcp.so',
    '',
  ].join('\n');
}

function accountLine({ user, password, outbound }: BaresipOptions, port: number): string {
  const parameters = [
    ...(password === undefined ? [] : [`auth_user=${user}`, `auth_pass=${password}`]),
    ...(outbound === undefined
      ? []
      : [`outbound="sip:${outbound.address}:${String(outbound.port)}"`]),
    'regint=0',
    'answermode=auto',
    'audio_codecs=pcma/8000/1',
  ];
  return `<sip:${user}@127.0.0.1:${String(port)}>;${parameters.join(';')}\n`;
}
