import type { JournalNote } from '@tandem/domain';
import { decodeCallEvent } from '@tandem/events';
import type { CallEventMessage } from '@tandem/events';
import { memoryLimits } from '@tandem/limits';
import type { MemoryLines } from '@tandem/limits';
import type { AuthenticateRequest } from '@tandem/proto/auth';
import type { AuthenticateReply, NextCandidateReply, RouteReply } from '@tandem/proto/edge-replies';
import type { CallEvent } from '@tandem/proto/events';
import type {
  Candidate,
  NextCandidateRequest,
  RestRequest,
  RouteRequest,
} from '@tandem/proto/routing';
import { silentLogger } from '@tandem/service';
import { parseMessage } from '@tandem/sip';
import type { TransportListener } from '@tandem/sip';
import { FakeClock, ScriptedPeer, SimulatedNetwork } from '@tandem/testing';
import type { IncomingCall, InviteOptions, OutgoingCall } from '@tandem/testing';
import type { SimulatedNetworkOptions } from '@tandem/testing';
import { MemoryPods } from '../../src/adapters/memory-pod-registry.ts';
import { memoryCallStore } from '../../src/adapters/memory-call-store.ts';
import type { LocalIdentity } from '../../src/core/network/local-identity.ts';
import { ownerName } from '../../src/core/marks/owner.ts';
import { CallOutbox } from '../../src/outbox/outbox.ts';
import type { EdgeParts } from '../../src/edge-resources.ts';
import { LocalAddresses } from '../../src/core/network/local-addresses.ts';
import type { LocalAddressGiven } from '../../src/core/network/local-addresses.ts';
import type { OverloadSettings } from '../../src/overload/overload.ts';
import { EdgeServer } from '../../src/edge-server.ts';
import type { BodyStep, EdgeStore, Pod } from '../../src/ports.ts';
import { brittleStore } from './brittle-store.ts';
import type { BrittleStore } from './brittle-store.ts';
import { allowed, candidateOf, nextIs, routedTo } from './call-samples.ts';
import { listenerOf } from './listener-of.ts';
import { sealer } from './messages.ts';
import type { SimulatedRelays } from './simulated-relays.ts';

/** Where the edge of a bench is. */
export const EDGE = { address: '10.0.0.1', port: 5060 };
/** Where alice is. */
export const CALLER = { address: '10.0.0.2', port: 5062 };
const CARRIERS = ['10.0.1.1', '10.0.1.2', '10.0.1.3', '10.0.1.4'];

export interface EdgeBenchOptions extends Omit<SimulatedNetworkOptions, 'clock'> {
  /** Settings of carrier-a, carrier-b, … in the order in which they are tried. @default two without any */
  readonly carriers?: readonly Partial<Candidate>[];
  /** @default none: no media is anchored */
  readonly relays?: ((clock: FakeClock) => SimulatedRelays) | undefined;
  /** MESSAGE out of a dialog is passed on. @default it is refused */
  readonly relaysMessages?: boolean;
  /** What the edge is told of its own load. @default it does not look */
  readonly overload?: OverloadSettings;
  /** What peers are told of the switch, though all is sent from EDGE. @default EDGE, whoever it is */
  readonly told?: readonly LocalAddressGiven[] | undefined;
  /** What the switch calls itself. @default nothing */
  readonly product?: string | undefined;
}

/**
 * An edge with its driver, between a caller and carriers on a simulated network, in simulated time; auth and routing
 * answer what a test sets, the store is the one of the embedded switch.
 */
export class EdgeBench {
  readonly clock = new FakeClock();
  readonly network: SimulatedNetwork;
  readonly server: EdgeServer;
  readonly outbox: CallOutbox;
  readonly lines: MemoryLines;
  readonly alice: ScriptedPeer;
  readonly carriers: readonly ScriptedPeer[];
  readonly candidates: readonly Candidate[];
  /** What was written into the journal, in order. */
  readonly notes: JournalNote[] = [];
  /** Everything that was published, in order. */
  readonly events: CallEvent[] = [];
  readonly asked: {
    readonly auth: AuthenticateRequest[];
    readonly route: RouteRequest[];
    readonly next: NextCandidateRequest[];
    readonly rest: RestRequest[];
  } = { auth: [], route: [], next: [], rest: [] };

