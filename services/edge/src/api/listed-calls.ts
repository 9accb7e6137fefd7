import type { Call, ListCallsRequest } from '@tandem/proto/edge';
import type { CallStore } from '../ports.ts';
import { callOf, isAskedFor } from './call-view.ts';

/** Calls without what was decided, and how many there are of all that fit. */
interface CallPage {
  readonly calls: readonly Call[];
  readonly total: number;
}

/** Calls that are looked through, the newest first, so many at once: a page more waits for its turn behind calls. */
const MOST_SEARCHED = 20_000;
const PAGE = 250;
/** How long a call that nobody lists is kept: this, to twice as long. */
const KEPT_MS = 5000;

/**
 * Calls in progress as they are told. Nothing of an answered call that is told changes, so that each is read from the store once while
 * lists are looked at each second, however many of them (OPS-02); what is kept of it goes some seconds after the last look.
 */
export class ListedCalls {
  readonly #store: Pick<CallStore, 'get' | 'list'>;
  #answered = new Map<string, Call>();
  #before = new Map<string, Call>();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Pick<CallStore, 'get' | 'list'>) {
    this.#store = store;
  }

  /** How many are kept. */
  get size(): number {
    return this.#answered.size + this.#before.size;
  }

  /** The newest. */
  async page(limit: number, offset = 0): Promise<CallPage> {
    const { callIds, total } = await this.#store.list(limit, offset);
    const found = await Promise.all(callIds.map(async (callId) => this.#known(callId) ?? (await this.#read(callId)))); // prettier-ignore
    return { calls: found.filter((call) => call !== undefined), total };
  }

  /** The newest that fit. */
  async search(request: ListCallsRequest, limit: number): Promise<CallPage> {
    const matching: Call[] = [];
    for (let offset = 0; offset < MOST_SEARCHED; offset += PAGE) {
      const { calls, total } = await this.page(PAGE, offset);
      matching.push(...calls.filter((call) => isAskedFor(call, request)));
      if (offset + PAGE >= total) break;
    }
    return { calls: matching.slice(0, limit), total: matching.length };
  }

  #known(callId: string): Call | undefined {
    const known = this.#answered.get(callId) ?? this.#before.get(callId);
    if (known !== undefined) this.#answered.set(callId, known);
    return known;
  }

  async #read(callId: string): Promise<Call | undefined> {
    const stored = await this.#store.get(callId);
    if (stored === undefined) return undefined;
    const call = { ...callOf(stored), decisions: [] };
    if (stored.event !== undefined) this.#keep(call);
    return call;
  }

  #keep(call: Call): void {
    this.#answered.set(call.callId, call);
    this.#timer ??= setInterval(() => {
      this.#before = this.#answered;
      this.#answered = new Map();
      if (this.#before.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    }, KEPT_MS).unref();
  }
}
