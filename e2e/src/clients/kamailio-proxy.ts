import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, isUdpPortBound } from '../free-ports.ts';
import { hostPort } from '../host-port.ts';
import { ManagedProcess } from '../managed-process.ts';
import { until } from '../until.ts';

/** Where its calls go, and who gets copies of its packets. */
export interface ProxyOptions {
  /** It listens on. */
  readonly address: string;
  /** Port on 127.0.0.1 that gets copies, by HEP 3 over UDP. */
  readonly copies: number;
  /** Ports on 127.0.0.1: of most numbers, of 49, and of nobody, which is tried first for 447. */
  readonly carriers: Readonly<Record<'a' | 'b' | 'gone', number>>;
}

const CONFIGURATION = join(import.meta.dirname, 'kamailio-proxy.cfg');

/** Kamailio as another switch, a proxy that sends copies of its packets by siptrace. */
export class KamailioProxy {
  readonly sip: { readonly address: string; readonly port: number };
  readonly #process: ManagedProcess;
  readonly #folder: string;

  private constructor(process: ManagedProcess, folder: string, sip: KamailioProxy['sip']) {
    this.#process = process;
    this.#folder = folder;
    this.sip = sip;
  }

  static async start({ address, carriers, copies }: ProxyOptions): Promise<KamailioProxy> {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-kamailio-'));
    const port = await freePort();
    const uri = (to: number): string => JSON.stringify(`sip:127.0.0.1:${String(to)}`);
    const given = {
      LISTEN: `udp:${hostPort(address, port)}`,
      COPIES: uri(copies),
      CARRIER_A: uri(carriers.a),
      CARRIER_B: uri(carriers.b),
      CARRIER_GONE: uri(carriers.gone),
    };
    const process = new ManagedProcess({
      name: 'kamailio',
      command: 'kamailio',
      args: [
        ...['-f', CONFIGURATION, '-DD', '-E', '-m', '64', '-M', '8', '-Y', folder],
        ...Object.entries(given).flatMap(([name, value]) => ['-A', `${name}=${value}`]),
      ],
      cwd: folder,
    });
    await until('kamailio listens', () => process.isRunning && isUdpPortBound(port), {
      timeoutMs: 30_000,
    });
    return new KamailioProxy(process, folder, { address, port });
  }

  async stop(): Promise<void> {
    await this.#process.stop({ graceMs: 5000 });
    await rm(this.#folder, { recursive: true, force: true });
  }
}
