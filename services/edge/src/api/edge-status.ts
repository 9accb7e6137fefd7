import { GetStatusResponse, Pod as PodMessage } from '@tandem/proto/edge';
import type {
  ListPodsResponse,
  NetworkFinding,
  Overload,
  TestNetworkResponse,
} from '@tandem/proto/edge';
import type { TransportName } from '@tandem/sip';
import type { LocalAddresses } from '../core/network/local-addresses.ts';
import type { OverloadView } from '../overload/overload.ts';
import type { CallStore, Clock, EdgeRole, Pod, PodFigures, PodRegistry } from '../ports.ts';
import type { SourceVerdict } from '../ports.ts';
import { reportState } from '../state-telemetry.ts';
import {
  callsAdopted,
  callsAnswered,
  callsHanded,
  callsLost,
  callsRefused,
  callsStarted,
  drains,
  eventsUnstored,
  leasesFreed,
  messagesDropped,
  messagesHanded,
  messagesShed,
  slotsLost,
} from '../telemetry.ts';

/** What a process has at this moment, besides its counters. */
export interface EdgeMoment {
  /** Undefined before the pod has its place. */
  readonly place:
    | {
        readonly slot: number;
        readonly epoch: number;
        readonly hostPort: string;
        readonly addresses?: Pick<LocalAddresses, 'told'> | undefined;
      }
    | undefined;
  readonly isDraining: boolean;
  readonly pendingCalls: number;
  /** Open connections of peers. */
  readonly connections: number;
  /** What the SIP sockets took and sent. */
  readonly traffic: {
    readonly received: number;
    readonly sent: number;
    readonly malformed: number;
    readonly garbage: number;
  };
  /** Undefined before the pod has its place. */
  readonly overload?: OverloadView | undefined;
  /** When the first certificate of SIP over TLS expires; undefined where there is none. */
  readonly certificateExpiresMs?: number | undefined;
}

/** The test of the network, as far as it is told of (CALL-07). */
interface NetworkTold {
  readonly findings: readonly NetworkFinding[];
  readonly source: SourceVerdict;
  readonly hiddenTransports: readonly TransportName[];
  run(): Promise<readonly NetworkFinding[]>;
}

/** What the status is made of. */
export interface EdgeStatusParts {
  readonly name: string;
  readonly role: EdgeRole;
  readonly store: CallStore;
  readonly pods: PodRegistry;
  readonly clock: Clock;
  readonly moment: () => EdgeMoment;
  /** Undefined before the sockets are open. */
  readonly network: () => NetworkTold | undefined;
}

/** What operators see of this edge and of all (OPS-02): status, pods, gauges. */
export class EdgeStatus {
  readonly #parts: EdgeStatusParts;
  readonly #startedMs: number;
  readonly #endReport: () => void;

  constructor(parts: EdgeStatusParts) {
    this.#parts = parts;
    this.#startedMs = parts.clock.now();
    this.#endReport = reportState({
      now: () => ({ ...this.#parts.moment(), pods: this.#parts.pods.pods() }),
      network: () => this.#parts.network()?.findings ?? [],
      stored: () => this.#stored(),
    });
  }

  /** Ends the gauges. */
  close(): void {
    this.#endReport();
  }

  /** What the other pods are told with each renewal of the lease. */
  figures(): PodFigures {
    const { place, pendingCalls, connections, overload } = this.#parts.moment();
    return {
      startedMs: this.#startedMs,
      advertised: place?.hostPort ?? '',
      advertisedTo: place?.addresses?.told,
      pendingCalls,
      calls: callsStarted.total,
      answers: callsAnswered.total,
      adoptions: callsAdopted.total,
      handedMessages: messagesHanded.total,
      handedCalls: callsHanded.total,
      dropped: messagesDropped.total,
      connections,
      lostSlots: slotsLost.total,
      source: this.#parts.network()?.source ?? 'untested',
      hiddenTransports: this.#parts.network()?.hiddenTransports ?? [],
      isShedding: overload?.state.isShedding ?? false,
      refused: callsRefused.byLoad + callsRefused.byShare,
    };
  }

