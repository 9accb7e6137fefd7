import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from './free-ports.ts';
import { hostPort } from './host-port.ts';
import { ManagedProcess } from './managed-process.ts';
import { until } from './until.ts';

/** How a linphonec is set up: sound from a file and into one, PCMA alone. */
export interface LinphoneOptions {
  readonly user: string;
  readonly password?: string;
  /** Where it registers, for a minute each time, and where its calls go then. @default nowhere */
  readonly registrar?: { readonly address: string; readonly port: number };
  /** @default 'udp' */
  readonly transport?: 'udp' | 'tcp' | 'tls';
  /** Authorities that the certificate of its registrar must be of, over TLS (PEM). */
  readonly caFile?: string;
  /** Where calls go; none where it only takes them. */
  readonly outbound?: { readonly address: string; readonly port: number };
  /** SRTP by keys in the description, and nothing else. @default false */
  readonly hasKeys?: boolean;
  /** Digits by INFO (`application/dtmf-relay`) instead of telephone events. @default false */
  readonly hasInfo?: boolean;
}

/** RTP packets of a call, as oRTP counted them. */
export interface OrtpCounts {
  /** In its longest stream: each hold begins another one. */
  readonly received: number;
  /** In all of them. */
  readonly lost: number;
}

const DIGIT_MS = 1200;
const SOUND = '/usr/share/sounds/linphone/hello8000.wav';

/** A running linphonec of Debian's linphone-cli, steered over its standard input. */
export class Linphone {
  readonly port: number;
  readonly #process: ManagedProcess;
  readonly #folder: string;

  private constructor(process: ManagedProcess, folder: string, port: number) {
    this.#process = process;
    this.#folder = folder;
    this.port = port;
  }

  static async start(options: LinphoneOptions): Promise<Linphone> {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-linphone-'));
    const [sip = 0, ...others] = await freePorts(4);
    // RFC 3550 §11: RTP has the even port.
    const media = others.find((port) => port % 2 === 0) ?? 0;
    await mkdir(join(folder, '.local/share/linphone'), { recursive: true });
    await writeFile(join(folder, 'linphonerc'), configurationFile(options, { sip, media }));
    const process = new ManagedProcess({
      name: `linphonec ${options.user}`,
      command: 'linphonec',
      args: ['-c', 'linphonerc', '-d', '5', '-l', 'log', '-a'],
      cwd: folder,
      env: { HOME: folder },
      hasInput: true,
    });
    await process.line(/linphonec> /, 10_000);
    // With IPv6 it opens no socket for IPv4 as long as the machine has no route of both.
    process.write('ipv6 disable');
    process.write('soundcard use files');
    process.write(`play ${SOUND}`);
    for (const index of codecsButPcma) process.write(`codec disable ${String(index)}`);
    await process.line(/G729 \(8000\) disabled/, 10_000);
    return new Linphone(process, folder, sip);
  }

  get output(): string {
    return this.#process.output;
  }

  dial(uri: string): void {
    this.#process.write(`call ${uri}`);
  }

  hangUp(): void {
    this.#process.write('terminate');
  }

  hold(): void {
    this.#process.write('pause');
  }

  resume(): void {
    this.#process.write('resume 1');
  }

  /** Sends a digit. linphonec sleeps a second after each, without reading anything from the network. */
  async press(digit: string): Promise<void> {
    this.#process.write(digit);
    await sleep(DIGIT_MS);
  }

  /** Waits until it has written this for the `times`-th time, such as "Media streams established". */
  async wrote(text: string, times = 1): Promise<void> {
    await until(
      `linphonec writes ${text}`,
      () => this.output.split(text).length - 1 >= times || undefined,
    ).catch((cause: unknown) => {
      throw new Error(`not written: ${text}; but ${this.output.slice(-3000)}`, { cause });
    });
  }

  /** Waits until it is registered; of itself it tells nobody. */
  async registered(): Promise<void> {
    const isRegistered = (): boolean => {
      this.#process.write('status register');
      return this.output.includes('\nregistered, identity=');
    };
    await until('linphonec is registered', isRegistered, { everyMs: 200 }).catch(
      (cause: unknown) => {
        throw new Error(`not registered: ${this.output.slice(-3000)}`, { cause });
      },
    );
  }

  /** Digits that it has heard, as events or by INFO. */
  get digits(): string {
    return [...this.output.matchAll(/Receiving tone (\S) /g)].map(([, digit]) => digit).join('');
  }

  /** Of streams that have ended. */
  async audioCounts(): Promise<OrtpCounts> {
    const log = await readFile(join(this.#folder, 'log'), 'utf8');
    const numbers = (pattern: RegExp): number[] =>
      [...log.matchAll(pattern)].map(([, count]) => Number(count));
    return {
      received: Math.max(0, ...numbers(/message-received +(\d+) packets/g)),
      lost: numbers(/cumulative lost +(-?\d+) packets/g).reduce((sum, count) => sum + count, 0),
    };
  }

  async stop(): Promise<void> {
    this.#process.write('quit');
    await this.#process.exit(5000).catch(() => this.#process.stop({ graceMs: 2000 }));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** As `codec list` numbers what is on to begin with: opus, speex twice, PCMU, G729. */
const codecsButPcma = [0, 1, 2, 3, 7];

function configurationFile(
  options: LinphoneOptions,
  { sip, media }: { readonly sip: number; readonly media: number },
): string {
  const { user, password, registrar, hasKeys, hasInfo, transport = 'udp', caFile } = options;
  const server = registrar ?? options.outbound;
  const over = transport === 'udp' ? '' : `;transport=${transport}`;
  const place = server === undefined ? '' : `sip:${hostPort(server.address, server.port)}${over}`;
  // 0 turns a transport off, -1 takes any port.
  const portOf = (name: string): string => (name === transport ? '-1' : '0');
  return [
    '[sip]',
    `sip_port=${transport === 'udp' ? String(sip) : '0'}`,
    `sip_tcp_port=${portOf('tcp')}`,
    `sip_tls_port=${portOf('tls')}`,
    // It finds no IP address in a certificate that has one.
    ...(caFile === undefined ? [] : [`root_ca=${caFile}`, 'verify_server_cn=0']),
    'guess_hostname=0',
    'register_only_when_network_is_up=0',
    `use_info=${hasInfo === true ? '1' : '0'}`,
    `use_rfc2833=${hasInfo === true ? '0' : '1'}`,
    ...(hasKeys === true ? ['media_encryption=srtp', 'media_encryption_mandatory=1'] : []),
    ...(server === undefined
      ? [`contact=sip:${user}@127.0.0.1`]
      : [
          'default_proxy=0',
          '[proxy_0]',
          `reg_proxy=<${place}>`,
          `reg_route=<${place};lr>`,
          `reg_identity=sip:${user}@127.0.0.1`,
          'reg_expires=60',
          `reg_sendregister=${registrar === undefined ? '0' : '1'}`,
        ]),
    ...(password === undefined ? [] : ['[auth_info_0]', `username=${user}`, `passwd=${password}`]),
    '[rtp]',
    `audio_rtp_port=${String(media)}`,
    '[net]',
    'mtu=1300',
    '',
  ].join('\n');
}
