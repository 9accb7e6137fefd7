import { AsyncLocalStorage } from 'node:async_hooks';
import { decodeCallEvent } from '@tandem/events';
import { memoryLimits } from '@tandem/limits';
import type { AuthenticateRequest } from '@tandem/proto/auth';
import type { AuthenticateReply, NextCandidateReply, RouteReply } from '@tandem/proto/edge-replies';
import type { CallEvent } from '@tandem/proto/events';
import type { Candidate, NextCandidateRequest, RouteRequest } from '@tandem/proto/routing';
import { serialize } from '@tandem/sip';
import type { Endpoint } from '@tandem/sip';
import { FakeClock, ScriptedPeer, SimulatedNetwork, seededRandom } from '@tandem/testing';
import type { IncomingCall, InviteOptions, OutgoingCall } from '@tandem/testing';
import { memoryCallStore } from '../../src/adapters/memory-call-store.ts';
import { MemoryPods } from '../../src/adapters/memory-pod-registry.ts';
import { onPassed } from '../../src/faults.ts';
import type { FaultStep } from '../../src/faults.ts';
import type { LocalAddressGiven } from '../../src/core/network/local-addresses.ts';
import { formatPeerAddress } from '../../src/core/network/peer-address.ts';
import type { MessageListener } from '../../src/network/message-listener.ts';
import type { BodyStep, CallSigner, EdgeStore, MediaRelays } from '../../src/ports.ts';
import { allowed, candidateOf, nextIs, routedTo } from './call-samples.ts';
import { EdgeSockets } from './edge-sockets.ts';
import { SimulatedPod } from './simulated-pod.ts';
import type { SimulatedRelays } from './simulated-relays.ts';

/** The one address of all pods. */
export const EDGE = { address: '10.0.0.1', port: 5060 };
const CALLER = { address: '10.0.0.2', port: 5062 };
const CARRIERS = ['10.0.1.1', '10.0.1.2', '10.0.1.3'];

export interface PodsBenchOptions {
  /** @default 3 */
  readonly pods?: number;
  readonly seed?: number;
  readonly loss?: number;
  /** @default bodies pass as they come */
  readonly bodyStep?: ((clock: FakeClock) => BodyStep) | undefined;
  /** @default none: no media is anchored */
  readonly relays?: ((clock: FakeClock) => SimulatedRelays) | undefined;
  /** @default no call is signed */
  readonly signer?: ((clock: FakeClock) => CallSigner) | undefined;
  /** Settings of carrier-a, carrier-b, … @default one without any */
  readonly carriers?: readonly Partial<Candidate>[];
  /** What routing answers with. @default the carriers, one after the other */
  readonly candidates?: readonly Candidate[];
  /** Where the switch listens, and what it advertises. @default EDGE */
  readonly places?: readonly LocalAddressGiven[];
  /** Where alice is. @default CALLER */
  readonly caller?: Endpoint;
  /** Where the carriers are, port 5070. @default CARRIERS */
  readonly carriersAt?: readonly string[];
}

/**
 * Several pods on one store, behind one address whose every packet goes to any of those that live, in simulated time. A
 * pod can be killed or paused at any named step (src/faults.ts). One bench at a time: the steps are told to one listener.
 */
export class PodsBench {
  readonly clock = new FakeClock();
  readonly network: SimulatedNetwork;
  readonly members = new MemoryPods(this.clock, 77);
  readonly lines = memoryLimits({ now: () => this.clock.now() }).lines;
  readonly store: EdgeStore = memoryCallStore(this.clock, this.lines, this.members);
  readonly pods: SimulatedPod[] = [];
  readonly alice: ScriptedPeer;
  readonly carriers: readonly ScriptedPeer[];
  readonly candidates: readonly Candidate[];
  readonly events: CallEvent[] = [];
  /** Steps that were passed, with the name of the pod. */
  readonly steps: string[] = [];
  authenticate: (request: AuthenticateRequest) => Promise<AuthenticateReply> = () =>
    Promise.resolve(allowed());
  route: (request: RouteRequest) => Promise<RouteReply> = (request) => this.#route(request);
  next: (request: NextCandidateRequest) => Promise<NextCandidateReply> = (request) =>
    Promise.resolve(nextIs(request.gateways[0] ?? ''));
  /** Picks the pod for a packet; undefined: any. */
  prefer: (() => SimulatedPod | undefined) | undefined;
  readonly #running = new AsyncLocalStorage<SimulatedPod>();
  readonly #random: () => number;
  readonly #bodyStep: BodyStep | undefined;
  readonly #media: MediaRelays | undefined;
  readonly #signer: CallSigner | undefined;
  readonly #armed: { step: FaultStep; left: number; act: (pod: SimulatedPod) => void }[] = [];
  readonly #sockets: EdgeSockets;
  #boots = 0;

