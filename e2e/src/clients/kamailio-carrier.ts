import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, isUdpPortBound } from '../free-ports.ts';
import { hostPort } from '../host-port.ts';
import { ManagedProcess } from '../managed-process.ts';
import { until } from '../until.ts';

/** Who may register with a carrier, and for how long. */
export interface CarrierOptions {
  readonly address: string;
  readonly user: string;
  readonly password: string;
  /** The most seconds that it grants. */
  readonly grants: number;
}

const CONFIGURATION = join(import.meta.dirname, 'kamailio-carrier.cfg');

/** A carrier of Kamailio, over UDP: who registers with it is called where it has registered. */
export class KamailioCarrier {
  readonly sip: { readonly address: string; readonly port: number };
  readonly #process: ManagedProcess;
  readonly #folder: string;

  private constructor(process: ManagedProcess, folder: string, sip: KamailioCarrier['sip']) {
    this.#process = process;
    this.#folder = folder;
    this.sip = sip;
  }

  static async start(options: CarrierOptions): Promise<KamailioCarrier> {
    const { address, grants, password, user } = options;
    const folder = await mkdtemp(join(tmpdir(), 'tandem-kamailio-'));
    const port = await freePort();
    const given = {
      LISTEN: `udp:${hostPort(address, port)}`,
      ACCOUNT: JSON.stringify(user),
      SECRET: JSON.stringify(password),
      GRANTED: String(grants),
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
    await until('kamailio listens', () => process.isRunning && isUdpPortBound(port));
    return new KamailioCarrier(process, folder, { address, port });
  }

  /** Each REGISTER that it has heeded, in their order. */
  get registers(): readonly { readonly expires: string; readonly cseq: number }[] {
    const lines = this.#process.output.matchAll(/register \S+ expires (\S+) cseq (\d+)/g);
    return [...lines].map(([, expires = '', cseq]) => ({ expires, cseq: Number(cseq) }));
  }

  /** CSeq of the REGISTER whose nonce it called stale last; 0: there was none. */
  get lastStale(): number {
    return Number(/.*stale (\d+)/s.exec(this.#process.output)?.[1] ?? 0);
  }

  async stop(): Promise<void> {
    await this.#process.stop({ graceMs: 5000 });
    await rm(this.#folder, { recursive: true, force: true });
  }
}
