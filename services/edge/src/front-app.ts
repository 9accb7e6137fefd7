import type { KeyObject } from 'node:crypto';
import { secretKeysOf } from '@tandem/config';
import type { EncodedMessageFrame, EventPublisher, MessageRecorder } from '@tandem/events';
import type { App, Logger, ServiceShell } from '@tandem/service';
import type { LocalAddresses } from './core/network/local-addresses.ts';
import { Sealer } from './core/marks/seal.ts';
import { networkProber } from './adapters/network-prober.ts';
import {
  EdgeNetwork,
  NetworkTest,
  advertisedBy,
  mainAddress,
  probeTargets,
} from './network/network.ts';
import type { EdgeConfig } from './config.ts';
import { openRegistry } from './edge-stores.ts';
import { FrontGuard, overloadSettings } from './overload/overload.ts';
import type { PodFigures, PodRegistry } from './ports.ts';
import { openRecordedMessages } from './recorded-messages.ts';
import { systemClock } from './system.ts';

/** What the process around a front brings along; what is left out is opened from the configuration. */
export interface FrontResources {
  readonly shell: ServiceShell;
  readonly pods?: PodRegistry | undefined;
  /** @default Kafka */
  readonly messagesPublisher?: EventPublisher<EncodedMessageFrame> | undefined;
  readonly secretKey: KeyObject;
}

/** A running front. */
export interface FrontApp extends App {
  /** Advertised `host:port`; undefined before `start`. */
  readonly advertised: string | undefined;
}

/** The others still send to a front that leaves, until they have read the registry again. */
const LINGER_MS = 600;

/**
 * A front: owns public sockets and connections, has no calls and keeps nothing, relays each message to a worker and each answer
 * to its peer (edge.md §3).
 */
export function createFrontApp(config: EdgeConfig, resources: FrontResources): FrontApp {
  return new Front(config, resources);
}

class Front implements FrontApp {
  readonly #config: EdgeConfig;
  readonly #logger: Logger;
  readonly #secretKey: KeyObject;
  readonly #shell: ServiceShell;
  readonly #pods: PodRegistry;
  readonly #messages: MessageRecorder | undefined;
  readonly #startedMs = systemClock.now();
  #network: EdgeNetwork | undefined;
  #networkTest: NetworkTest | undefined;
  #addresses: LocalAddresses | undefined;
  #guard: FrontGuard | undefined;
  #advertised: string | undefined;
  #isDraining = false;

  constructor(
    config: EdgeConfig,
    { messagesPublisher: publisher, pods, secretKey, shell }: FrontResources,
  ) {
    this.#config = config;
    this.#logger = shell.logger;
    this.#shell = shell;
    this.#secretKey = secretKey;
    this.#pods = pods ?? openRegistry(shell.redis(), config, shell.logger);
    const { logger } = shell;
    this.#messages = openRecordedMessages({ config, publisher, pods: this.#pods, logger });
  }

  get advertised(): string | undefined {
    return this.#advertised;
  }

  async start(): Promise<void> {
    const { name } = this.#config;
    const secrets = secretKeysOf(this.#secretKey).map((key) => key.export());
    const settings = overloadSettings(this.#config, () => this.#network?.queueDelayMs() ?? 0);
    const guard = new FrontGuard(settings, { clock: systemClock, logger: this.#logger });
    this.#guard = guard;
    // Of a port that is shared the kernel gives this front its flows as soon as it is bound: it has to know where they go.
    await this.#pods.look();
    const network = await EdgeNetwork.open({
      ...this.#config,
      role: 'front',
      sheds: (outline, source) => guard.sheds(outline, source),
      secrets,
      messages: this.#messages,
      pods: () => this.#pods.pods(),
      clock: systemClock,
      logger: this.#logger,
    });
    this.#network = network;
    const addresses = advertisedBy({ ...this.#config, role: 'front' }, network.listening);
    network.advertise(addresses);
    this.#addresses = addresses;
    const { hostPort: advertised } = mainAddress(addresses);
    // CALL-07: only who has the sockets can test all transports; a worker answers its probes.
    const networkTest = new NetworkTest({
      targets: probeTargets(addresses, network.listening),
      probe: networkProber(new Sealer(secrets)),
      said: this.#config.sipSource,
      clock: systemClock,
      logger: this.#logger,
    });
    this.#networkTest = networkTest;
    const { slot, epoch } = await this.#pods.join({
      name,
      role: 'front',
      address: network.address,
      figures: () => this.#figures(advertised),
    });
    this.#advertised = advertised;
    networkTest.start();
    this.#logger.info({ sip: advertised, link: network.address, slot, epoch }, 'relaying');
  }

  /** Connections stay until `stop`: what is under way goes on. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    await this.#pods.drain().catch((error: unknown) => {
      this.#logger.debug({ err: error }, 'not told that this front drains');
    });
  }

  async stop(): Promise<void> {
    this.#isDraining = true;
    this.#networkTest?.close();
    await this.#pods.leave().catch((error: unknown) => {
      // The slot's lease runs out by itself.
      this.#logger.debug({ err: error }, 'slot not given back');
    });
    if (this.#advertised !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
    }
    this.#guard?.close();
    await this.#network?.close();
    await this.#messages?.close();
    await this.#shell.close();
  }

  isReady(): boolean {
    return this.#advertised !== undefined && !this.#isDraining;
  }

  #figures(advertised: string): PodFigures {
    return {
      startedMs: this.#startedMs,
      advertised,
      advertisedTo: this.#addresses?.told,
      pendingCalls: 0,
      calls: 0,
      answers: 0,
      adoptions: 0,
      handedMessages: 0,
      handedCalls: 0,
      dropped: 0,
      connections: this.#network?.connections ?? 0,
      lostSlots: 0,
      source: this.#networkTest?.source ?? 'untested',
      hiddenTransports: this.#networkTest?.hiddenTransports ?? [],
      isShedding: this.#guard?.isShedding ?? false,
      refused: 0,
    };
  }
}
