import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './until.ts';

/** What to start. */
export interface ProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where output goes instead of into memory; what is there already stays. */
  readonly logFile?: string;
  /** Lets `write` reach its standard input. @default false */
  readonly hasInput?: boolean;
  /** Keeps Ctrl-C at a terminal from it: whoever started it tells it to stop. @default false */
  readonly isDetached?: boolean;
}

const KEPT_OUTPUT = 4_000_000;
const running = new Set<ChildProcess>();

// Whoever is killed cannot end its children: the kernel does, where util-linux can ask it to (Linux).
const tied = ['setpriv', '--pdeathsig', 'KILL', '--'] as const;
const canTie = spawnSync(tied[0], [...tied.slice(1), 'true'], { stdio: 'ignore' }).status === 0;

// A test that dies must not leave a switch or a SIPp behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A process that belongs to a test: its output is kept, and it is ended by its own pid. */
export class ManagedProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<number>;
  readonly #logFile: string | undefined;
  readonly #logStart: number;
  #output = '';
  #exitCode: number | undefined;

  constructor(options: ProcessOptions) {
    const { name, command, args, cwd, env, logFile, isDetached } = options;
    this.name = name;
    this.#logFile = logFile;
    const log = logFile === undefined ? undefined : openSync(logFile, 'a');
    this.#logStart = logFile === undefined ? 0 : statSync(logFile).size;
    const [program, ...words] = canTie ? [...tied, command, ...args] : [command, ...args];
    this.#child = spawn(program, words, {
      stdio: [options.hasInput === true ? 'pipe' : 'ignore', log ?? 'pipe', log ?? 'pipe'],
      detached: isDetached ?? false,
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
    });
    if (log !== undefined) closeSync(log);
    running.add(this.#child);
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
    this.#child.on('error', (error) => {
      keep(Buffer.from(`${error.message}\n`));
      running.delete(this.#child);
      this.#exitCode ??= 127;
    });
    this.#exited = once(this.#child, 'exit').then(
      ([code, signal]) => {
        running.delete(this.#child);
        this.#exitCode = typeof code === 'number' ? code : 128;
        if (signal !== null) keep(Buffer.from(`ended by ${String(signal)}\n`));
        return this.#exitCode;
      },
      () => 127,
    );
  }

  get pid(): number {
    if (this.#child.pid === undefined)
      throw new Error(`${this.name} did not start: ${this.output}`);
    return this.#child.pid;
  }

  /** Standard output and standard error as far as kept. */
  get output(): string {
    if (this.#logFile === undefined) return this.#output;
    const written = readFileSync(this.#logFile).subarray(this.#logStart);
    return written.subarray(-KEPT_OUTPUT).toString('utf8') + this.#output;
  }

  get isRunning(): boolean {
    return this.#exitCode === undefined;
  }

  /** Waits for a line of the output and returns its match. */
  async line(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> {
    try {
      const match = await until(
        `${this.name} writes ${String(pattern)}`,
        () => {
          const found = pattern.exec(this.output);
          return found ?? (this.isRunning ? undefined : 'ended');
        },
        { timeoutMs },
      );
      if (match !== 'ended') return match;
    } catch {
      // Said below, with what the process wrote.
    }
    throw new Error(`${this.name} did not write ${String(pattern)}: ${this.output.slice(-4000)}`);
  }

  /** Calls `listener` when it has ended; at once where it has already. */
  onExit(listener: (code: number) => void): void {
    void this.#exited.then(listener);
  }

  /** The exit code; 128 where a signal ended it. */
  async exit(timeoutMs: number): Promise<number> {
    const timer = new AbortController();
    const late = sleep(timeoutMs, 'late' as const, { signal: timer.signal }).catch(() => 0);
    const result = await Promise.race([this.#exited, late]);
    timer.abort();
    if (result === 'late') {
      throw new Error(`${this.name} still runs: ${this.output.slice(-2000)}`);
    }
    return result;
  }

  /** A line to its standard input. */
  write(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks it to end, and kills it where it does not within `graceMs`. */
  async stop({ signal = 'SIGTERM', graceMs = 25_000 }: StopOptions = {}): Promise<number> {
    if (!this.isRunning) return this.#exitCode ?? 0;
    this.#child.kill(signal);
    try {
      return await this.exit(graceMs);
    } catch {
      this.#child.kill('SIGKILL');
      return this.#exited;
    }
  }
}

interface StopOptions {
  readonly signal?: NodeJS.Signals;
  readonly graceMs?: number;
}
