import { status } from '@grpc/grpc-js';
import { SwitchError } from '@tandem/domain';
import type { Batch } from './batch-stream-server.ts';
import type { MessageStream, OpenStream, StreamEnd } from './grpc-stream.ts';
import type { Logger } from './logger.ts';
import { rpcDuration, rpcFailures } from './telemetry.ts';

/** How requests travel over a batched stream. */
export interface BatchStreamSettings<Request, Response, Item, Reply> {
  /** The service behind it, for log and metrics: `auth`. */
  readonly name: string;
  /** Opens a stream: `grpcStreams(AuthServiceService.authenticateStream, address)`. */
  readonly open: OpenStream<Batch<Item>, Batch<Reply>>;
  /** Wraps a request. */
  readonly toItem: (id: number, request: Request) => Item;
  /** Unwraps a reply; throws a SwitchError where the reply says that the request failed. */
  readonly fromItem: (reply: Reply) => Response;
  readonly logger: Logger;
  /**
   * A request without an answer after this time fails; seen up to an eighth late. Time in which the process slept does not
   * count: the answer has come meanwhile, and is read first.
   */
  readonly deadlineMs: number;
  /** A stream is replaced after this time, so that new pods get their share. @default 150000 */
  readonly maxAgeMs?: number;
  /** Requests under way beyond which further ones are refused at once. @default 20000 */
  readonly maxPending?: number;
}

/** A batched stream that renews itself. */
export interface BatchStream<Request, Response> {
  /**
   * Sends a request together with all others that come up before the event loop goes on.
   * @throws SwitchError SWITCH_SERVICE_UNAVAILABLE at once while the service is away,
   * SWITCH_DEADLINE_EXCEEDED, SWITCH_STOPPED after `close`, or what `fromItem` throws.
   */
  request(request: Request): Promise<Response>;
  /** Whether the other side has been heard of on the present stream. */
  isUp(): boolean;
  close(): void;
}

/** Opens a batched stream: see architecture, a request costs a share of one message instead of a call. */
export function openBatchStream<
  Request,
  Response,
  Item extends { id: number },
  Reply extends { id: number },
>(settings: BatchStreamSettings<Request, Response, Item, Reply>): BatchStream<Request, Response> {
  return new RenewedStream(settings);
}

const OK: number = status.OK;
const MAX_BATCH = 256;
/** A deadline is counted in parts, each of which takes a timer that was waited for. */
const DEADLINE_PARTS = 8;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1000;
const DEFAULT_MAX_AGE_MS = 150_000;
const DEFAULT_MAX_PENDING = 20_000;

interface Pending<Item, Response> {
  readonly item: Item;
  readonly resolve: (response: Response) => void;
  readonly reject: (error: unknown) => void;
  readonly startedAt: number;
  /** Parts of deadlines that had passed by then. */
  readonly startedPart: number;
}

class RenewedStream<
  Request,
  Response,
  Item extends { id: number },
  Reply extends { id: number },
