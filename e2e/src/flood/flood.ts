import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { FloodOrder } from './flood-process.ts';
import type { FloodCounts, FloodOptions } from './flooder.ts';

/** A flood in a process of its own. */
export class Flood {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Begins at once. */
  static async start(options: FloodOptions): Promise<Flood> {
    const child = fork(join(import.meta.dirname, 'flood-process.ts'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [],
    });
    const flood = new Flood(child);
    await flood.#ask({ kind: 'start', options });
    return flood;
  }

  async counts(): Promise<FloodCounts> {
    return countsOf(await this.#ask({ kind: 'counts' }));
  }

  /** Sends nothing more. @returns what it has sent, and what has come back until now */
  async end(): Promise<FloodCounts> {
    return countsOf(await this.#ask({ kind: 'stop' }));
  }

  /** Ends the process. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  async #ask(order: FloodOrder): Promise<FloodAnswer> {
    const answered = once(this.#child, 'message');
    this.#child.send(order);
    const [answer] = (await answered) as [FloodAnswer];
    if (answer.error !== undefined) throw new Error(`the flood: ${answer.error}`);
    return answer;
  }
}

interface FloodAnswer {
  readonly counts?: FloodCounts;
  readonly error?: string;
}

function countsOf({ counts }: FloodAnswer): FloodCounts {
  return counts ?? { sent: 0, fresh: 0, answers: {}, retryAfter: {} };
}
