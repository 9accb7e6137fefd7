import type { EventConsumer, MessageFrame } from '@tandem/events';
import type { Logger, Pool } from '@tandem/service';
import { reportMessages } from '../telemetry.ts';
import { ActiveTraces } from './active-traces.ts';
import { createFrameHandler } from './frame-handler.ts';
import { createMessageHandlers } from './handlers.ts';
import type { MessageHandlers } from './handlers.ts';
import { MessageHousekeeping } from './message-housekeeping.ts';
import { createPgMessageStore } from './pg-message-store.ts';
import { createPgTraceStore } from './pg-trace-store.ts';
import type { MessageRetention } from './ports.ts';

export type { MessageHandlers } from './handlers.ts';

export interface KeptMessagesParts {
  readonly pool: Pool;
  /** Closed by `drain`. */
  readonly frames: EventConsumer<MessageFrame>;
  readonly retention: MessageRetention;
  readonly now: () => number;
  readonly logger: Logger;
}

/** SIP messages (OPS-09) and traces (OPS-03): reads the topic, keeps what is in it, and answers what is asked. */
export class KeptMessages {
  readonly handlers: MessageHandlers;
  readonly #parts: KeptMessagesParts;
  readonly #active: ActiveTraces;
  readonly #housekeeping: MessageHousekeeping;
  readonly #run: () => Promise<void>;
  #consuming: Promise<void> | undefined;
  #endReport: (() => void) | undefined;

  constructor(parts: KeptMessagesParts) {
    const { frames, logger, now, pool, retention } = parts;
    this.#parts = parts;
    const store = createPgMessageStore(pool, logger);
    const traces = createPgTraceStore(pool);
    this.#active = new ActiveTraces({ store: traces, now, logger });
    this.#housekeeping = new MessageHousekeeping({ store, traces, retention, now, logger });
    this.handlers = createMessageHandlers({ store, traces, active: this.#active, now });
    const handler = createFrameHandler({ store, traces: this.#active, retention, now, logger });
    this.#run = () => frames.run(handler);
  }

  /** After the migrations. */
  start(): void {
    this.#housekeeping.start();
    this.#active.start();
    this.#endReport = reportMessages({
      lag: () => this.#parts.frames.lag(),
      bytes: () => this.#housekeeping.bytes,
    });
    this.#consuming = this.#run();
  }

  async drain(): Promise<void> {
    await this.#parts.frames.close();
    await this.#consuming;
  }

  async stop(): Promise<void> {
    this.#endReport?.();
    await this.drain();
    await this.#active.stop();
    await this.#housekeeping.stop();
  }
}
