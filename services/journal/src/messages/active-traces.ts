import type { MessageFrame, PassedMessage } from '@tandem/events';
import { Rounds } from '@tandem/service';
import type { Logger } from '@tandem/service';
import { TraceFilter } from './trace-filter.ts';
import type { TraceStore } from './ports.ts';

/** Traces that another process was asked for are heard of within this time. */
const EVERY_MS = 1000;

export interface ActiveTracesParts {
  readonly store: TraceStore;
  readonly now: () => number;
  readonly logger: Logger;
}

/** The traces that go on, as this process knows them: each message that is kept is held against them (OPS-03). */
export class ActiveTraces {
  readonly #parts: ActiveTracesParts;
  readonly #rounds = new Rounds(EVERY_MS, () => this.#round());
  #filters = new Map<string, TraceFilter>();

  constructor(parts: ActiveTracesParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#rounds.startAtOnce();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Reads which go on. */
  async look(): Promise<void> {
    const { now, store } = this.#parts;
    const filters = new Map<string, TraceFilter>();
    for (const trace of await store.active(now())) {
      filters.set(trace.id, this.#filters.get(trace.id) ?? new TraceFilter(trace));
    }
    this.#filters = filters;
  }

  /** Gives each trace what it is to have of a frame. */
  async take({ id, pod }: MessageFrame, messages: readonly PassedMessage[]): Promise<void> {
    for (const [trace, filter] of this.#filters) {
      const found = messages.filter((message) => filter.takes(message));
      if (found.length > 0) await this.#parts.store.add(trace, { frame: id, pod, messages: found });
    }
  }

  async #round(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      this.#parts.logger.debug({ err: error }, 'traces are not known');
    }
  }
}
