import { status } from '@grpc/grpc-js';
import { SwitchError } from '@tandem/domain';
import type { Batch } from './batch-stream-server.ts';
import type { MessageStream, OpenStream, StreamEnd } from './grpc-stream.ts';
import type { Logger } from './logger.ts';
import { rpcDuration, rpcFailures, rpcRepeats } from './telemetry.ts';

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
  /**
   * Whether it does no harm that a second pod is asked too, once the connection to the first has broken or fallen silent: nobody
   * knows what the first one has done (ADR 10). @default nothing is asked twice
   */
  readonly mayRepeat?: (item: Item) => boolean;
  /** A stream is replaced after this time, so that new pods get their share. @default 150000 */
  readonly maxAgeMs?: number;
  /** Requests under way on a stream beyond which further ones are refused at once. @default 20000 */
  readonly maxPending?: number;
}

/**
 * A batched stream that renews itself. The one before serves until the other side of its successor is heard of. One that is silent
 * while it owes an answer is left after 0.75 to 1 s.
 */
export interface BatchStream<Request, Response> {
  /**
   * Sends a request together with all others that come up before the event loop goes on. What a stream owed when it broke is asked
   * on the next one within the same deadline, once, where it may be.
   * @throws SwitchError SWITCH_SERVICE_UNAVAILABLE at once while the service is away,
   * SWITCH_DEADLINE_EXCEEDED, SWITCH_STOPPED after `close`, or what `fromItem` throws.
   */
  request(request: Request): Promise<Response>;
  /** Whether the other side has been heard of on the present stream. */
  isUp(): boolean;
  /** Waits until the other side is heard of. @returns whether it was within the time; false at once after `close` */
  untilUp(timeoutMs: number): Promise<boolean>;
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
/** How often what is under way is looked after; a deadline has eight looks at least. Each takes a timer that was waited for. */
const LOOK_MS = 250;
const LEAST_LOOKS = 8;
/** Where nothing is heard for so long, and at the next look, nobody is there; from the second look on a sign of life is asked for. */
const MOST_SILENCE_MS = 750;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1000;
const DEFAULT_MAX_AGE_MS = 150_000;
const DEFAULT_MAX_PENDING = 20_000;

interface Pending<Item, Response> {
  readonly item: Item;
  readonly resolve: (response: Response) => void;
  readonly reject: (error: unknown) => void;
  readonly startedAt: number;
  /** Looks that had been taken by then. */
  readonly startedLook: number;
  isRepeated: boolean;
}

/** One stream, and what it owes. */
interface Line<Item, Response> {
  readonly stream: MessageStream<Batch<Item>>;
  readonly pending: Map<number, Pending<Item, Response>>;
  isUp: boolean;
  /** Looks since the other side was heard of. */
  silence: number;
}

class RenewedStream<
  Request,
  Response,
  Item extends { id: number },
  Reply extends { id: number },
> implements BatchStream<Request, Response> {
  readonly #settings: BatchStreamSettings<Request, Response, Item, Reply>;
  readonly #attributes: { readonly method: string };
  readonly #lookMs: number;
  /** The present one, its successor, and those before it that still owe something. */
  readonly #lines = new Set<Line<Item, Response>>();
  /** Undefined while the service is away. */
  #line: Line<Item, Response> | undefined;
  /** Takes the place of the present one as soon as its other side is heard of. */
  #successor: Line<Item, Response> | undefined;
  #gathered: Item[] = [];
  /** Told once the other side is heard of, or the stream is closed. */
  readonly #awaiting = new Set<() => void>();
  #isClosed = false;
  #nextId = 1;
  #looks = 0;
  #brokeAt = -Infinity;
  #retryMs = FIRST_RETRY_MS;
  #retryTimer: NodeJS.Timeout | undefined;
  #ageTimer: NodeJS.Timeout | undefined;
  #lookTimer: NodeJS.Timeout | undefined;

  constructor(settings: BatchStreamSettings<Request, Response, Item, Reply>) {
    this.#settings = settings;
    this.#attributes = { method: `${settings.name} stream` };
    this.#lookMs = Math.max(1, Math.min(LOOK_MS, settings.deadlineMs / LEAST_LOOKS));
    rpcRepeats.add(0, this.#attributes);
    this.#begin(this.#open());
  }

  request(request: Request): Promise<Response> {
    const line = this.#line;
    if (line === undefined || line.pending.size >= this.#maxPending()) {
      rpcFailures.add(1, this.#attributes);
      return Promise.reject(this.#refusal());
    }
    return new Promise<Response>((resolve, reject) => {
      const id = this.#takeId();
      const item = this.#settings.toItem(id, request);
      const startedAt = performance.now();
      const startedLook = this.#looks;
      line.pending.set(id, { item, resolve, reject, startedAt, startedLook, isRepeated: false });
      this.#gather(item);
      this.#lookTimer ??= this.#armLook();
    });
  }

  isUp(): boolean {
    return this.#line?.isUp === true;
  }

  async untilUp(timeoutMs: number): Promise<boolean> {
    if (!this.isUp() && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        const over = (): void => {
          clearTimeout(timer);
          this.#awaiting.delete(over);
          resolve();
        };
        const timer = setTimeout(over, timeoutMs);
        this.#awaiting.add(over);
      });
    }
    return this.isUp();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#ageTimer);
    clearTimeout(this.#lookTimer);
    const lines = [...this.#lines];
    this.#lines.clear();
    this.#line = undefined;
    for (const { pending, stream } of lines) {
      stream.cancel();
      for (const each of pending.values()) this.#fail(each, this.#refusal());
    }
    for (const over of [...this.#awaiting]) over();
  }

  #maxPending(): number {
    return this.#settings.maxPending ?? DEFAULT_MAX_PENDING;
  }

  #refusal(): SwitchError {
    if (this.#isClosed) return this.#error('SWITCH_STOPPED', 'the stream was closed');
    if (this.#line === undefined) return this.#error('SWITCH_SERVICE_UNAVAILABLE', 'is away');
    return this.#error('SWITCH_SERVICE_UNAVAILABLE', 'has too many requests under way');
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
    const stream = this.#line?.stream;
    // Without a stream the requests have been rejected already.
    if (stream === undefined || gathered.length === 0) return;
    if (gathered.length <= MAX_BATCH) {
      stream.send({ items: gathered });
      return;
    }
    for (let start = 0; start < gathered.length; start += MAX_BATCH) {
      stream.send({ items: gathered.slice(start, start + MAX_BATCH) });
    }
  }

  #open(): Line<Item, Response> {
    const stream = this.#settings.open({
      onHeard: () => {
        this.#heard(line);
      },
      onMessage: (batch) => {
        line.silence = 0;
        for (const reply of batch.items) this.#settle(line, reply);
      },
      onEnd: (end) => {
        this.#ended(line, end);
      },
    });
    const line: Line<Item, Response> = { stream, pending: new Map(), isUp: false, silence: 0 };
    this.#lines.add(line);
    return line;
  }

  #begin(line: Line<Item, Response>): void {
    this.#line = line;
    this.#armAge();
  }

  #armAge(): void {
    clearTimeout(this.#ageTimer);
    const maxAgeMs = this.#settings.maxAgeMs ?? DEFAULT_MAX_AGE_MS;
    // Spread over a fifth, so that the streams of all pods do not move at once.
    const age = maxAgeMs * (0.9 + Math.random() * 0.2);
    this.#ageTimer = setTimeout(() => {
      this.#successor ??= this.#open();
    }, age).unref();
  }

