import { SwitchError } from '@tandem/domain';
import type { RouteReply } from '@tandem/proto/edge-replies';
import type { RouteRequest } from '@tandem/proto/routing';
import { ownerName } from '../core/marks/owner.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { passed } from '../faults.ts';
import type { Accepting, Claim } from '../ports.ts';

/** What a call will ask the store and routing for. */
export interface AheadRequest {
  readonly callId: string;
  /** What the claim of its INVITE is kept by. */
  readonly transaction: string;
  readonly route: RouteRequest;
}

interface Ahead {
  readonly claim: Promise<Claim | undefined>;
  readonly route: Promise<RouteReply> | undefined;
}

/**
 * Asks for the claim of a call, and for its route, before what they depend on is known, where auth, routing and the calls are in
 * one Redis over one connection: Redis does them in their order, and each only if the one before went well. So all three leave in
 * one write and are waited for once. What did not go well is asked for again in its turn; nothing was done then.
 */
export class AskedAhead {
  readonly #edge: Pick<EdgeResources, 'local' | 'routing' | 'store'>;
  readonly #asked = new Map<string, Ahead>();

  constructor(edge: Pick<EdgeResources, 'local' | 'routing' | 'store'>) {
    this.#edge = edge;
  }

  /** Auth asks the store whether right credentials are good; the claim and the route go after it. */
  begin({ callId, transaction, route }: AheadRequest, { acceptance, origin }: Accepting): void {
    const { local, routing, store } = this.#edge;
    if (routing.isOverSamePipe !== true) return;
    const owner = ownerName(local);
    const claimed = store.claimed(transaction, callId, owner);
    if (claimed === undefined) return;
    const ahead = {
      claim: store.claim(transaction, callId, owner, acceptance),
      route: routing.route({ ...route, origin }, claimed),
    };
    // Nobody may come to wait for them.
    ahead.claim.catch(ignore);
    ahead.route.catch(ignore);
    this.#asked.set(callId, ahead);
    passed('after-asked-ahead');
  }

  /** The claim of a call, which is known to be admitted; where routing may be asked in the same write, it is. */
  async claim(request: AheadRequest): Promise<Claim | undefined> {
    const { callId, transaction, route } = request;
    const { local, routing, store } = this.#edge;
    const owner = ownerName(local);
    const before = this.#asked.get(callId);
    this.#asked.delete(callId);
    const claim = before === undefined ? undefined : await unlessUnmet(before.claim);
    if (before !== undefined && claim !== 'unmet') {
      if (isOwn(claim, callId)) this.#asked.set(callId, before);
      return claim;
    }
    const asking = store.claim(transaction, callId, owner);
    const claimed =
      routing.isOverSamePipe === true ? store.claimed(transaction, callId, owner) : undefined;
    if (claimed !== undefined && route.origin !== undefined) {
      const routed = routing.route(route, claimed);
      routed.catch(ignore);
      this.#asked.set(callId, { claim: asking, route: routed });
    }
    const found = await asking.catch((error: unknown) => {
      this.#asked.delete(callId);
      throw error;
    });
    if (!isOwn(found, callId)) this.#asked.delete(callId);
    return found;
  }

  /** The route of a call that has its claim. */
  async route(request: RouteRequest): Promise<RouteReply> {
    const { callId } = request;
    const before = this.#asked.get(callId)?.route;
    this.#asked.delete(callId);
    const reply = before === undefined ? 'unmet' : await unlessUnmet(before);
    return reply === 'unmet' ? this.#edge.routing.route(request) : reply;
  }

  /** Lines that were taken for a call which ends without having asked for its route: nobody else knows of them. */
  async unusedLines(callId: string): Promise<readonly string[]> {
    const before = this.#asked.get(callId)?.route;
    this.#asked.delete(callId);
    const reply = await before?.catch(ignore);
    return reply?.outcome?.$case === 'routed' ? reply.outcome.value.lines : [];
  }

  has(callId: string): boolean {
    return this.#asked.has(callId);
  }

  /** The call is not admitted, or is another pod's: what was asked ahead has done nothing, or is idempotent. */
  forget(callId: string): void {
    this.#asked.delete(callId);
  }
}

function isOwn(claim: Claim | undefined, callId: string): boolean {
  return claim?.isNew === true && claim.callId === callId;
}

async function unlessUnmet<T>(asked: Promise<T>): Promise<T | 'unmet'> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof SwitchError && error.code === 'SWITCH_PRECONDITION_UNMET') return 'unmet';
    throw error;
  }
}

function ignore(): undefined {
  // Whoever waits for it is told.
}
