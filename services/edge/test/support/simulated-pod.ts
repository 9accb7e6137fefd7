import type { AsyncLocalStorage } from 'node:async_hooks';
import type { CallEventMessage, EventPublisher } from '@tandem/events';
import { silentLogger } from '@tandem/service';
import { parseMessage, serialize } from '@tandem/sip';
import type { FakeClock } from '@tandem/testing';
import { ownerName } from '../../src/core/marks/owner.ts';
import type { LocalAddresses } from '../../src/core/network/local-addresses.ts';
import type { PeerAddress } from '../../src/core/network/peer-address.ts';
import { CallOutbox, Sweeper } from '../../src/outbox/outbox.ts';
import { EdgeServer } from '../../src/edge-server.ts';
import type {
  AuthClient,
  BodyStep,
  CallSigner,
  Clock,
  EdgeStore,
  MediaRelays,
  PeerTransport,
  Pod,
  PodLink,
  PodRegistry,
  RoutingClient,
} from '../../src/ports.ts';
import { sealer } from './messages.ts';

/** One way to Redis or to another service, ms. */
const WAY_MS = 1;

/** What the pods of a bench share. */
export interface PodWorld {
  readonly clock: FakeClock;
  readonly store: EdgeStore;
  readonly auth: AuthClient;
  readonly routing: RoutingClient;
  /** @default bodies pass as they come */
  readonly bodyStep: BodyStep | undefined;
  /** @default no media is anchored */
  readonly media: MediaRelays | undefined;
  /** @default no call is signed */
  readonly signer: CallSigner | undefined;
  /** Which pod's code runs now. */
  readonly running: AsyncLocalStorage<SimulatedPod>;
  readonly publish: (events: readonly CallEventMessage[]) => Promise<void>;
  /** What peers are told of the switch. */
  readonly addresses: LocalAddresses;
  /** Puts bytes on the wire, from the address of all pods. */
  send(bytes: Buffer, to: PeerAddress): void;
  pod(address: string): SimulatedPod | undefined;
  random(): number;
}

/**
 * An edge with its sweeper in a simulation of several. Whatever reaches it from outside comes by `run`: a killed pod hears
 * and says nothing any more, a paused one does everything late.
 */
export class SimulatedPod {
  readonly name: string;
  readonly address: string;
  readonly registry: PodRegistry;
  readonly #world: PodWorld;
  readonly #late: (() => void)[] = [];
  #state: 'up' | 'paused' | 'dead' = 'up';
  #server: EdgeServer | undefined;
  #sweeper: Sweeper | undefined;
  #count = 0;

  constructor(world: PodWorld, name: string, registry: PodRegistry) {
    this.#world = world;
    this.name = name;
    this.address = `link-${name}`;
    this.registry = registry;
  }

