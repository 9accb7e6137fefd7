import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

// Whoever is killed cannot end its children: the kernel does, where util-linux can ask it to (Linux).
const tied = ['setpriv', '--pdeathsig', 'KILL', '--'] as const;
const canTie = spawnSync(tied[0], [...tied.slice(1), 'true'], { stdio: 'ignore' }).status === 0;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A server that belongs to a test, so that it can be killed, frozen and started again. */
export class OwnProcess {
  readonly #command: string;
  readonly #args: readonly string[];
  #child: ChildProcess | undefined;
  #output = '';

  constructor(command: string, args: readonly string[]) {
    this.#command = command;
    this.#args = args;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The last words of the server. */
  get output(): string {
    return this.#output;
  }

  /** Starts it; `answers` tells when it serves. @throws where that takes longer than 30 s */
  async start(answers: () => Promise<boolean>): Promise<void> {
    const words = [this.#command, ...this.#args];
    const [program = '', ...args] = canTie ? [...tied, ...words] : words;
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString('utf8')).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      keep(Buffer.from(error.message));
    });
    child.on('exit', () => running.delete(child));
    running.add(child);
    this.#child = child;
    const deadline = Date.now() + 30_000;
    while (!(await answers())) {
      if (Date.now() > deadline || child.exitCode !== null) {
        throw new Error(`${this.#command} does not serve: ${this.#output}`);
      }
      await sleep(20);
    }
  }

  /** Ends it and waits until it is gone. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  /** Stops it where it is: connections stay, nothing is answered. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }
}