  /** Rejects while the store is away: what all pods share is not known then. */
  async status(): Promise<GetStatusResponse> {
    const { name, role, moment, network } = this.#parts;
    const [{ total }, outbox] = await Promise.all([
      this.#parts.store.list(0),
      this.#parts.store.outbox(),
    ]);
    const { certificateExpiresMs, place, isDraining, pendingCalls, connections, traffic, overload } = moment(); // prettier-ignore
    return GetStatusResponse.fromPartial({
      ...traffic,
      edge: name,
      role,
      slot: place?.slot ?? 0,
      epoch: place?.epoch ?? 0,
      advertised: place?.hostPort ?? '',
      draining: isDraining,
      pendingCalls,
      calls: total,
      outbox: outbox.length,
      // The end of a call that is kept back does not wait for the log yet.
      outboxSinceMs: Math.min(outbox.oldestMs, this.#parts.clock.now()),
      adoptions: callsAdopted.total,
      lostCalls: callsLost.total,
      handedMessages: messagesHanded.total,
      handedCalls: callsHanded.total,
      drains: drains.total,
      lostSlots: slotsLost.total,
      leasesFreed: leasesFreed.total,
      unstoredEvents: eventsUnstored.total,
      dropped: messagesDropped.total,
      connections,
      network: [...(network()?.findings ?? [])],
      overload: overload === undefined ? undefined : overloadMessage(overload),
      certificateExpiresMs,
    });
  }

  /** All that live, as of the last renewal; known while the store is away, too. */
  pods(): ListPodsResponse {
    const pods = this.#parts.pods.pods().map(podMessage);
    return { pods: pods.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  }

  async testNetwork(): Promise<TestNetworkResponse> {
    const findings = (await this.#parts.network()?.run()) ?? [];
    return { edge: this.#parts.name, findings: [...findings] };
  }

  async #stored(): Promise<{ calls: number; outbox: number; oldestSeconds: number } | undefined> {
    try {
      const { store, clock } = this.#parts;
      const [{ total }, outbox] = await Promise.all([store.list(0), store.outbox()]);
      const { length, oldestMs } = outbox;
      const waitedMs = oldestMs === 0 ? 0 : Math.max(0, clock.now() - oldestMs);
      return { calls: total, outbox: length, oldestSeconds: waitedMs / 1000 };
    } catch {
      return undefined; // The store is away: no value is better than a wrong one.
    }
  }
}

function podMessage({ name, slot, epoch, role, address, isDraining, figures }: Pod): PodMessage {
  return PodMessage.fromPartial({
    ...figures,
    name,
    slot,
    epoch,
    role,
    address,
    draining: isDraining,
    source: figures?.source ?? '',
    shedding: figures?.isShedding ?? false,
    advertisedTo: [...(figures?.advertisedTo ?? [])],
  });
}

function overloadMessage({ state, sources }: OverloadView): Overload {
  const { pressure, sample } = state;
  return {
    shedding: state.isShedding,
    sinceMs: state.sinceMs,
    rate: whole(state.perSecond),
    strangersRate: whole(state.strangersPerSecond),
    cause: pressure.cause,
    measuredMs: Math.round(pressure.measuredMs),
    limitMs: pressure.limitMs,
    loopDelayMs: Math.round(sample.loopDelayMs),
    queueDelayMs: Math.round(sample.queueDelayMs),
    setUpDelayMs: Math.round(sample.setUpDelayMs),
    undecided: sample.undecided,
    refusedByLoad: callsRefused.byLoad,
    refusedByShare: callsRefused.byShare,
    shed: messagesShed.total,
    sources: sources.map(({ name, isKnown, demand, share, refused }) => ({
      name,
      known: isKnown,
      demand: tenths(demand),
      share: Number.isFinite(share) ? tenths(share) : 0,
      refused,
    })),
  };
}

/** 0 where it is without limit. */
function whole(value: number): number {
  return Number.isFinite(value) ? Math.round(value) : 0;
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