  constructor(options: PodsBenchOptions = {}) {
    const { seed = 1, loss = 0, carriers = [{}] } = options;
    const { places = [EDGE], caller = CALLER, carriersAt = CARRIERS } = options;
    const { clock } = this;
    const media = options.relays?.(clock).media;
    this.#media = media;
    this.#bodyStep = media ?? options.bodyStep?.(clock);
    this.#signer = options.signer?.(clock);
    this.#random = seededRandom(seed + 1);
    this.network = new SimulatedNetwork({ clock, seed, loss });
    this.#sockets = new EdgeSockets(this.network, places, this.#distributor());
    this.alice = this.peer('1001', caller);
    const addresses = carriers.map((_, at) => ({ address: carriersAt[at] ?? '', port: 5070 }));
    this.carriers = addresses.map((address, at) => this.peer(`carrier${String(at)}`, address));
    this.candidates =
      options.candidates ??
      carriers.map((settings, at) =>
        candidateOf(`carrier-${'abc'[at] ?? ''}`, {
          addresses: [formatPeerAddress({ address: carriersAt[at] ?? '', port: 5070 })],
          ...settings,
        }),
      );
    onPassed((step) => {
      this.#passed(step);
    });
  }

  /** A bench whose pods have started. */
  static async start(options: PodsBenchOptions = {}): Promise<PodsBench> {
    const bench = new PodsBench(options);
    for (let left = options.pods ?? 3; left > 0; left--) await bench.boot();
    return bench;
  }

  /** Starts one more pod. */
  async boot(name = `edge-${String((this.#boots += 1))}`): Promise<SimulatedPod> {
    const pod = new SimulatedPod(this.#world(), name, this.members.registry());
    await pod.start();
    this.pods.push(pod);
    return pod;
  }

  get carrier(): ScriptedPeer {
    return this.carrierAt(0);
  }

  carrierAt(at: number): ScriptedPeer {
    const carrier = this.carriers[at];
    if (carrier === undefined) throw new Error(`there is no carrier ${String(at)}`);
    return carrier;
  }

  peer(user: string, at: { readonly address: string; readonly port: number }): ScriptedPeer {
    return ScriptedPeer.onNetwork(this.network, this.clock, { user, ...at, timeoutMs: 200_000 });
  }

  call(options: Partial<InviteOptions> = {}): OutgoingCall {
    return this.alice.invite({ to: EDGE, called: '442079460000', ...options });
  }

  until<T>(promise: Promise<T>): Promise<T> {
    return this.clock.until(promise);
  }

  incoming(at = 0): Promise<IncomingCall> {
    return this.until(this.carrierAt(at).receiveCall());
  }

  /** A call that rings. */
  async ringing(): Promise<{ readonly a: OutgoingCall; readonly b: IncomingCall }> {
    const a = this.call();
    const b = await this.incoming();
    b.ring();
    await this.until(a.provisional(180));
    return { a, b };
  }

  /** Lets time pass. */
  settle(ms = 80_000): Promise<void> {
    return this.clock.advanceSettled(ms);
  }

  /** Calls `act` with the pod that passes the step next, or after `skip` others. */
  at(step: FaultStep, act: (pod: SimulatedPod) => void, skip = 0): void {
    this.#armed.push({ step, left: skip, act });
  }

  /** Kills the pod that passes the step next. */
  killAt(step: FaultStep, skip = 0): void {
    this.at(
      step,
      (pod) => {
        this.kill(pod);
      },
      skip,
    );
  }

  kill(pod: SimulatedPod): void {
    if (pod.isDead) return;
    this.members.lapse(pod.owner);
    pod.kill();
  }

  /** The pod does nothing until `resume`: others take it for dead after 1.5 s. */
  pause(pod: SimulatedPod): void {
    this.members.lapse(pod.owner);
    pod.pause();
  }

  /** What waited for the pod may kill it, or have it pause again: then it renews no lease. */
  resume(pod: SimulatedPod): void {
    pod.resume();
    if (pod.isUp) this.members.revive(pod.owner);
  }

  /** The pod whose code runs now. */
  get running(): SimulatedPod | undefined {
    return this.#running.getStore();
  }

  /** The pod that has the call of this bench. */
  async ownerOf(callId: string): Promise<SimulatedPod | undefined> {
    const owner = (await this.store.get(callId))?.owner;
    return this.pods.find((pod) => !pod.isDead && pod.owner === owner);
  }

  /** Events that were published, once each, as `type reason code by`. */
  get told(): string[] {
    const known = new Map(this.events.map((event) => [event.eventId, event]));
    return [...known.values()].map(({ type, termination }) =>
      termination === undefined
        ? type
        : `${type} ${termination.reason} ${String(termination.code)} ${termination.by}`,
    );
  }

  /** How many INVITEs with different branches a carrier has seen. */
  invitesAt(at = 0): number {
    const branches = this.carrierAt(at).transcript.lines.flatMap(({ direction, message }) =>
      direction === 'received' && message.kind === 'request' && message.method === 'INVITE'
        ? [/branch=([^;]+)/.exec(message.headers.get('Via') ?? '')?.[1]]
        : [],
    );
    return new Set(branches).size;
  }

  /** INVITEs of carrier `at`, as bytes: repetitions must be the same. */
  async heldLines(): Promise<number> {
    const uses = await this.lines.list();
    return uses.reduce((sum, use) => sum + use.holders.length, 0);
  }

  /** Calls that some pod still works on. */
  get pendingCalls(): number {
    const living = this.pods.filter((pod) => !pod.isDead);
    return living.reduce((sum, pod) => sum + pod.server.pendingCalls, 0);
  }

  async close(): Promise<void> {
    onPassed(undefined);
    for (const pod of this.pods) pod.kill();
    for (const peer of [this.alice, ...this.carriers]) await peer.close();
  }

  #passed(step: FaultStep): void {
    const pod = this.#running.getStore();
    if (pod === undefined || pod.isDead) return;
    this.steps.push(`${pod.name} ${step}`);
    const at = this.#armed.findIndex((armed) => armed.step === step);
    const armed = this.#armed[at];
    if (armed === undefined) return;
    armed.left -= 1;
    if (armed.left >= 0) return;
    this.#armed.splice(at, 1);
    armed.act(pod);
  }

