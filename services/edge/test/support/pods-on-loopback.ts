import { createSecretKey } from 'node:crypto';
import { decodeCallEvent } from '@tandem/events';
import { memoryLimits } from '@tandem/limits';
import type { CallEvent } from '@tandem/proto/events';
import { silentLogger } from '@tandem/service';
import type { Candidate } from '@tandem/proto/routing';
import { MemoryPods } from '../../src/adapters/memory-pod-registry.ts';
import { createEdgeApp, edgeDefaults, memoryCallStore, systemClock } from '../../src/app.ts';
import type { EdgeApp, EdgeConfig, SipConnections } from '../../src/app.ts';
import { ownerName } from '../../src/core/marks/owner.ts';
import { EdgeNetwork } from '../../src/network/edge-network.ts';
import type { SipListen } from '../../src/network/sip-sockets.ts';
import { allowed, nextIs, routedTo } from './call-samples.ts';

const secretKey = createSecretKey(Buffer.alloc(32, 7));
const podListen = { address: '127.0.0.1', port: 0 };

/** A front that can die: nobody is told, its sockets are gone. */
export interface FrontOnLoopback {
  readonly network: EdgeNetwork;
  /** What it owns, with the ports that were given. */
  readonly listening: readonly SipListen[];
  die(): Promise<void>;
  /** As a kill does it: the registry has it for as long as its lease lasts. */
  vanish(): Promise<void>;
}

/** Fronts and workers in one process, with sockets of their own on loopback and one store. */
export class PodsOnLoopback {
  readonly pods = new MemoryPods(systemClock);
  readonly lines = memoryLimits().lines;
  readonly store = memoryCallStore(systemClock, this.lines, this.pods);
  readonly events: CallEvent[] = [];
  /** Tried in this order. */
  candidates: readonly Candidate[] = [];
  readonly #closers: (() => Promise<void>)[] = [];

  /** Opens a front; the second one on the same ports shares them with the first. */
  async front(
    listen: readonly SipListen[],
    connections: SipConnections = {},
  ): Promise<FrontOnLoopback> {
    const registry = this.pods.registry();
    const network = await EdgeNetwork.open({
      role: 'front',
      sipListen: listen,
      ...connections,
      isSipPortShared: true,
      sipFronts: [],
      podListen,
      secrets: [secretKey.export()],
      pods: () => registry.pods(),
      clock: systemClock,
      logger: silentLogger(),
    });
    const { address } = network;
    const place = await registry.join({ name: `front-${address}`, role: 'front', address });
    this.#closers.push(() => network.close());
    return {
      network,
      listening: network.listening,
      die: () => {
        this.pods.lapse(ownerName(place));
        return network.close();
      },
      vanish: () => network.close(),
    };
  }

  /** Opens a pod with calls. */
  async pod(name: string, settings: Partial<EdgeConfig>): Promise<EdgeApp> {
    const app = await createEdgeApp(
      { ...edgeDefaults, name, sipListen: [], podListen, ...settings },
      {
        logger: silentLogger(),
        secretKey,
        pods: this.pods.registry(),
        store: this.store,
        auth: { authenticate: () => Promise.resolve(allowed()) },
        routing: {
          route: () => Promise.resolve(routedTo(this.candidates)),
          nextCandidate: (request) => Promise.resolve(nextIs(request.gateways[0] ?? '')),
          rest: () => Promise.resolve(),
        },
        publisher: {
          publish: (events) => {
            this.events.push(...events.map(({ bytes }) => decodeCallEvent(bytes)));
            return Promise.resolve();
          },
          close: () => Promise.resolve(),
        },
      },
    );
    await app.start();
    this.#closers.push(() => app.stop());
    return app;
  }

  /** Ended calls by the reason of their end. */
  get ends(): string[] {
    return this.events.flatMap(({ type, termination }) =>
      type === 'ended' && termination !== undefined ? [termination.reason] : [],
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#closers.map((close) => close()));
  }
}
