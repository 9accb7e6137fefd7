import { Client } from 'pg';
import type { Load } from '../load/start-load.ts';
import type { SwitchApi } from '../switch-api.ts';

/** The switch and its load at one moment. */
export interface Sample {
  /** Since the load began, seconds. */
  readonly atS: number;
  readonly placed: number;
  readonly up: number;
  readonly ringing: number;
  readonly kills: number;
  readonly adoptions: number;
  readonly leases: number;
  /** Calls that are over for their ends. */
  readonly cdrsExpected: number;
  readonly cdrsFound: number;
}

/** Where the figures come from. */
export interface Sources {
  readonly load: Load;
  readonly api: SwitchApi;
  readonly postgresUrl: string;
  readonly kills: () => number;
}

/** Takes samples at an interval until stopped. */
export class Sampler {
  readonly samples: Sample[] = [];
  readonly #sources: Sources;
  readonly #database: Client;
  readonly #adoptions = new AdoptionCount();
  readonly #startedMs = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #leases = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#database = new Client({ connectionString: sources.postgresUrl });
  }

  async start(everyMs: number): Promise<void> {
    await this.#database.connect();
    this.#timer = setInterval(() => {
      // One after the other, also where the machine is slow for a moment.
      this.#running = this.#running.then(() => this.#take());
    }, everyMs);
  }

  async stop(): Promise<readonly Sample[]> {
    clearInterval(this.#timer);
    await this.#running;
    await this.#take();
    await this.#database.end();
    return this.samples;
  }

  /** Seconds since the start. */
  get nowS(): number {
    return (performance.now() - this.#startedMs) / 1000;
  }

  async #take(): Promise<void> {
    const { load, api, kills } = this.#sources;
    const atS = this.nowS;
    const [calls, found] = await Promise.all([load.snapshot(), this.#countCdrs(), this.#ask(api)]);
    this.samples.push({
      atS,
      placed: calls.placed,
      up: calls.up,
      ringing: calls.ringing,
      kills: kills(),
      adoptions: this.#adoptions.total,
      leases: this.#leases,
      cdrsExpected: calls.finished,
      cdrsFound: found,
    });
  }

  async #countCdrs(): Promise<number> {
    const { rows } = await this.#database.query<{ count: string }>(
      'SELECT count(*) FROM tandem_billing.cdr',
    );
    return Number(rows[0]?.count ?? 0);
  }

  /** The API asks an edge that may die at that very moment: the last figures stand then. */
  async #ask(api: SwitchApi): Promise<void> {
    const [leases, pods] = await Promise.allSettled([api.linesHeld(), api.get('/api/v1/pods')]);
    if (leases.status === 'fulfilled') this.#leases = leases.value;
    if (pods.status === 'fulfilled') this.#adoptions.see(pods.value as PodsView);
  }
}

/** What of the pods is read. */
interface PodsView {
  readonly pods: readonly PodView[];
}

interface PodView {
  readonly name: string;
  readonly epoch: number;
  readonly adoptions: number;
}

/** Adds up what pods count since their start, over the starts of all of them. */
class AdoptionCount {
  readonly #byStart = new Map<string, number>();

  get total(): number {
    return [...this.#byStart.values()].reduce((sum, count) => sum + count, 0);
  }

  see({ pods }: PodsView): void {
    for (const { name, epoch, adoptions } of pods) {
      const start = `${name} ${String(epoch)}`;
      // Whichever edge is asked may know a little less than the one before.
      this.#byStart.set(start, Math.max(adoptions, this.#byStart.get(start) ?? 0));
    }
  }
}