  #distributor(): MessageListener {
    const pick = (): SimulatedPod | undefined => {
      const preferred = this.prefer?.();
      if (preferred !== undefined) return preferred;
      const living = this.pods.filter((pod) => !pod.isDead);
      return living[Math.floor(this.#random() * living.length)];
    };
    const give = (work: (pod: SimulatedPod) => void): void => {
      const pod = pick();
      pod?.run(() => {
        work(pod);
      });
    };
    return {
      onMessage: (message, from) => {
        give((pod) => {
          if (pod.server.passOn(serialize(message), from)) return;
          pod.server.onMessage(message, from);
        });
      },
      onMalformed: (error, from) => {
        give((pod) => {
          pod.server.onMalformed(error, from);
        });
      },
      passOn: () => false,
      onHanded: () => undefined,
      onOffer: () => undefined,
      onHangUp: () => undefined,
      onUndelivered: () => undefined,
      onFlowClosed: () => undefined,
      onError: (error) => {
        throw error;
      },
    };
  }

  #world(): ConstructorParameters<typeof SimulatedPod>[0] {
    return {
      clock: this.clock,
      store: this.store,
      auth: { authenticate: (request) => this.authenticate(request) },
      routing: {
        route: (request) => this.route(request),
        nextCandidate: (request) => this.next(request),
        rest: () => Promise.resolve(),
      },
      bodyStep: this.#bodyStep,
      media: this.#media,
      signer: this.#signer,
      running: this.#running,
      publish: (events) => {
        this.events.push(...events.map(({ bytes }) => decodeCallEvent(bytes)));
        return Promise.resolve();
      },
      addresses: this.#sockets.addresses,
      send: (bytes, to) => {
        this.#sockets.send(bytes, to);
      },
      pod: (address) => this.pods.findLast((pod) => pod.address === address),
      random: this.#random,
    };
  }

  async #route(request: RouteRequest): Promise<RouteReply> {
    const lines = ['account:demo'];
    await this.lines.acquire({
      callId: request.callId,
      fixed: lines.map((key) => ({ key, limit: 1000 })),
      choices: [],
      leaseMs: 60_000,
    });
    return routedTo(this.candidates, { lines });
  }
}
