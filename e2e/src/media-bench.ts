import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OwnRtpengine } from '@tandem/testing';
import { configuration } from './configuration.ts';
import { startSwitch } from './each-way.ts';
import { hostPort } from './host-port.ts';
import type { RunningSwitch } from './running-switch.ts';
import type { CdrView } from './switch-api.ts';
import { until } from './until.ts';

/** A carrier whose calls are anchored. */
export interface AnchoredCarrier {
  /** What it is called by. @default CALLEE */
  readonly number?: string;
  /** Where it is. @default 127.0.0.1 */
  readonly address?: string;
  readonly port: number;
  /** What its gateway says of media besides `mode`. */
  readonly media?: object;
}

/** A number that carriers of the tests have. */
export const CALLEE = '442079460000';
/** CALL-08: a CDR is there within a second of the end; the rest is for a machine that is busy. */
const CDR_MS = 1500;

/** How its addresses are. */
interface MediaBenchOptions {
  /** Of SIP and media alike. @default 127.0.0.1 and ::1 */
  readonly addresses?: readonly string[];
}

/** A switch with a media relay that records where it is asked to. */
export class MediaBench {
  readonly running: RunningSwitch;
  readonly relay: OwnRtpengine;
  readonly #recordings: string;
  #cdrs = 0;

  private constructor(running: RunningSwitch, relay: OwnRtpengine, recordings: string) {
    this.running = running;
    this.relay = relay;
    this.#recordings = recordings;
  }

  static async start({
    addresses = ['127.0.0.1', '::1'],
  }: MediaBenchOptions = {}): Promise<MediaBench> {
    const recordings = await mkdtemp(join(tmpdir(), 'tandem-recordings-'));
    const relay = await OwnRtpengine.start({
      interfaces: addresses,
      args: [`--recording-dir=${recordings}`, '--recording-method=pcap'],
    });
    const running = await startSwitch('allinone', {
      rtpengines: `udp:127.0.0.1:${String(relay.port)}`,
      addresses,
    });
    return new MediaBench(running, relay, recordings);
  }

  /** What a phone dials. */
  uri(number = CALLEE): string {
    return `sip:${number}@${hostPort(this.running.sip.address, this.running.sip.port)}`;
  }

  /** Gives each carrier its number. @param trunk what the trunk that calls from 127.0.0.2 says of media; a phone says nothing */
  async anchor(carriers: readonly AnchoredCarrier[], trunk: object = {}): Promise<void> {
    const document = configuration(0, 0);
    document.routingGateways = carriers.map(
      ({ number = CALLEE, address = '127.0.0.1', port, media }) => ({
        name: `carrier-${number}`,
        addresses: [hostPort(address, port)],
        prefixes: [number],
        media: { mode: 'anchor', ...media },
      }),
    );
    for (const gateway of document.mappingGateways) {
      gateway['media'] = { mode: 'anchor', ...trunk };
    }
    await this.running.configure(document);
  }

  /** The CDR of the call that has just ended. @throws where it does not come in time */
  async nextCdr(): Promise<CdrView> {
    this.#cdrs++;
    const [last] = await this.running.api.cdrCount(this.#cdrs, CDR_MS);
    if (last === undefined) throw new Error('no CDR');
    return last;
  }

  /** Names of the recorded calls, as soon as there is one with packets in it. */
  async recordings(): Promise<readonly string[]> {
    const folder = join(this.#recordings, 'pcaps');
    return until('a recording', async () => {
      const files = (await readdir(folder)).map((name) => join(folder, name));
      const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
      return sizes.some((size) => size > 10_000) ? files : undefined;
    });
  }

  async stop(): Promise<void> {
    await this.running.stop();
    await this.relay.kill();
    await rm(this.#recordings, { recursive: true, force: true });
  }
}
