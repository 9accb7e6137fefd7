import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';
import { PodLinkSocket, formatEndpoint } from '@tandem/pod-link';
import type { LinkDatagram, LinkEndpoint } from '@tandem/pod-link';
import type { App, Logger } from '@tandem/service';
import { transports } from '@tandem/sip';
import { seededRandom } from '@tandem/testing';
import type { DistributedPod, DistributorSettings } from './distributor-settings.ts';
import { choosePod } from './pod-choice.ts';
import { Readiness } from './readiness.ts';
import { TcpGate } from './tcp-gate.ts';

/** What a distributor has seen; `lost` on purpose, `homeless` for want of a pod that is ready. */
export interface DistributorCounters {
  received: number;
  sent: number;
  lost: number;
  homeless: number;
}

const BUFFER_BYTES = 8 * 1024 * 1024;

/**
 * Owns the public address and gives every packet to a pod without looking into it, as the most careless load balancer would:
 * what the edges must bear (edge.md §9). Sources are kept by the datagrams between pods (edge.md §3).
 */
export class Distributor implements App {
  readonly counters: DistributorCounters = { received: 0, sent: 0, lost: 0, homeless: 0 };
  readonly #settings: DistributorSettings;
  readonly #logger: Logger;
  readonly #secrets: readonly Buffer[];
  readonly #random: () => number;
  readonly #pods: readonly Target[];
  readonly #tcp: TcpGate;
  /** Which pod wanted a message sent, for as long as it may turn out that it never left. */
  readonly #senders = new WeakMap<Buffer, LinkEndpoint>();
  #udp: Socket | undefined;
  #link: PodLinkSocket | undefined;

  constructor(
    settings: DistributorSettings,
    { logger, secrets }: { readonly logger: Logger; readonly secrets: readonly Buffer[] },
  ) {
    this.#settings = settings;
    this.#logger = logger;
    this.#secrets = secrets;
    this.#random = seededRandom(settings.seed);
    this.#pods = settings.pods.map((pod, slot) => new Target(pod, slot));
    this.#tcp = new TcpGate({
      onReceived: (bytes, peer, connection) => {
        this.counters.received++;
        this.#give(bytes, peer, { transport: transports.tcp.id, connection });
      },
      onUndelivered: (bytes, peer) => {
        this.#tellUndelivered(bytes, peer);
      },
      onClosed: (peer, connection) => {
        const [pod, link] = [this.#choose(peer), this.#link];
        if (pod === undefined || link === undefined) return;
        const way = { transport: transports.tcp.id, connection, payload: Buffer.alloc(0) };
        link.send({ kind: 'closed', peer, gate: link.local, ...way }, pod.link);
      },
    });
  }

  async start(): Promise<void> {
    const { sip, link } = this.#settings;
    this.#link = await PodLinkSocket.bind({
      ...link,
      secrets: this.#secrets,
      reader: {
        onDatagram: (datagram, from) => {
          this.#leave(datagram, from);
        },
      },
    });
    this.#udp = await bindUdp(sip);
    this.#udp.on('message', (bytes, { address, port }) => {
      this.#arrive(bytes, { address, port });
    });
    this.#udp.on('error', (error) => {
      this.#logger.warn({ err: error }, 'the public socket reported an error');
    });
    await this.#tcp.listen(sip);
    for (const pod of this.#pods) pod.readiness.start();
    this.#logger.info({ sip: formatEndpoint(sip), link: formatEndpoint(link) }, 'distributing');
  }

  drain(): Promise<void> {
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    for (const pod of this.#pods) pod.readiness.stop();
    this.#udp?.close();
    await this.#tcp.close();
    await this.#link?.close();
    this.#logger.info({ ...this.counters }, 'distributed');
  }

  isReady(): boolean {
    return this.readyPods > 0;
  }

  /** Where pods send what is to leave from the public address. */
  get link(): LinkEndpoint {
    return this.#settings.link;
  }

  /** How many pods get packets now. */
  get readyPods(): number {
    return this.#pods.filter((pod) => pod.isReady).length;
  }

  /** A datagram of a peer. */
  #arrive(bytes: Buffer, peer: LinkEndpoint): void {
    this.counters.received++;
    if (!this.#isLost()) this.#give(bytes, peer, { transport: transports.udp.id, connection: 0 });
  }

  #give(bytes: Buffer, peer: LinkEndpoint, way: Way): void {
    const pod = this.#choose(peer);
    const link = this.#link;
    if (pod === undefined || link === undefined) this.counters.homeless++;
    else link.send({ kind: 'received', peer, gate: link.local, ...way, payload: bytes }, pod.link);
  }

  /** What a pod wants sent. TCP repairs what is lost under way, so that nothing is dropped there. */
  #leave({ kind, peer, payload, transport, connection }: LinkDatagram, from: LinkEndpoint): void {
    if (kind !== 'send' || peer.port === 0) return;
    if (transport === transports.tcp.id) {
      this.#senders.set(payload, from);
      this.#tcp.send(payload, peer, connection);
    } else if (this.#isLost()) {
      return;
    } else {
      this.#udp?.send(payload, peer.port, peer.address);
    }
    this.counters.sent++;
  }

  #tellUndelivered(payload: Buffer, peer: LinkEndpoint): void {
    const sender = this.#senders.get(payload);
    const link = this.#link;
    if (sender === undefined || link === undefined) return;
    const way = { transport: transports.tcp.id, connection: 0 };
    link.send({ kind: 'undelivered', peer, gate: link.local, ...way, payload }, sender);
  }

  #choose(peer: LinkEndpoint): Target | undefined {
    const { mode } = this.#settings;
    return choosePod(this.#pods, { mode, sender: formatEndpoint(peer), random: this.#random });
  }

  #isLost(): boolean {
    const { lossPercent } = this.#settings;
    if (lossPercent === 0 || this.#random() * 100 >= lossPercent) return false;
    this.counters.lost++;
    return true;
  }
}

type Way = Pick<LinkDatagram, 'transport' | 'connection'>;

/** A pod and whether it is ready. */
class Target {
  readonly slot: number;
  readonly link: LinkEndpoint;
  readonly readiness: Readiness;

  constructor({ link, admin }: DistributedPod, slot: number) {
    this.slot = slot;
    this.link = link;
    this.readiness = new Readiness(admin);
  }

  get isReady(): boolean {
    return this.readiness.isReady;
  }
}

async function bindUdp({ address, port }: LinkEndpoint): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    // Addresses are literals: Node's own lookup would cost a turn of the tick queue per datagram.
    lookup: (host, _options, done) => {
      done(null, host, 4);
    },
  });
  // Where the lookup does not wait, the socket may listen before `bind` has returned.
  const listening = once(socket, 'listening');
  socket.bind(port, address);
  await listening;
  socket.setRecvBufferSize(BUFFER_BYTES);
  socket.setSendBufferSize(BUFFER_BYTES);
  return socket;
}