  /** Only once it has started. */
  get server(): EdgeServer {
    if (this.#server === undefined) throw new Error(`${this.name} has not started`);
    return this.#server;
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  /** `slot.epoch`. */
  get owner(): string {
    return ownerName(this.#server?.place ?? { slot: -1, epoch: -1 });
  }

  /** Joins the others and takes calls. */
  async start(): Promise<void> {
    const { addresses, auth, bodyStep, routing, publish, signer } = this.#world;
    const { host, hostPort } = addresses.all[0] ?? { host: '', hostPort: '' };
    const { name, address } = this;
    const logger = silentLogger();
    const clock = this.#clock();
    const store = this.#reached(this.#world.store);
    const publisher: EventPublisher = {
      publish: (events) => (this.isDead ? never() : publish(events)),
      close: () => Promise.resolve(),
    };
    const { slot, epoch } = await this.registry.join({ name, role: 'both', address });
    const outbox = new CallOutbox({ store, publisher, clock, logger });
    this.#server = new EdgeServer({
      local: { name, slot, epoch, host, hostPort, addresses },
      sealer,
      auth: this.#reached(auth),
      routing: this.#reached(routing),
      bodyStep: bodyStep === undefined ? undefined : this.#reached(bodyStep),
      media: this.#relays(),
      signer: signer === undefined ? undefined : this.#reached(signer),
      store,
      sessions: store,
      pods: this.registry,
      link: this.#link(),
      outbox,
      clock,
      transport: this.#transport(),
      logger,
      relaysMessages: true,
      random: (bytes) => this.#random(bytes),
    });
    this.#sweeper = new Sweeper({
      store,
      outbox,
      clock,
      logger,
      owner: () => this.owner,
      adopt: (orphan) => {
        this.server.adopted(orphan);
      },
      due: (call) => this.server.due(call),
      random: () => this.#world.random(),
    });
    this.run(() => {
      outbox.start();
      this.#sweeper?.start();
    });
  }

  /** Runs what reaches the pod from outside: at once, when it goes on, or never. */
  run(work: () => void): void {
    if (this.#state === 'up') this.#world.running.run(this, work);
    else if (this.#state === 'paused') this.#late.push(work);
  }

  kill(): void {
    this.#state = 'dead';
    this.#late.length = 0;
  }

  pause(): void {
    if (this.#state === 'up') this.#state = 'paused';
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'up';
    for (const work of this.#late.splice(0)) this.run(work);
  }

  /** As on SIGTERM. @returns when the process would end */
  async drain(): Promise<void> {
    await this.#world.running.run(this, async () => {
      await this.#sweeper?.stop();
      await this.server.drain();
    });
  }

  #clock(): Clock {
    const { clock } = this.#world;
    return {
      now: () => clock.now(),
      start: (ms, fire) =>
        // A wall clock has whole milliseconds.
        clock.start(Math.ceil(ms), () => {
          this.run(fire);
        }),
      stop: (timer) => {
        clock.stop(timer);
      },
    };
  }

  #transport(): PeerTransport {
    return {
      send: (bytes, to) => {
        if (!this.isDead) this.#world.send(bytes, to);
      },
    };
  }

  #link(): PodLink {
    const reach = (pod: Pod, work: (server: EdgeServer) => void): void => {
      if (this.isDead) return;
      this.#world.clock.start(WAY_MS, () => {
        const target = this.#world.pod(pod.address);
        target?.run(() => {
          work(target.server);
        });
      });
    };
    return {
      hand: (message, from, pod) => {
        const bytes = Buffer.from(Buffer.isBuffer(message) ? message : serialize(message));
        reach(pod, (server) => {
          server.onHanded(parseMessage(bytes), from);
        });
      },
      offer: (callId, pod) => {
        reach(pod, (server) => {
          server.onOffer(callId);
        });
      },
      hangUp: (callId, operator, pod) => {
        reach(pod, (server) => {
          server.onHangUp(callId, operator);
        });
      },
    };
  }

  /** What is asked at once, or only told, is of this pod while it lives. */
  #relays(): MediaRelays | undefined {
    const { media } = this.#world;
    if (media === undefined) return undefined;
    const reached = this.#reached(media);
    return {
      pick: (callId) => media.pick(callId),
      release: (call) => {
        if (!this.isDead) media.release(call);
      },
      figures: (call) => reached.figures(call),
      end: (call) => reached.end(call),
      playDigit: (call, digit) => reached.playDigit(call, digit),
    };
  }

  /** A service or store as the pod reaches it: a question that a dead pod asks is never answered. */
  #reached<T extends object>(service: T): T {
    return new Proxy(service, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...parameters: unknown[]) => {
          if (this.isDead) return never();
          const done = Reflect.apply(method, target, parameters) as Promise<unknown>;
          return new Promise((resolve, reject) => {
            const settle = (work: () => void): void => {
              this.#world.clock.start(WAY_MS, () => {
                this.run(work);
              });
            };
            done.then(
              (value) => {
                settle(() => {
                  resolve(value);
                });
              },
              (error: unknown) => {
                settle(() => {
                  reject(error instanceof Error ? error : new Error('failed'));
                });
              },
            );
          });
        };
      },
    });
  }

  #random(bytes: number): string {
    const value = Buffer.alloc(bytes);
    value.writeUInt32BE((this.#count += 1), 0);
    value.write(this.owner.replace('.', ''), 4, 'latin1');
    return value.toString('base64url');
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