  #heard(line: Line<Item, Response>): void {
    line.silence = 0;
    if (!this.isUp()) this.#settings.logger.info({ peer: this.#settings.name }, 'stream is open');
    line.isUp = true;
    this.#retryMs = FIRST_RETRY_MS;
    if (line === this.#successor) this.#succeed(line);
    for (const over of [...this.#awaiting]) over();
  }

  /** What the old stream still owes is answered there, then it ends. */
  #succeed(line: Line<Item, Response>): void {
    this.#flush();
    const old = this.#line;
    this.#successor = undefined;
    this.#begin(line);
    old?.stream.finish();
  }

  #ended(line: Line<Item, Response>, end: StreamEnd): void {
    if (!this.#lines.delete(line)) return;
    if (line === this.#successor) {
      this.#successor = undefined;
      this.#armAge();
      return;
    }
    // A server that shuts down has answered all it began: the rest was not looked at.
    const isBroken = !line.isUp || end.code !== OK;
    if (line === this.#line) this.#replace(line, isBroken ? end : undefined);
    this.#askAgain(line, isBroken);
  }

  /** By another stream at once, or after a time where that has just been done, or there was nobody from the beginning. */
  #replace(line: Line<Item, Response>, broken: StreamEnd | undefined): void {
    this.#gathered = [];
    let isAtOnce = true;
    if (broken !== undefined) {
      const { code, details } = broken;
      this.#settings.logger.warn(
        { peer: this.#settings.name, status: code, details },
        'stream broke',
      );
      const now = performance.now();
      isAtOnce = line.isUp && now - this.#brokeAt >= LAST_RETRY_MS;
      this.#brokeAt = now;
    }
    const successor = this.#successor;
    this.#successor = undefined;
    if (successor !== undefined || isAtOnce) {
      this.#begin(successor ?? this.#open());
      return;
    }
    this.#line = undefined;
    clearTimeout(this.#ageTimer);
    this.#retryTimer = setTimeout(() => {
      this.#begin(this.#open());
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  /** What a stream owed when it ended. */
  #askAgain({ pending }: Line<Item, Response>, isBroken: boolean): void {
    const line = this.#line;
    for (const [id, each] of pending) {
      if (line === undefined || (isBroken && !this.#mayRepeat(each))) {
        this.#fail(each, this.#error('SWITCH_SERVICE_UNAVAILABLE', 'is away'));
        continue;
      }
      if (isBroken) rpcRepeats.add(1, this.#attributes);
      line.pending.set(id, { ...each, isRepeated: isBroken || each.isRepeated });
      this.#gather(each.item);
    }
    pending.clear();
  }

  /** Once: a request that kills whoever gets it does not go from pod to pod. */
  #mayRepeat({ isRepeated, item }: Pending<Item, Response>): boolean {
    return !isRepeated && this.#settings.mayRepeat?.(item) === true;
  }

  #settle(line: Line<Item, Response>, reply: Reply): void {
    const pending = line.pending.get(reply.id);
    // A reply after its deadline: nobody waits any more.
    if (pending === undefined) return;
    line.pending.delete(reply.id);
    rpcDuration.record((performance.now() - pending.startedAt) / 1000, this.#attributes);
    try {
      pending.resolve(this.#settings.fromItem(reply));
    } catch (error) {
      pending.reject(error);
    }
  }

  #armLook(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#look();
    }, this.#lookMs).unref();
  }

  #look(): void {
    this.#looks += 1;
    for (const line of [...this.#lines]) {
      this.#expire(line);
      if (line.pending.size > 0) this.#listen(line);
    }
    const isOwed = [...this.#lines].some(({ pending }) => pending.size > 0);
    this.#lookTimer = isOwed ? this.#armLook() : undefined;
  }

  /** Counts looks, not time: a process that slept reads first what has come meanwhile. */
  #listen(line: Line<Item, Response>): void {
    if (line.silence * this.#lookMs >= MOST_SILENCE_MS) {
      line.stream.cancel();
      this.#ended(line, { code: status.UNAVAILABLE, details: 'the other side is silent' });
      return;
    }
    if (line.silence > 0) {
      line.stream.ping(() => {
        line.silence = 0;
      });
    }
    line.silence++;
  }

  #expire({ pending }: Line<Item, Response>): void {
    const { deadlineMs } = this.#settings;
    const most = Math.ceil(deadlineMs / this.#lookMs);
    for (const [id, each] of pending) {
      if (this.#looks - each.startedLook <= most) continue;
      pending.delete(id);
      const text = `did not answer within ${String(deadlineMs)} ms`;
      this.#fail(each, this.#error('SWITCH_DEADLINE_EXCEEDED', text));
    }
  }

  #fail({ reject }: Pending<Item, Response>, error: SwitchError): void {
    rpcFailures.add(1, this.#attributes);
    reject(error);
  }

  #error(code: ConstructorParameters<typeof SwitchError>[0], what: string): SwitchError {
    return new SwitchError(code, `${this.#settings.name} ${what}`);
  }
}
