import { fork, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Asked, FromRouteLoad, ToRouteLoad } from './route-load.ts';

/** Has routing asked a hundred times a second by another process. */
export class Asking {
  readonly #child: ChildProcess;
  readonly #ready = Promise.withResolvers<undefined>();
  readonly #seen = new Map<number, PromiseWithResolvers<Asked>>();
  #asked = Promise.withResolvers<Extract<FromRouteLoad, { readonly kind: 'asked' }>>();

  /** @param codes what called numbers begin with; each has a route */
  static async start(address: string, codes: Iterable<string>, folder: string): Promise<Asking> {
    const file = join(folder, 'codes');
    await writeFile(file, [...codes].join('\n'));
    const asking = new Asking(address, file);
    await asking.#ready.promise;
    return asking;
  }

  private constructor(address: string, file: string) {
    this.#child = fork(join(import.meta.dirname, 'route-load.ts'), [address, file]);
    this.#child.on('message', (message: FromRouteLoad) => {
      if (message.kind === 'ready') this.#ready.resolve(undefined);
      else if (message.kind === 'seen') this.#waiting(message.asked.version).resolve(message.asked);
      else this.#asked.resolve(message);
    });
    this.#child.once('exit', () => {
      this.#ready.reject(new Error('who asks routing has ended'));
    });
    this.#ready.promise.catch(() => undefined);
  }

  begin(): void {
    this.#seen.clear();
    this.#asked = Promise.withResolvers();
    this.#send('begin');
  }

  /** The first question since `begin` that was answered by this version. */
  seen(version: number): Promise<Asked> {
    return this.#waiting(version).promise;
  }

  /** All since `begin`, and what went wrong. */
  async end(): Promise<{ readonly all: readonly Asked[]; readonly failures: readonly string[] }> {
    this.#send('end');
    return this.#asked.promise;
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }

  #waiting(version: number): PromiseWithResolvers<Asked> {
    const waiting = this.#seen.get(version) ?? Promise.withResolvers<Asked>();
    this.#seen.set(version, waiting);
    return waiting;
  }

  #send(message: ToRouteLoad): void {
    this.#child.send(message);
  }
}

/** The delay that one in a hundred has, ms. */
export function p99(asked: readonly Asked[]): number {
  const sorted = asked.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
}
