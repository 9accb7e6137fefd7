import { readParameters, type ParameterValues } from '@tandem/config';
import { ClaimedRounds, type JobTimes, type Logger } from '@tandem/service';
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
  readonly times?: Partial<WorkTimes & JobTimes>;
}

const DAY_MS = 86_400_000;
const SWEEP_MS = 10 * 60_000;

/** Works on replays, one at a time (OPS-08). All pods together work on no more than SS_REPLAYS_AT_ONCE. */
export class ReplayWorker {
  readonly #parts: ReplayWorkerParts;
  readonly #rounds: ClaimedRounds<ClaimedReplay>;
  #sweptAtMs = -Infinity;
  #endReport: (() => void) | undefined;

  constructor(parts: ReplayWorkerParts) {
    const { logger, replays, times } = parts;
    this.#parts = parts;
    this.#rounds = new ClaimedRounds({
      name: 'replay',
      queue: {
        claim: (silentMs) => this.#claim(silentMs),
        isMine: (job) => replays.save(job, {}),
        release: (job) => replays.release(job),
        fail: (job, error) => replays.save(job, { state: 'failed', error }),
      },
      work: (job, ended) => new ReplayWork(job, parts).run(ended),
      onOutcome: (outcome) => {
        replaysEnded.add(1, { outcome });
      },
      logger,
      times,
    });
  }

  start(): void {
    this.#endReport = reportReplays(() => this.#rounds.running);
    this.#rounds.start();
  }

  /** What is worked on is left to others, who go on at once. */
  async stop(): Promise<void> {
    this.#endReport?.();
    await this.#rounds.stop();
  }

  async #claim(silentMs: number): Promise<ClaimedReplay | undefined> {
    const { replays } = this.#parts;
    const { SS_REPLAY_KEPT: days, SS_REPLAYS_AT_ONCE: most } = await this.#parameters();
    if (performance.now() - this.#sweptAtMs > SWEEP_MS) {
      await replays.sweep(new Date(Date.now() - days * DAY_MS));
      this.#sweptAtMs = performance.now();
    }
    return replays.claim({ most, silentMs });
  }

  async #parameters(): Promise<ParameterValues> {
    return readParameters((await this.#parts.documents.current())?.configuration.parameters ?? {});
  }
}
