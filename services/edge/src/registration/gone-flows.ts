import type { Flow } from '../core/network/flow.ts';
import { formatFlow } from '../core/network/flow-address.ts';
import type { EdgeResources } from '../edge-resources.ts';
import type { RegistrarClient } from './registrar-client.ts';

export type GoneFlowResources = Pick<EdgeResources, 'clock' | 'logger' | 'pods'> & {
  readonly registrar: RegistrarClient;
};

/** What closes together is told together. */
const TOLD_MS = 100;
const LOOK_MS = 1000;
/** A pod that was only paused is back by then, with its connections; calls do not go there meanwhile. */
const GATE_GONE_MS = 10_000;
/** Told in one request. */
const MOST_FLOWS = 500;

/**
 * Tells the registrar which connections of phones are gone (RFC 5626 §5.3): those that closed here, and all of a pod that does not
 * live any more.
 */
export class GoneFlows {
  readonly #edge: GoneFlowResources;
  readonly #closed = new Set<string>();
  /** Gates that were seen, and since when they are not: undefined while they are. */
  readonly #gates = new Map<string, number | undefined>();
  #telling: object | undefined;
  #looking: object | undefined;
  #isClosed = false;

  constructor(edge: GoneFlowResources) {
    this.#edge = edge;
  }

  start(): void {
    this.#looking = this.#edge.clock.start(LOOK_MS, () => {
      this.#look();
      this.start();
    });
  }

  /** What has closed is told still; what closes from now on the others see as this pod's end. */
  close(): void {
    const { clock } = this.#edge;
    this.#isClosed = true;
    if (this.#looking !== undefined) clock.stop(this.#looking);
    if (this.#telling !== undefined) clock.stop(this.#telling);
    this.#tell();
  }

  closed(flow: Flow): void {
    if (this.#isClosed) return;
    this.#closed.add(formatFlow(flow));
    this.#telling ??= this.#edge.clock.start(TOLD_MS, () => {
      this.#tell();
    });
  }

  #tell(): void {
    this.#telling = undefined;
    const flows = [...this.#closed];
    this.#closed.clear();
    for (let at = 0; at < flows.length; at += MOST_FLOWS) {
      this.#end(flows.slice(at, at + MOST_FLOWS), '');
    }
  }

  #look(): void {
    const { clock, pods } = this.#edge;
    const now = clock.now();
    const living = new Set(pods.pods().map(({ address }) => address));
    for (const gate of living) if (gate !== '') this.#gates.set(gate, undefined);
    for (const [gate, goneMs] of this.#gates) {
      if (living.has(gate)) continue;
      if (goneMs === undefined) {
        this.#gates.set(gate, now);
      } else if (now - goneMs >= GATE_GONE_MS) {
        this.#gates.delete(gate);
        this.#end([], gate);
      }
    }
  }

  /** What is not told now is found out by whoever calls the phone, and ends with its time. */
  #end(flows: readonly string[], gate: string): void {
    const { logger, registrar } = this.#edge;
    registrar.endFlows({ flows: [...flows], gate }).catch((error: unknown) => {
      logger.warn({ err: error, flows: flows.length, gate }, 'closed connections not told');
    });
  }
}