> implements BatchStream<Request, Response> {
  readonly #settings: BatchStreamSettings<Request, Response, Item, Reply>;
  readonly #pending = new Map<number, Pending<Item, Response>>();
  readonly #attributes: { readonly method: string };
  #gathered: Item[] = [];
  #stream: MessageStream<Batch<Item>> | undefined;
  #isUp = false;
  #isClosed = false;
  #nextId = 1;
  #part = 0;
  #retryMs = FIRST_RETRY_MS;
  #retryTimer: NodeJS.Timeout | undefined;
  #ageTimer: NodeJS.Timeout | undefined;
  #deadlineTimer: NodeJS.Timeout | undefined;

  constructor(settings: BatchStreamSettings<Request, Response, Item, Reply>) {
    this.#settings = settings;
    this.#attributes = { method: `${settings.name} stream` };
    this.#open();
  }

  request(request: Request): Promise<Response> {
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      rpcFailures.add(1, this.#attributes);
      return Promise.reject(refusal);
    }
    return new Promise<Response>((resolve, reject) => {
      const id = this.#takeId();
      const item = this.#settings.toItem(id, request);
      const startedAt = performance.now();
      this.#pending.set(id, { item, resolve, reject, startedAt, startedPart: this.#part });
      this.#gather(item);
      this.#deadlineTimer ??= this.#armDeadlines();
    });
  }

  isUp(): boolean {
    return this.#isUp;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#ageTimer);
    const stream = this.#stream;
    this.#stream = undefined;
    this.#isUp = false;
    stream?.cancel();
    this.#failAll(this.#error('SWITCH_STOPPED', 'the stream was closed'));
  }

  #refusal(): SwitchError | undefined {
    if (this.#isClosed) return this.#error('SWITCH_STOPPED', 'the stream was closed');
    if (this.#stream === undefined) return this.#error('SWITCH_SERVICE_UNAVAILABLE', 'is away');
    if (this.#pending.size >= (this.#settings.maxPending ?? DEFAULT_MAX_PENDING)) {
      return this.#error('SWITCH_SERVICE_UNAVAILABLE', 'has too many requests under way');
    }
    return undefined;
  }

  #takeId(): number {
    const id = this.#nextId;
    this.#nextId = id === 0xffff_ffff ? 1 : id + 1;
    return id;
  }

  #gather(item: Item): void {
    if (this.#gathered.push(item) === 1) {
      // HTTP/2 writes all messages of a turn at its end, if they are there by then: an immediate would be a turn later.
      process.nextTick(() => {
        this.#flush();
      });
    }
  }

  #flush(): void {
    const gathered = this.#gathered;
    this.#gathered = [];
    const stream = this.#stream;
    // Without a stream the requests have been rejected already.
    if (stream === undefined) return;
    if (gathered.length <= MAX_BATCH) {
      stream.send({ items: gathered });
      return;
    }
    for (let start = 0; start < gathered.length; start += MAX_BATCH) {
      stream.send({ items: gathered.slice(start, start + MAX_BATCH) });
    }
  }

  #open(): void {
    const stream = this.#settings.open({
      onHeard: () => {
        if (this.#stream === stream) this.#heard();
      },
      onMessage: (batch) => {
        for (const reply of batch.items) this.#settle(reply);
      },
      onEnd: (result) => {
        this.#ended(stream, result);
      },
    });
    this.#stream = stream;
    this.#ageTimer = setTimeout(() => {
      this.#renew(stream);
    }, this.#age()).unref();
  }

  #heard(): void {
    if (!this.#isUp) this.#settings.logger.info({ peer: this.#settings.name }, 'stream is open');
    this.#isUp = true;
    this.#retryMs = FIRST_RETRY_MS;
  }

  #age(): number {
    const maxAgeMs = this.#settings.maxAgeMs ?? DEFAULT_MAX_AGE_MS;
    // Spread over a fifth, so that the streams of all pods do not move at once.
    return maxAgeMs * (0.9 + Math.random() * 0.2);
  }

  /** Opens a successor; what the old stream still owes is answered there, then it ends. */
  #renew(old: MessageStream<Batch<Item>>): void {
    if (this.#stream !== old || this.#isClosed) return;
    this.#flush();
    this.#open();
    old.finish();
  }

  #ended(stream: MessageStream<Batch<Item>>, result: StreamEnd): void {
    if (stream !== this.#stream) return;
    clearTimeout(this.#ageTimer);
    const wasUp = this.#isUp;
    this.#isUp = false;
    if (wasUp && result.code === OK) {
      // A server that shuts down has answered all it began: the rest was not looked at, ask again.
      this.#open();
      this.#gathered = [];
      for (const { item } of this.#pending.values()) this.#gather(item);
      return;
    }
    this.#stream = undefined;
    this.#gathered = [];
    const { logger, name } = this.#settings;
    logger.warn({ peer: name, status: result.code, details: result.details }, 'stream broke');
    this.#failAll(this.#error('SWITCH_SERVICE_UNAVAILABLE', 'is away'));
    this.#retryTimer = setTimeout(() => {
      this.#open();
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    // A reply after its deadline: nobody waits any more.
    if (pending === undefined) return;
    this.#pending.delete(reply.id);
    rpcDuration.record((performance.now() - pending.startedAt) / 1000, this.#attributes);
    try {
      pending.resolve(this.#settings.fromItem(reply));
    } catch (error) {
      pending.reject(error);
    }
  }

  #armDeadlines(): NodeJS.Timeout {
    return setTimeout(
      () => {
        this.#expire();
      },
      Math.max(1, this.#settings.deadlineMs / DEADLINE_PARTS),
    ).unref();
  }

  #expire(): void {
    this.#part += 1;
    // The map keeps the order of arrival and all requests have the same deadline.
    for (const [id, pending] of this.#pending) {
      if (this.#part - pending.startedPart <= DEADLINE_PARTS) break;
      this.#pending.delete(id);
      rpcFailures.add(1, this.#attributes);
      pending.reject(
        this.#error(
          'SWITCH_DEADLINE_EXCEEDED',
          `did not answer within ${String(this.#settings.deadlineMs)} ms`,
        ),
      );
    }
    this.#deadlineTimer = this.#pending.size > 0 ? this.#armDeadlines() : undefined;
  }

  #failAll(error: SwitchError): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    rpcFailures.add(pending.length, this.#attributes);
    clearTimeout(this.#deadlineTimer);
    this.#deadlineTimer = undefined;
    for (const { reject } of pending) reject(error);
  }

  #error(code: ConstructorParameters<typeof SwitchError>[0], what: string): SwitchError {
    return new SwitchError(code, `${this.#settings.name} ${what}`);
  }
}
