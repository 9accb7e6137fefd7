import type { Logger } from './logger.ts';
import { Rounds } from './rounds.ts';

/** A job that one process has in hand. */
export interface ClaimedJob {
  readonly id: string | number;
  /** Names this claim: what is saved under another one is not. */
  readonly owner: string;
  /** How often it was begun, with this time. */
  readonly begun: number;
}

/** Jobs as rows of a table, each with its claim and the sign of life of who has it. */
export interface JobQueue<Job extends ClaimedJob> {
  /** Takes the oldest one that waits, or that nobody has been seen at for `silentMs`. */
  claim(silentMs: number): Promise<Job | undefined>;
  /** Shows life. @returns whether it still is this claim's */
  isMine(job: Job): Promise<boolean>;
  /** Lets another one go on at once. */
  release(job: Job): Promise<void>;
  /** @returns whether it still was this claim's */
  fail(job: Job, reason: string): Promise<boolean>;
}

/** How a job was left: `stopped` lets another one go on, `removed` is somebody else's by now, or gone. */
export type JobOutcome = 'done' | 'failed' | 'removed' | 'stopped' | 'taken-over';

/** Thrown by who finds out that its job is another one's. */
export class LostJob extends Error {}

export interface ClaimedRoundsParts<Job extends ClaimedJob> {
  /** Of jobs, in logs. */
  readonly name: string;
  readonly queue: JobQueue<Job>;
  /** Does a job from where it is to its end; rejects with LostJob where it is another one's by now. */
  readonly work: (job: Job, ended: AbortSignal) => Promise<void>;
  /** Told of each outcome. */
  readonly onOutcome: (outcome: JobOutcome) => void;
  readonly logger: Logger;
  readonly times?: Partial<JobTimes> | undefined;
}

/** In ms. */
export interface JobTimes {
  /** Between two looks for work. @default 2000 */
  readonly roundMs: number;
  /** Between two signs of life. @default 5000 */
  readonly aliveMs: number;
  /** After which who works on a job is taken to be gone. @default 20000 */
  readonly silentMs: number;
}

const usual: JobTimes = { roundMs: 2000, aliveMs: 5000, silentMs: 20_000 };
/** What ends every pod that works on it ends no more of them. */
const MOST_BEGUN = 5;

/** Works on jobs, one at a time: it takes one that waits, or whose process is gone, and goes on where that was. */
export class ClaimedRounds<Job extends ClaimedJob> {
  readonly #parts: ClaimedRoundsParts<Job>;
  readonly #times: JobTimes;
  readonly #rounds: Rounds;
  #running = 0;

  constructor(parts: ClaimedRoundsParts<Job>) {
    this.#parts = parts;
    this.#times = { ...usual, ...parts.times };
    this.#rounds = new Rounds(this.#times.roundMs, (stopped) => this.#round(stopped));
  }

  /** Jobs that this process works on now. */
  get running(): number {
    return this.#running;
  }

  start(): void {
    this.#rounds.start();
  }

  /** What is worked on is left to others, who go on at once. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async #round(stopped: AbortSignal): Promise<void> {
    const { logger, name, queue } = this.#parts;
    try {
      const job = await queue.claim(this.#times.silentMs);
      if (job !== undefined) await this.#workOn(job, stopped);
    } catch (error) {
      logger.debug({ err: error }, `no ${name} is worked on`);
    }
  }

  async #workOn(job: Job, stopped: AbortSignal): Promise<void> {
    const { logger, name, onOutcome, queue } = this.#parts;
    const { begun, id } = job;
    if (begun > 1) onOutcome('taken-over');
    if (begun > MOST_BEGUN) {
      await queue.fail(job, `the pod that worked on it ended before it did, ${String(MOST_BEGUN)} times`); // prettier-ignore
      onOutcome('failed');
      return;
    }
    logger.info({ [name]: id, begun }, `${name} goes on`);
    this.#running += 1;
    try {
      const outcome = await this.#run(job, stopped);
      if (outcome === 'stopped') await queue.release(job);
      else onOutcome(outcome);
      logger.info({ [name]: id, outcome }, `${name} is left`);
    } finally {
      this.#running -= 1;
    }
  }

  async #run(job: Job, stopped: AbortSignal): Promise<JobOutcome> {
    const { queue, work } = this.#parts;
    const lost = new AbortController();
    const alive = setInterval(() => {
      // Where it cannot be told, the next sign tells, or another process goes on.
      queue.isMine(job).then((isMine) => { if (!isMine) lost.abort(); }, () => undefined); // prettier-ignore
    }, this.#times.aliveMs);
    try {
      await work(job, AbortSignal.any([stopped, lost.signal]));
      return 'done';
    } catch (error) {
      if (lost.signal.aborted || error instanceof LostJob) return 'removed';
      if (stopped.aborted) return 'stopped';
      const reason = error instanceof Error ? error.message : String(error);
      return (await queue.fail(job, reason)) ? 'failed' : 'removed';
    } finally {
      clearInterval(alive);
    }
  }
}
