import { type ProcessOptions, ManagedProcess } from '../managed-process.ts';

/** How a process is kept alive. */
export interface SupervisionOptions {
  readonly process: ProcessOptions;
  /** Starts it again where it ended without having been asked to. @default true */
  readonly isRespawned?: boolean | undefined;
  /** Called at each start. */
  readonly onStart?: ((process: ManagedProcess) => void) | undefined;
}

/** One that dies as soon as it has started is given this much time, so that it does not eat up the machine. */
const PAUSE_MS = 500;

/** A process that is started again under its name when it is killed. */
export class SupervisedProcess {
  readonly #options: SupervisionOptions;
  #current: ManagedProcess | undefined;
  #startedAt = 0;
  #isWanted = false;
  #starts = 0;
  #pause: NodeJS.Timeout | undefined;

  constructor(options: SupervisionOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.process.name;
  }

  /** The process as of its last start. @throws where it was never started */
  get current(): ManagedProcess {
    if (this.#current === undefined) throw new Error(`${this.name} was not started`);
    return this.#current;
  }

  get isRunning(): boolean {
    return this.#current?.isRunning === true;
  }

  /** How often it has been started. */
  get starts(): number {
    return this.#starts;
  }

  start(): ManagedProcess {
    clearTimeout(this.#pause);
    this.#isWanted = true;
    this.#startedAt = performance.now();
    this.#starts += 1;
    const started = new ManagedProcess(this.#options.process);
    this.#current = started;
    started.onExit(() => {
      if (this.#current === started) this.#onExit();
    });
    this.#options.onStart?.(started);
    return started;
  }

  /** Ends it and leaves it ended. @returns its exit code */
  async stop(options?: Parameters<ManagedProcess['stop']>[0]): Promise<number> {
    this.#isWanted = false;
    clearTimeout(this.#pause);
    return (await this.#current?.stop(options)) ?? 0;
  }

  /** Sends a signal, as any killer would. */
  signal(signal: NodeJS.Signals): void {
    this.#current?.signal(signal);
  }

  #onExit(): void {
    if (!this.#isWanted || this.#options.isRespawned === false) return;
    const age = performance.now() - this.#startedAt;
    if (age >= PAUSE_MS) this.start();
    else this.#pause = setTimeout(() => this.start(), PAUSE_MS);
  }
}
