import { Worker } from 'node:worker_threads';
import type { DocumentPlace } from '@tandem/config';
import { SwitchError } from '@tandem/domain';
import type {
  ReplayedCall,
  ReplayedRoutes,
  ReplayRequest,
  ReplayResponse,
} from '@tandem/proto/routing';
import type { Logger } from '@tandem/service';
import { replayedCalls } from '../telemetry.ts';

/** What a thread is for. */
export interface ReplayJob {
  readonly url: string;
  readonly version: number;
  readonly draft: DocumentPlace;
  /** Files of rates that the draft has, by group. */
  readonly rates: readonly { readonly rateGroup: string; readonly importId: string }[];
}

/** Calls to be routed. */
export interface ToReplayThread {
  readonly id: number;
  readonly calls: readonly ReplayedCall[];
}

/** What a thread says. */
export type FromReplayThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'routed'; readonly id: number; readonly routes: readonly ReplayedRoutes[] }
  | { readonly kind: 'not-routed'; readonly id: number; readonly reason: string };

interface ReplayThreadsParts {
  /** PostgreSQL. @default nothing can be replayed */
  readonly url: string | undefined;
  /** SS_REPLAYS_AT_ONCE: so many threads. */
  readonly most: () => number;
  readonly logger: Logger;
  /** Megabytes of a thread's heap; its tables' prefixes are beside it. @default 1024 */
  readonly heapMb?: number;
  /** @default performance.now */
  readonly now?: () => number;
}

const MOST_CALLS = 500;
const HEAP_MB = 1024;
/** Tables that nobody asks for any more are given back. */
const IDLE_MS = 60_000;
/** Where another replay wants a thread, one that nobody has asked for this long is free. */
const SPARE_MS = 5000;
const ROUND_MS = 10_000;

/**
 * Routes calls of the past beside those of the present (OPS-08): a thread for each pair of configurations, which reads them, builds their
 * tables and keeps them for as long as somebody asks, at the lowest priority. The thread of the calls hands questions on, and nothing more.
 */
export class ReplayThreads {
  readonly #parts: ReplayThreadsParts;
  readonly #threads = new Map<string, ReplayThread>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: ReplayThreadsParts) {
    this.#parts = parts;
  }

  /** @throws SwitchError where this pod has no thread to spare, or the configurations cannot be read */
  async replay(request: ReplayRequest): Promise<ReplayResponse> {
    const { url } = this.#parts;
    if (url === undefined) {
      throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'routing has no store to read configurations from'); // prettier-ignore
    }
    const { rates, version } = request;
    const job: ReplayJob = { url, version, draft: placeOf(request), rates };
    const key = JSON.stringify(job);
    const thread = this.#threads.get(key) ?? this.#begin(key, job);
    thread.usedAtMs = this.#now();
    if (!thread.isReady) {
      if (thread.failure === undefined) return { isReady: false, routes: [] };
      this.#end(key, thread);
      throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', `the configurations cannot be replayed: ${thread.failure}`); // prettier-ignore
    }
    const routes = await thread.route(request.calls.slice(0, MOST_CALLS));
    replayedCalls.add(routes.length);
    return { isReady: true, routes: [...routes] };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#threads.values()].map((thread) => thread.end()));
    this.#threads.clear();
  }

  #begin(key: string, job: ReplayJob): ReplayThread {
    if (this.#threads.size >= this.#parts.most()) this.#giveBack(SPARE_MS);
    if (this.#threads.size >= this.#parts.most()) {
      throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'routing replays as much as it may (SS_REPLAYS_AT_ONCE)'); // prettier-ignore
    }
    this.#timer ??= setInterval(() => {
      this.#giveBack(IDLE_MS);
    }, ROUND_MS).unref();
    const { heapMb = HEAP_MB, logger } = this.#parts;
    const thread = new ReplayThread(job, heapMb, logger);
    this.#threads.set(key, thread);
    return thread;
  }

  #giveBack(idleMs: number): void {
    for (const [key, thread] of this.#threads) {
      if (!thread.isBusy && this.#now() - thread.usedAtMs >= idleMs) this.#end(key, thread);
    }
  }

  #end(key: string, thread: ReplayThread): void {
    this.#threads.delete(key);
    // It never rejects.
    void thread.end();
  }

  #now(): number {
    return (this.#parts.now ?? performance.now.bind(performance))();
  }
}

class ReplayThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<readonly ReplayedRoutes[]>>();
  #lastId = 0;
  isReady = false;
  /** Why it is of no use. */
  failure: string | undefined;
  usedAtMs = 0;

  constructor(job: ReplayJob, heapMb: number, logger: Logger) {
    const startMs = performance.now();
    this.#worker = new Worker(new URL('./replay-thread.ts', import.meta.url), {
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    });
    this.#worker.on('message', (message: FromReplayThread) => {
      if (message.kind === 'ready') {
        const milliseconds = Math.round(performance.now() - startMs);
        logger.info({ version: job.version, milliseconds }, 'tables for a replay are there');
        this.isReady = true;
      } else if (message.kind === 'failed') this.#fail(message.reason);
      else this.#answer(message);
    });
    this.#worker.on('error', (error) => {
      this.#fail(error instanceof Error ? error.message : String(error));
    });
    this.#worker.on('exit', () => {
      this.#fail('its thread has ended');
    });
  }

  get isBusy(): boolean {
    return this.#waiting.size > 0;
  }

  route(calls: readonly ReplayedCall[]): Promise<readonly ReplayedRoutes[]> {
    this.#lastId += 1;
    const waiting = Promise.withResolvers<readonly ReplayedRoutes[]>();
    this.#waiting.set(this.#lastId, waiting);
    this.#worker.postMessage({ id: this.#lastId, calls } satisfies ToReplayThread);
    return waiting.promise;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #answer(message: Extract<FromReplayThread, { readonly id: number }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === 'routed') waiting?.resolve(message.routes);
    else waiting?.reject(unavailable(message.reason));
  }

  #fail(reason: string): void {
    this.isReady = false;
    this.failure ??= reason;
    for (const { reject } of this.#waiting.values()) reject(unavailable(this.failure));
    this.#waiting.clear();
  }
}

function unavailable(reason: string): SwitchError {
  return new SwitchError('SWITCH_SERVICE_UNAVAILABLE', `calls were not replayed: ${reason}`);
}

function placeOf({ draft }: ReplayRequest): DocumentPlace {
  if (draft?.$case === 'draftId') return { draft: draft.value };
  if (draft?.$case === 'draftVersion') return { version: draft.value };
  throw new SwitchError('SWITCH_CONFIGURATION_INVALID', 'the request names no draft');
}
