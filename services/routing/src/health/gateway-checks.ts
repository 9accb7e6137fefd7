import { SwitchError } from '@tandem/domain';
import type { Journal } from '@tandem/events';
import type {
  CheckReport,
  GatewayCheck,
  TakeChecksRequest,
  TakeChecksResponse,
} from '@tandem/proto/health';
import type { Logger } from '@tandem/service';
import type { CheckTerms } from '../core/health/check-terms.ts';
import { isDegraded } from '../core/health/health.ts';
import type { GatewayHealth } from '../core/health/health.ts';
import { changesOf } from '../core/health/health-changes.ts';
import { healthStep } from '../core/health/health-step.ts';
import { checkedAddresses } from '../core/health/offline-places.ts';
import type { RoutingTables } from '../core/routing-tables.ts';
import { countChecks, noteChanges } from './health-telemetry.ts';
import type { HealthStore, HealthWrite, TakenCheck } from './health-store.ts';

export interface GatewayChecksParts {
  readonly store: HealthStore;
  /** Of the configuration in effect; undefined before the first. */
  readonly tables: () => RoutingTables | undefined;
  /** OPS-10. @default nobody is told */
  readonly journal?: Journal | undefined;
  readonly logger: Logger;
  /** Milliseconds; goes on evenly. @default performance.now */
  readonly now?: (() => number) | undefined;
}

/** An edge gets so many at a time: what has piled up while all were away goes out little by little. */
const MOST_AT_ONCE = 200;
/** Beyond the time that an address has: for the answer of the edge to come. */
const MARGIN_MS = 1000;
/** Where nothing is to be checked. */
const IDLE_MS = 1500;
/** What a store that was emptied has lost is there again after so long. */
const LOOK_AGAIN_MS = 10_000;

/**
 * Decides which edge checks which gateway, and what the answers mean (ROUTE-07, ADR 60). A check is a turn of its own, taken by the
 * edge that asks first and left to others when its lease ends; the next one may be another pod's. Every pod of routing does the
 * same by the same store.
 */
export class GatewayChecks {
  readonly #parts: GatewayChecksParts;
  #followed: { readonly version: number; readonly atMs: number } | undefined;

  constructor(parts: GatewayChecksParts) {
    this.#parts = parts;
  }

  /** @throws SwitchError SWITCH_STORE_UNAVAILABLE, or SWITCH_SERVICE_UNAVAILABLE before the first configuration */
  async take({
    edge,
    isLeaving,
    reports,
  }: Omit<TakeChecksRequest, 'attempts'>): Promise<TakeChecksResponse> {
    const tables = this.#tables();
    await this.#report(tables, edge, reports);
    if (isLeaving) return { due: [], askAgainMs: 0 };
    await this.#follow(tables);
    if (tables.checks.size === 0) return { due: [], askAgainMs: IDLE_MS };
    const { store } = this.#parts;
    const { SS_SIP_OPTIONS_CHECK_TIMEOUT: seconds } = tables.parameters;
    const timeoutMs = seconds * 1000;
    const { count, taken, version } = await store.take({
      limit: MOST_AT_ONCE,
      leaseMs: timeoutMs + MARGIN_MS,
      version: tables.version,
    });
    if (count !== tables.checks.size || version !== tables.version) this.#lookAgain();
    const due = taken.flatMap((each) => checkOf(tables, each, timeoutMs) ?? []);
    await this.#skip(tables, edge, due);
    return { due: due.filter(({ addresses }) => addresses.length > 0), askAgainMs: 0 };
  }

  /** Has the store follow the configuration: once for each version, and where the store is otherwise than it says. */
  async #follow({ checks, version }: RoutingTables): Promise<void> {
    if (this.#followed?.version === version) return;
    const gateways = [...checks].map(([gateway, { periodMs }]) => ({ gateway, periodMs }));
    await this.#parts.store.follow(version, gateways);
    this.#followed = { version, atMs: this.#now() };
  }

  #lookAgain(): void {
    const followed = this.#followed;
    if (followed !== undefined && this.#now() - followed.atMs < LOOK_AGAIN_MS) return;
    this.#followed = undefined;
  }

  /** What has no address, since its name is not known, is looked at again when its next check is due. */
  async #skip(tables: RoutingTables, edge: string, due: readonly GatewayCheck[]): Promise<void> {
    const lost = due.filter(({ addresses }) => addresses.length === 0);
    if (lost.length === 0) return;
    const reports = lost.map(({ dueMs, gateway, turn }) => ({
      gateway,
      turn,
      dueMs,
      outcomes: [],
    }));
    await this.#report(tables, edge, reports);
  }

  async #report(
    { checks }: RoutingTables,
    edge: string,
    reports: readonly CheckReport[],
  ): Promise<void> {
    const { journal, logger, store } = this.#parts;
    // Of those that are not configured any more nothing is to be kept.
    const meant = reports.flatMap((report) => {
      const terms = checks.get(report.gateway);
      return terms === undefined ? [] : [{ report, terms }];
    });
    if (meant.length === 0) return;
    const { health, nowMs } = await store.read(meant.map(({ report: { gateway } }) => gateway));
    const steps = meant.map(({ report, terms }, at): Step => {
      const { outcomes } = report;
      const before = health[at];
      return {
        report,
        terms,
        before,
        after: healthStep(before, { edge, outcomes }, { nowMs, terms }),
      };
    });
    const done = await store.write(steps.map((step) => writeOf(step, nowMs)));
    for (const [at, { after, before, report, terms }] of steps.entries()) {
      // Fencing: its turn was over, and another pod has checked it meanwhile.
      if (done[at] !== true) continue;
      countChecks(report, terms);
      noteChanges(changesOf(report.gateway, { before, after, terms }), { journal, logger });
    }
  }

  #tables(): RoutingTables {
    const tables = this.#parts.tables();
    if (tables !== undefined) return tables;
    throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'routing has no configuration yet');
  }

  #now(): number {
    return (this.#parts.now ?? monotonic)();
  }
}

function monotonic(): number {
  return performance.now();
}

interface Step {
  readonly report: CheckReport;
  readonly terms: CheckTerms;
  readonly before: GatewayHealth | undefined;
  readonly after: GatewayHealth;
}

function writeOf({ after, before, report, terms }: Step, nowMs: number): HealthWrite {
  const { dueMs, gateway, turn } = report;
  const next = dueMs + terms.periodMs;
  return {
    gateway,
    turn,
    after,
    // It keeps its place in the round; after a pause it gets another one.
    nextMs: next > nowMs ? next : nowMs + terms.periodMs,
    isDegraded: isDegraded(after),
    isNews: offlineKeys(before) !== offlineKeys(after),
  };
}

function offlineKeys(health: GatewayHealth | undefined): string {
  const off = health?.addresses.filter((each) => each.isOffline) ?? [];
  return off.map(({ address, transport }) => `${transport} ${address}`).toSorted().join(' '); // prettier-ignore
}

/** @returns undefined where this pod does not have the gateway: one that does takes it when the lease ends */
function checkOf(
  { checks, routingGateways }: RoutingTables,
  { dueMs, gateway: name, turn }: TakenCheck,
  timeoutMs: number,
): GatewayCheck | undefined {
  const gateway = routingGateways.get(name);
  if (gateway === undefined || !checks.has(name)) return undefined;
  return { gateway: name, turn, dueMs, timeoutMs, addresses: [...checkedAddresses(gateway)] };
}
