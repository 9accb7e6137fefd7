import { SipRequest } from '@tandem/sip';
import type { SipResponse, TransportListener } from '@tandem/sip';
import type { Logger } from '@tandem/service';
import type { PeerAddress } from './core/network/peer-address.ts';
import type { Clock } from './ports.ts';
import { unexpectedErrors } from './telemetry.ts';

/** Where in the handling of messages something was thrown: attribute `where` of `tandem.edge.unexpected_errors`. */
type Where = 'message' | 'continuation' | 'timer' | 'call';

/** What was in hand. */
export interface InHand {
  readonly message?: SipRequest | SipResponse | undefined;
  readonly from?: PeerAddress | undefined;
  readonly callId?: string | undefined;
}

/** What a barrier stands before. */
interface BarrierParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Says 500 to a request, out of nothing but the request. @default it is dropped */
  readonly refuse?: ((request: SipRequest, from: PeerAddress) => void) | undefined;
}

/** One line for each kind of error in so long: a flood of bad messages fills no log. */
const LOG_INTERVAL_MS = 60_000;
/** Kinds are places in the code: there are few, and a peer cannot make any. */
const MOST_KINDS = 64;
const LONGEST_TEXT = 200;
const FRAMES = 12;

/**
 * Stands between the handling of messages and the process (CALL-10): an error that nobody has expected there is counted, logged,
 * and costs its sender the message, never the pod its calls. Errors elsewhere end the process as ever.
 */
export class Barrier {
  readonly #parts: BarrierParts;
  /** By kind: when it was logged last, and how often it was not since. */
  readonly #logged = new Map<string, { atMs: number; unlogged: number }>();

  constructor(parts: BarrierParts) {
    this.#parts = parts;
  }

  /** Deals with a message. A request other than ACK gets 500 where that fails, if it can be answered at all. */
  run(work: () => void, inHand: InHand, where: Where = 'message'): void {
    try {
      work();
    } catch (error) {
      this.failed(error, where, inHand);
      this.#refuse(inHand);
    }
  }

  /**
   * `promise.then(on.done, on.failed)`, and what these throw ends here.
   * @param on without `failed` the promise is one that never rejects, and does so by a fault of ours
   */
  settled<T>(
    promise: Promise<T>,
    on: { readonly done: (value: T) => void; readonly failed?: (error: unknown) => void },
    inHand: InHand,
  ): void {
    const failed = on.failed ?? rethrow;
    promise.then(
      (value) => {
        this.run(on.done.bind(undefined, value), inHand, 'continuation');
      },
      (error: unknown) => {
        this.run(failed.bind(undefined, error), inHand, 'continuation');
      },
    );
  }

  /** A clock for what follows on messages: what its timers throw ends here. */
  clock(): Clock {
    const { clock } = this.#parts;
    return {
      now: () => clock.now(),
      start: (ms, fire) =>
        clock.start(ms, () => {
          this.run(fire, {}, 'timer');
        }),
      stop: (timer) => {
        clock.stop(timer);
      },
    };
  }

  /** Counts an error that nobody has expected, and logs it with its stack unless one of its kind was lately. Never throws. */
  failed(error: unknown, where: Where, { callId, from }: InHand = {}): void {
    unexpectedErrors.add(1, { where });
    const { clock, logger } = this.#parts;
    const told = withoutContents(error);
    const kind = `${where} ${told.name} ${told.stack[0] ?? told.message}`;
    const now = clock.now();
    const last = this.#logged.get(kind);
    if (last !== undefined && now - last.atMs < LOG_INTERVAL_MS) {
      last.unlogged += 1;
      return;
    }
    if (this.#logged.size >= MOST_KINDS) this.#logged.clear();
    this.#logged.set(kind, { atMs: now, unlogged: 0 });
    const facts = { where, callId, source: from?.address, unlogged: last?.unlogged ?? 0 };
    logger.error({ ...facts, error: told }, 'unexpected error while a message was handled');
  }

  #refuse({ message, from }: InHand): void {
    const { refuse } = this.#parts;
    if (!(message instanceof SipRequest) || message.method === 'ACK' || from === undefined) return;
    try {
      refuse?.(message, from);
    } catch {
      // What cannot be answered is dropped: its sender repeats it, or gives up.
    }
  }
}

interface Told {
  readonly name: string;
  readonly message: string;
  readonly stack: readonly string[];
}

/** An error without what it may quote, or carry along, of a message: credentials stand in those. */
function withoutContents(error: unknown): Told {
  if (!(error instanceof Error)) return { name: typeof error, message: '', stack: [] };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    message: error.message.replaceAll(/"[^"]*"?/g, '"…"').slice(0, LONGEST_TEXT),
    stack: frames.slice(0, FRAMES).map((frame) => frame.trim()),
  };
}

function rethrow(error: unknown): never {
  throw error;
}

/** A listener behind the barrier: what leads a message to its handler costs no more than that message either (CALL-10). */
export function guardedListener(listener: TransportListener, barrier: Barrier): TransportListener {
  const guarded: TransportListener = {
    onMessage: (message, arrival) => {
      barrier.run(() => {
        listener.onMessage(message, arrival);
      }, {});
    },
    onMalformed: (error, arrival) => {
      barrier.run(() => listener.onMalformed?.(error, arrival), {});
    },
    onError: (error) => listener.onError?.(error),
  };
  if (listener.onBytes !== undefined) {
    guarded.onBytes = (bytes, arrival) => {
      barrier.run(() => listener.onBytes?.(bytes, arrival), {});
    };
  }
  if (listener.takes !== undefined) {
    guarded.takes = (bytes, arrival) => {
      // Read here it would fail again.
      let isTaken = true;
      barrier.run(() => {
        isTaken = listener.takes?.(bytes, arrival) === true;
      }, {});
      return isTaken;
    };
  }
  return guarded;
}
