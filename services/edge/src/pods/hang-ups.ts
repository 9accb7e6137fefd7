import { ownerPlace } from '../core/marks/owner.ts';
import { livingPod } from '../core/pods/locate.ts';
import type { PodsView } from '../core/pods/locate.ts';
import type { CallEnding } from '../dialog/dialogs.ts';
import type { EdgeResources } from '../edge-resources.ts';
import type { Calls } from '../setup/calls.ts';
import type { ForeignCalls } from './foreign-calls.ts';

type Resources = Pick<EdgeResources, 'barrier' | 'clock' | 'link' | 'store'>;

/** What became of a call that an operator has ended: `unended` says that the pod that sets it up has not done so in time. */
export type HangUpResult = 'ended' | 'no-such-call' | 'unended';

interface HangUpHost {
  readonly view: PodsView;
  readonly calls: Pick<Calls, 'pending'>;
  readonly ending: Pick<CallEnding, 'byOperator'>;
  readonly foreign: Pick<ForeignCalls, 'offered'>;
}

/** As long as an operator waits; the pod that has the call may die meanwhile. */
const ATTEMPTS = 12;
const EVERY_MS = 250;

/**
 * Ends calls for operators (OPS-02), whichever pod is asked: an answered one by itself, as any pod ends it; one that is being
 * set up is ended by the pod that has it in memory, which is told until the call is gone. Where that one is dead the call is adopted first.
 */
export class HangUps {
  readonly #edge: Resources;
  readonly #host: HangUpHost;

  constructor(edge: Resources, host: HangUpHost) {
    this.#edge = edge;
    this.#host = host;
  }

  /** @param operator who wants it, and why: for the CDR. Rejects where the store is away. */
  async hangUp(callId: string, operator: string): Promise<HangUpResult> {
    const { store } = this.#edge;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await this.#pause();
      const [stored, tokens] = await Promise.all([store.get(callId), store.tokens(callId)]);
      if (stored === undefined) return attempt === 0 ? 'no-such-call' : 'ended';
      if (stored.event !== undefined && tokens !== undefined) {
        await this.#host.ending.byOperator({ callId, tokens }, operator);
        return 'ended';
      }
      this.#tell(callId, operator, stored.owner);
    }
    return 'unended';
  }

  /** Another pod asks for it; nothing where the call is not here, or has been answered. */
  told(callId: string, operator: string): void {
    const take = (): void => {
      this.#host.calls.pending(callId)?.take({ kind: 'cancel', operator });
    };
    this.#edge.barrier.run(take, { callId });
  }

  #tell(callId: string, operator: string, owner: string): void {
    this.told(callId, operator);
    const pod = livingPod(ownerPlace(owner), this.#host.view);
    if (pod === undefined) this.#host.foreign.offered(callId);
    else this.#edge.link.hangUp(callId, operator, pod);
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#edge.clock.start(EVERY_MS, resolve);
    });
  }
}
