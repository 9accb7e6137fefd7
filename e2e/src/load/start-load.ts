import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from '../until.ts';
import type { CallPlan } from './call-plan.ts';
import type { LoadReport, LoadSnapshot } from './call-record.ts';
import type { LoadAnswer, LoadAnswers, LoadOrder } from './load-messages.ts';
import type { HangUp, LoadOptions } from './load-run.ts';

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Strict callers and carriers in a process of their own. */
export class Load {
  readonly #child: ChildProcess;
  readonly #open = new Map<number, Question>();
  #newest = 0;
  #isEnded = false;

  private constructor(child: ChildProcess) {
    this.#child = child;
    running.add(child);
    child.on('message', (message) => {
      this.#receive(message as LoadAnswer);
    });
    child.on('exit', (code, signal) => {
      this.#isEnded = true;
      running.delete(child);
      const error = new Error(`the load ended: ${String(code ?? signal)}`);
      for (const { reject } of this.#open.values()) reject(error);
      this.#open.clear();
    });
  }

  /** Starts the process and opens the sockets of phone, trunk, carrier-a and carrier-b. */
  static async start(options: LoadOptions): Promise<Load> {
    const child = fork(join(import.meta.dirname, 'load-process.ts'), {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [],
    });
    const load = new Load(child);
    try {
      await load.#ask({ kind: 'open', options });
    } catch (error) {
      await load.stop();
      throw error;
    }
    return load;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Places calls evenly; resolves when the last INVITE has left. */
  async place(plans: readonly CallPlan[], { perSecond }: { perSecond: number }): Promise<void> {
    await this.#ask({ kind: 'place', plans, perSecond });
  }

  /** Ends the calls that are up; resolves when the last BYE has left. */
  async hangUp(hangUp: HangUp): Promise<void> {
    await this.#ask({ kind: 'hang-up', hangUp });
  }

  /** Waits until every call is over at both ends, or the time is up, and tells all that was seen. */
  async finish({ timeoutMs }: { timeoutMs: number }): Promise<LoadReport> {
    await this.untilOver({ timeoutMs });
    return this.report();
  }

  /** Waits until the calls whose numbers begin so are over at both ends. @returns whether they are */
  untilOver({ timeoutMs, prefix = '' }: { timeoutMs: number; prefix?: string }): Promise<boolean> {
    return until('every call is over', () => this.#ask({ kind: 'is-over', prefix }), {
      timeoutMs,
      everyMs: 200,
    }).catch(() => false);
  }

  /** All calls at this moment, or those whose numbers begin so. */
  snapshot(prefix = ''): Promise<LoadSnapshot> {
    return this.#ask({ kind: 'snapshot', prefix });
  }

  report(): Promise<LoadReport> {
    return this.#ask({ kind: 'report' });
  }

  /** Every message of a call at both ends, a line each. */
  ladder(number: string): Promise<readonly string[]> {
    return this.#ask({ kind: 'ladder', number });
  }

  async stop(): Promise<void> {
    if (this.#isEnded) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  #ask<Kind extends LoadOrder['kind']>(
    order: LoadOrder & { readonly kind: Kind },
  ): Promise<LoadAnswers[Kind]> {
    if (this.#isEnded) return Promise.reject(new Error('the load has ended'));
    const id = ++this.#newest;
    return new Promise((resolve, reject) => {
      this.#open.set(id, {
        resolve: (value) => {
          resolve(value as LoadAnswers[Kind]);
        },
        reject,
      });
      this.#child.send({ id, order });
    });
  }

  #receive({ id, value, error }: LoadAnswer): void {
    const question = this.#open.get(id);
    this.#open.delete(id);
    if (error === undefined) question?.resolve(value);
    else question?.reject(new Error(error));
  }
}

interface Question {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}
