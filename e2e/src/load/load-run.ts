import { parseUri, type Endpoint, type SipRequest } from '@tandem/sip';
import type { PeerCredentials } from '@tandem/testing';
import { CallLog } from './call-log.ts';
import type { CallPlan } from './call-plan.ts';
import { isOver, newCallRecord, type LoadReport, type LoadSnapshot } from './call-record.ts';
import { CallerLeg } from './caller-leg.ts';
import { CarrierLeg } from './carrier-leg.ts';
import { LoadAgent, type Served } from './load-agent.ts';
import type { LoadLeg } from './load-leg.ts';
import { TcpWire } from './tcp-wire.ts';
import { UdpWire } from './udp-wire.ts';

/** The endpoints of a load and the switch that they call through. */
export interface LoadOptions {
  /** The switch, as the peers know it. */
  readonly target: Endpoint;
  /** How callers and switch talk. @default 'udp' */
  readonly callerTransport?: 'udp' | 'tcp';
  /** How switch and carriers talk; the gateways' configuration must say the same. @default 'udp' */
  readonly carrierTransport?: 'udp' | 'tcp';
  /** Of the phone and of both carriers. @default 127.0.0.1 */
  readonly address?: string;
  /** Ports of carrier-a and carrier-b. */
  readonly carrierPorts: readonly [number, number];
  /** User and password of the phone. */
  readonly phone: PeerCredentials;
  /** Address from which the trunk calls; it is known by it. */
  readonly trunkAddress: string;
  /** The same of the trunk whose media is anchored. @default there is none */
  readonly anchoredTrunkAddress?: string | undefined;
  /** Where media relays listen for media. */
  readonly relayAddress?: string | undefined;
  /** A name that stands for both carriers. */
  readonly carriersName?: string | undefined;
  /** What carriers ask of a gateway that has to prove a password. */
  readonly gatewayCredentials?: PeerCredentials | undefined;
}

/** Who hangs up how many of the calls that are up, and how fast. */
export interface HangUp {
  readonly by: 'caller' | 'callee' | 'each-half';
  /** @default 100 */
  readonly perSecond?: number;
  /** Ends no more than so many, those that were placed first. @default all */
  readonly most?: number;
}

interface PlacedCall {
  readonly log: CallLog;
  readonly caller: CallerLeg;
  readonly carriers: CarrierLeg[];
}

const TICK_MS = 5;
/** Later than this, a tick is counted: RFC 3261's T1 is not far then. */
const STILL_MS = 200;
const MOST_STRAY_FAULTS = 200;
const LOOPBACK = '127.0.0.1';

/** Callers and carriers of many calls, in this process. */
export class LoadRun {
  readonly #options: LoadOptions;
  readonly #agents: LoadAgent[] = [];
  readonly #phone: LoadAgent;
  readonly #trunk: LoadAgent;
  readonly #anchoredTrunk: LoadAgent;
  readonly #calls = new Map<string, PlacedCall>();
  readonly #stray: string[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #faults = 0;
  #stoodStillMs = 0;

  private constructor(options: LoadOptions) {
    this.#options = options;
    this.#phone = this.#agent('phone');
    this.#trunk = this.#agent('trunk');
    this.#anchoredTrunk = this.#agent('anchored-trunk');
  }