  authenticate: (request: AuthenticateRequest) => Promise<AuthenticateReply> = () =>
    Promise.resolve(allowed());
  route: (request: RouteRequest) => Promise<RouteReply> = () =>
    Promise.resolve(routedTo(this.candidates));
  next: (request: NextCandidateRequest) => Promise<NextCandidateReply> = (request) =>
    Promise.resolve(nextIs(request.gateways[0] ?? ''));
  passBody: BodyStep['pass'] = ({ bytes }) => bytes;
  /** Whether the log takes events. */
  isLogUp = true;
  /** The store under the faults of this bench. */
  readonly store: EdgeStore;
  /** Which pod takes the next message. @default the first one, always */
  pick: () => EdgeServer = () => this.server;
  readonly #brittle: BrittleStore;
  readonly #parts: EdgeParts;
  readonly #servers = new Map<number, EdgeServer>();
  readonly #pods: Pod[] = [];
  #random = 0;

  constructor(options: EdgeBenchOptions = {}) {
    const {
      carriers = [{}, {}],
      relays,
      relaysMessages,
      overload,
      told,
      product,
      ...network
    } = options;
    const { clock } = this;
    const media = relays?.(clock).media;
    if (media !== undefined) this.passBody = (passing) => media.pass(passing);
    this.network = new SimulatedNetwork({ clock, ...network });
    this.lines = memoryLimits({ now: () => clock.now() }).lines;
    this.store = memoryCallStore(clock, this.lines);
    this.#brittle = brittleStore(this.store);
    const { store } = this.#brittle;
    const publisher = {
      publish: (events: readonly CallEventMessage[]) => {
        if (!this.isLogUp) return Promise.reject(new Error('the log is away'));
        this.events.push(...events.map(({ bytes }) => decodeCallEvent(bytes)));
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
    const logger = silentLogger();
    this.outbox = new CallOutbox({ store, publisher, clock, logger });
    const transport = this.network.open({ ...EDGE, listener: this.#spread() });
    const pods = { ...new MemoryPods(clock, 77).registry(), pods: () => this.#pods };
    this.#parts = {
      local: {
        ...localAt(EDGE),
        product,
        addresses: told === undefined ? undefined : new LocalAddresses(told, product),
      },
      sealer,
      auth: {
        authenticate: (request) => {
          this.asked.auth.push(request);
          return this.authenticate(request);
        },
      },
      routing: {
        route: (request) => {
          this.asked.route.push(request);
          return this.route(request);
        },
        nextCandidate: (request) => {
          this.asked.next.push(request);
          return this.next(request);
        },
        rest: (request) => {
          this.asked.rest.push(request);
          return Promise.resolve();
        },
      },
      bodyStep: { pass: (passing) => this.passBody(passing) },
      media,
      store,
      sessions: store,
      pods,
      link: {
        hand: (message, from, pod) => {
          const read = Buffer.isBuffer(message) ? parseMessage(message) : message;
          this.#servers.get(pod.slot)?.onHanded(read, from);
        },
        offer: () => undefined,
        hangUp: () => undefined,
      },
      outbox: this.outbox,
      journal: { note: (note) => void this.notes.push(note), level: () => undefined },
      clock,
      transport: {
        send: (bytes, to) => {
          transport.send(bytes, to.address, to.port);
        },
      },
      logger,
      overload,
      relaysMessages,
      random: (bytes) => {
        const value = Buffer.alloc(bytes);
        value.writeUInt32BE((this.#random += 1), 0);
        return value.toString('base64url');
      },
    };
    this.server = this.#open(this.#parts);
    this.alice = this.peer('1001', CALLER);
    const addresses = carriers.map((_, at) => ({ address: CARRIERS[at] ?? '', port: 5070 }));
    this.carriers = addresses.map((address, at) => this.peer(`carrier${String(at)}`, address));
    this.candidates = carriers.map((settings, at) =>
      candidateOf(`carrier-${'abcd'[at] ?? ''}`, {
        addresses: [`${CARRIERS[at] ?? ''}:5070`],
        ...settings,
      }),
    );
  }

  get carrier(): ScriptedPeer {
    return this.carrierAt(0);
  }

  carrierAt(at: number): ScriptedPeer {
    const carrier = this.carriers[at];
    if (carrier === undefined) throw new Error(`there is no carrier ${String(at)}`);
    return carrier;
  }

  /** One more pod at the same address, with the same store; `pick` says what it takes. */
  addPod(settings: Partial<EdgeParts> = {}): EdgeServer {
    const at = this.#pods.length;
    const local = {
      ...this.#parts.local,
      name: `edge-${String(at + 1)}`,
      slot: 3 + at,
      epoch: 77 + at,
    };
    return this.#open({ ...this.#parts, local, ...settings });
  }

  /** Has a pod do what is due for calls now, as its sweeper does. */
  async sweep(server = this.server): Promise<void> {
    const owner = ownerName(server.place);
    for (const call of await this.store.takeDue(owner, 100, 45_000)) {
      if (call.why !== 'interim') void server.due(call);
    }
    void server.due({ why: 'watch', callIds: await this.store.unacknowledged() });
  }

  /** One more endpoint on the network. */
  peer(user: string, at: { readonly address: string; readonly port: number }): ScriptedPeer {
    return ScriptedPeer.onNetwork(this.network, this.clock, { user, ...at, timeoutMs: 200_000 });
  }

  /** Alice calls the number that both carriers serve. */
  call(options: Partial<InviteOptions> = {}): OutgoingCall {
    return this.alice.invite({ to: EDGE, called: '442079460000', ...options });
  }

  until<T>(promise: Promise<T>): Promise<T> {
    return this.clock.until(promise);
  }

  /** The next call that reaches a carrier. */
  incoming(at = 0): Promise<IncomingCall> {
    return this.until(this.carrierAt(at).receiveCall());
  }

  /** A call that was answered and acknowledged. */
  async answeredCall(
    options: Partial<InviteOptions> = {},
  ): Promise<{ readonly a: OutgoingCall; readonly b: IncomingCall }> {
    const a = this.call(options);
    const b = await this.incoming();
    b.ring();
    await this.until(a.provisional(180));
    b.answer();
    await this.until(a.answered());
    await this.until(b.ack());
    return { a, b };
  }

  /** Lets everything that was begun come to its end: retransmissions, timers of transactions. */
  async settle(ms = 70_000): Promise<void> {
    await this.clock.advanceSettled(ms);
  }

  /** From now on these steps of the store fail; none: all work again. */
  breakStore(...methods: (keyof EdgeStore)[]): void {
    this.#brittle.break(...methods);
  }

  /** The store has lost all that it had. */
  emptyStore(): void {
    this.#brittle.replace(memoryCallStore(this.clock, this.lines));
  }

  /** The steps of the store that were taken, in order. */
  storeSteps(): (keyof EdgeStore)[] {
    return [...this.#brittle.steps];
  }

  /** Events that were published, as `type reason code`. */
  get told(): string[] {
    return this.events.map(({ type, termination }) =>
      termination === undefined
        ? type
        : `${type} ${termination.reason} ${String(termination.code)} ${termination.by}`,
    );
  }

  /** Keys of lines that are held. */
  async heldLines(): Promise<number> {
    const uses = await this.lines.list();
    return uses.reduce((sum, use) => sum + use.holders.length, 0);
  }

  #open(parts: EdgeParts): EdgeServer {
    const { name, slot, epoch } = parts.local;
    const role = 'both' as const;
    this.#pods.push({ name, slot, epoch, role, address: `pod-${name}`, isDraining: false });
    const server = new EdgeServer(parts);
    this.#servers.set(slot, server);
    return server;
  }

  #spread(): TransportListener {
    return {
      // Which of several pods takes a message is said once.
      takes: (bytes, arrival) =>
        this.#pods.length === 1 && listenerOf(this.server).takes?.(bytes, arrival) === true,
      onMessage: (message, arrival) => {
        listenerOf(this.pick()).onMessage(message, arrival);
      },
      onMalformed: (error, arrival) => {
        listenerOf(this.pick()).onMalformed?.(error, arrival);
      },
    };
  }

  async close(): Promise<void> {
    for (const peer of [this.alice, ...this.carriers]) await peer.close();
  }
}

export function localAt({ address, port }: { address: string; port: number }): LocalIdentity {
  return {
    name: 'edge-1',
    slot: 3,
    epoch: 77,
    host: address,
    hostPort: `${address}:${String(port)}`,
  };
}
