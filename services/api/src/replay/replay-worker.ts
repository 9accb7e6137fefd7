import { readParameters, type ParameterValues } from '@tandem/config';
import { Rounds, type Logger } from '@tandem/service';
import type { ConfigurationStore, ServicePorts } from '../ports.ts';
import type { ClaimedReplay, ReplayStore } from '../replay-ports.ts';
import { replaysEnded, reportReplays } from '../telemetry.ts';
import { ReplayWork, type WorkTimes } from './replay-work.ts';

export interface ReplayWorkerParts {
  readonly replays: ReplayStore;
  readonly ports: Pick<ServicePorts, 'billing' | 'routing'>;
  readonly documents: Pick<ConfigurationStore, 'current'>;
  readonly logger: Logger;
  /** @default those of production */
  readonly times?: Partial<WorkTimes & { readonly roundMs: number; readonly silentMs: number }>;
}

const DAY_MS = 86_400_000;
const ROUND_MS = 2000;
/** Who has not been seen for so long is taken to be gone. */
const SILENT_MS = 20_000;
const SWEEP_MS = 10 * 60_000;
/** What ends every pod that works on it ends no more of them. */
const MOST_BEGUN = 5;

/**
 * Works on replays, one at a time (OPS-08): it takes the oldest one that waits, or whose pod is gone, and goes on where that was. All pods
 * together work on no more than SS_REPLAYS_AT_ONCE.
 */
export class ReplayWorker {
  readonly #parts: ReplayWorkerParts;
  readonly #rounds: Rounds;
  #running = 0;
  #sweptAtMs = -Infinity;
  #endReport: (() => void) | undefined;

  constructor(parts: ReplayWorkerParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.times?.roundMs ?? ROUND_MS, (stopped) => this.#round(stopped));
  }

  start(): void {
    this.#endReport = reportReplays(() => this.#running);
    this.#rounds.start();
  }

  /** What is worked on is left to others, who go on at once. */
  async stop(): Promise<void> {
    this.#endReport?.();
    await this.#rounds.stop();
  }

  async #round(stopped: AbortSignal): Promise<void> {
    const { logger, replays, times } = this.#parts;
    try {
      const { SS_REPLAY_KEPT: days, SS_REPLAYS_AT_ONCE: most } = await this.#parameters();
      if (performance.now() - this.#sweptAtMs > SWEEP_MS) {
        await replays.sweep(new Date(Date.now() - days * DAY_MS));
        this.#sweptAtMs = performance.now();
      }
      const claimed = await replays.claim({ most, silentMs: times?.silentMs ?? SILENT_MS });
      if (claimed !== undefined) await this.#work(claimed, stopped);
    } catch (error) {
      logger.debug({ err: error }, 'no replay is worked on');
    }
  }

  async #work(claimed: ClaimedReplay, stopped: AbortSignal): Promise<void> {
    const { logger, replays } = this.#parts;
    const { begun, owner, replay } = claimed;
    const claim = { id: replay.id, owner };
    if (begun > 1) replaysEnded.add(1, { outcome: 'taken-over' });
    if (begun > MOST_BEGUN) {
      const error = `the pod that worked on it ended before it did, ${String(MOST_BEGUN)} times`;
      await replays.save(claim, { state: 'failed', error });
      replaysEnded.add(1, { outcome: 'failed' });
      return;
    }
    logger.info({ replay: replay.id, begun, calls: replay.calls }, 'replay goes on');
    this.#running += 1;
    try {
      const work = new ReplayWork(claimed, this.#parts);
      const outcome = await work.run(stopped);
      if (outcome === 'stopped') await replays.release(claim);
      else replaysEnded.add(1, { outcome });
      logger.info({ replay: replay.id, outcome }, 'replay is left');
    } finally {
      this.#running -= 1;
    }
  }

  async #parameters(): Promise<ParameterValues> {
    return readParameters((await this.#parts.documents.current())?.configuration.parameters ?? {});
  }
}