  /** Opens every socket. */
  static async open(options: LoadOptions): Promise<LoadRun> {
    const run = new LoadRun(options);
    const { callerTransport = 'udp', carrierTransport = 'udp', trunkAddress } = options;
    const { address = LOOPBACK } = options;
    const [first, second] = options.carrierPorts;
    await attach(run.#phone, callerTransport, { address, port: 0 });
    await attach(run.#trunk, callerTransport, { address: trunkAddress, port: 0 });
    const anchored = { address: options.anchoredTrunkAddress ?? trunkAddress, port: 0 };
    await attach(run.#anchoredTrunk, callerTransport, anchored);
    const carriers = [
      ['carrier-a', first],
      ['carrier-b', second],
    ] as const;
    for (const [name, port] of carriers) {
      await attach(run.#agent(name), carrierTransport, { address, port });
    }
    return run;
  }

  /** Places these calls, evenly, so many a second; resolves when the last INVITE has left. */
  async place(plans: readonly CallPlan[], perSecond: number): Promise<void> {
    await this.#evenly(plans, perSecond, (plan) => {
      this.#start(plan);
    });
  }

  /** Ends the calls that are up. */
  async hangUp({ by, perSecond = 100, most }: HangUp): Promise<void> {
    const up = [...this.#calls.values()]
      .filter(({ caller, log }) => caller.isUp && log.record.plan.hold === 'told')
      .slice(0, most);
    await this.#evenly(up, perSecond, ({ caller, carriers }, index) => {
      const isByCallee = by === 'callee' || (by === 'each-half' && index % 2 === 1);
      if (isByCallee) carriers.at(-1)?.hangUp();
      else caller.hangUp();
    });
  }

  /** Whether every call, or every one whose number begins so, is over at both ends. */
  isOver(prefix = ''): boolean {
    for (const [number, { log }] of this.#calls) {
      if (number.startsWith(prefix) && !isOver(log.record)) return false;
    }
    return true;
  }

  /** All calls at this moment, or those whose numbers begin so. */
  snapshot(prefix = ''): LoadSnapshot {
    const snapshot = {
      placed: 0,
      ringing: 0,
      up: 0,
      finished: 0,
      answered: 0,
      retransmissions: 0,
    };
    for (const [number, { log }] of this.#calls) {
      if (!number.startsWith(prefix)) continue;
      const { caller, retransmissions } = log.record;
      snapshot.placed++;
      snapshot.retransmissions += retransmissions;
      if (caller.answeredMs !== undefined) snapshot.answered++;
      if (caller.endedMs !== undefined) snapshot.finished++;
      else if (caller.answeredMs !== undefined) snapshot.up++;
      else snapshot.ringing++;
    }
    return {
      ...snapshot,
      atMs: Date.now(),
      faults: this.#faults,
      stoodStillMs: this.#stoodStillMs,
    };
  }

  report(): LoadReport {
    return {
      calls: [...this.#calls.values()].map(({ log }) => log.record),
      strayFaults: this.#stray,
      snapshot: this.snapshot(),
    };
  }

  /** Every message of a call, at both ends. */
  ladder(number: string): readonly string[] {
    return this.#calls.get(number)?.log.ladder ?? [];
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const { caller, carriers } of this.#calls.values()) {
      for (const leg of [caller, ...carriers]) leg.vanish();
    }
    await Promise.all(this.#agents.map((agent) => agent.close()));
  }

  #start(plan: CallPlan): void {
    const log = new CallLog(newCallRecord(plan), () => {
      this.#faults++;
    });
    const isPhone = plan.caller === 'phone';
    const trunk = plan.caller === 'trunk' ? this.#trunk : this.#anchoredTrunk;
    const caller = new CallerLeg(plan, {
      agent: isPhone ? this.#phone : trunk,
      log,
      user: isPhone ? this.#options.phone.username : 'trunk',
      credentials: isPhone ? this.#options.phone : undefined,
    });
    this.#calls.set(plan.number, { log, caller, carriers: [] });
    caller.start();
  }

  #agent(name: string): LoadAgent {
    const agent = new LoadAgent({
      name,
      target: this.#options.target,
      relayAddress: this.#options.relayAddress,
      carriersName: this.#options.carriersName,
      user: {
        onCall: (served) => this.#onCall(name, served),
        onStrayFault: (text) => {
          this.#strayFault(text);
        },
      },
    });
    this.#agents.push(agent);
    return agent;
  }

  #onCall(name: string, served: Served): LoadLeg | undefined {
    const call = this.#calls.get(numberOf(served.request));
    const agent = this.#agents.find((each) => each.name === name);
    const isCarrier = name === 'carrier-a' || name === 'carrier-b';
    if (call === undefined || agent === undefined || !isCarrier) {
      this.#strayFault(`${name}: an INVITE that nobody placed: ${served.request.uri}`);
      return undefined;
    }
    const { log, carriers } = call;
    if (carriers.some(({ view }) => view.gateway === name)) {
      log.fault(`${name}: a second call for the same call`, served.request);
    }
    const { gatewayCredentials } = this.#options;
    const { plan } = log.record;
    const leg = new CarrierLeg({ agent, log, plan, gateway: name, gatewayCredentials }, served);
    carriers.push(leg);
    log.record.carriers.push(leg.view);
    return leg;
  }

  #strayFault(text: string): void {
    this.#faults++;
    if (this.#stray.length < MOST_STRAY_FAULTS) this.#stray.push(text);
  }

  #evenly<T>(
    items: readonly T[],
    perSecond: number,
    run: (item: T, index: number) => void,
  ): Promise<void> {
    if (items.length === 0) return Promise.resolve();
    const startedMs = performance.now();
    let done = 0;
    let tickedMs = startedMs;
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        const lateMs = performance.now() - tickedMs;
        tickedMs += lateMs;
        if (lateMs > STILL_MS) this.#stoodStillMs += lateMs;
        const due = Math.ceil(((performance.now() - startedMs) * perSecond) / 1000);
        for (const item of items.slice(done, due)) run(item, done++);
        if (done < items.length) return;
        clearInterval(timer);
        this.#timers.delete(timer);
        resolve();
      }, TICK_MS);
      this.#timers.add(timer);
    });
  }
}

async function attach(
  agent: LoadAgent,
  transport: 'udp' | 'tcp',
  { address, port }: Endpoint,
): Promise<void> {
  const options = { address, port, listener: agent.listener };
  agent.attach(await (transport === 'udp' ? UdpWire.open(options) : TcpWire.open(options)));
}

function numberOf(request: SipRequest): string {
  return parseUri(request.uri).user ?? '';
}
