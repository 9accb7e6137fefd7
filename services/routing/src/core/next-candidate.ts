import { decided } from '@tandem/domain';
import type { DecisionRecord } from '@tandem/domain';
import { heldKeys } from '@tandem/limits';
import type { AdvanceRequest, AdvanceResult } from '@tandem/limits';
import type { NextCandidateResponse } from '@tandem/proto/routing';
import { barredDecision, barrierOf, reasonForBusy } from './barrier.ts';
import { fullDecision } from './call-decisions.ts';
import { isGatewaySide } from './line-keys.ts';
import type { Barrier } from './barrier.ts';
import type { Moment } from './rests.ts';
import type { GatewayEntry, RoutingTables } from './routing-tables.ts';
import { claimsAt } from './rules/group-capacity.ts';

/** A call whose gateway failed. */
export interface Failover extends Moment {
  readonly failedGateway: string;
  /** Not yet tried, in order. */
  readonly gateways: readonly string[];
  /** Line keys that the call holds. */
  readonly lines: readonly string[];
}

/** What the ledger is asked for, and what is known before it answers. */
export interface FailoverPlan {
  readonly failover: Failover;
  readonly request: Pick<AdvanceRequest, 'keep' | 'release' | 'choices'>;
  readonly gateways: readonly GatewayEntry[];
  /** What keeps others from the call. */
  readonly barriers: readonly Barrier[];
  readonly skipped: readonly DecisionRecord[];
}

/** ROUTE-06. A gateway that was locked or removed since the call began is passed over. */
export function planFailover(tables: RoutingTables, failover: Failover): FailoverPlan {
  const { gateways, lines, nowMs } = failover;
  const open: GatewayEntry[] = [];
  const barriers: Barrier[] = [];
  const skipped: DecisionRecord[] = [];
  for (const name of gateways) {
    const gateway = tables.routingGateways.get(name);
    if (gateway === undefined) {
      skipped.push(removedDecision(name, nowMs));
      continue;
    }
    const barrier = barrierOf(gateway, undefined, failover);
    if (barrier === undefined) {
      open.push(gateway);
      continue;
    }
    barriers.push(barrier);
    skipped.push(barredDecision(name, barrier, { atMs: nowMs }));
  }
  return {
    failover,
    request: {
      keep: lines.filter((key) => !isGatewaySide(key)),
      release: lines.filter(isGatewaySide),
      choices: open.map((gateway) => claimsAt(gateway, nowMs)),
    },
    gateways: open,
    barriers,
    skipped,
  };
}

/** The answer, once the ledger has spoken. */
export function answerFailover(
  plan: FailoverPlan,
  result: AdvanceResult,
): Omit<NextCandidateResponse, 'redirected'> {
  const { nowMs } = plan.failover;
  const full = result.skipped.flatMap(({ choice, line }) => {
    const gateway = plan.gateways[choice]?.name;
    return gateway === undefined ? [] : [fullDecision({ gateway, line, atMs: nowMs })];
  });
  const taken = result.kind === 'taken' ? plan.gateways[result.choice] : undefined;
  const taking = heldKeys(taken?.lines ?? []);
  const last = taken === undefined ? noneLeft(plan) : chosen(taken.name, plan.failover);
  return {
    gateway: taken?.name ?? '',
    lines: [...plan.request.keep, ...taking],
    decisions: [...plan.skipped, ...full, last],
  };
}

function chosen(gateway: string, { failedGateway, nowMs }: Failover): DecisionRecord {
  const subject = `routing-gateway ${gateway}`;
  const facts = { after: failedGateway };
  return decided('next-gateway-chosen', { subject, facts, atMs: nowMs });
}

function removedDecision(gateway: string, atMs: number): DecisionRecord {
  const subject = `routing-gateway ${gateway}`;
  return decided('gateway-removed', { subject, facts: { configuration: 'not known' }, atMs });
}

/** Why the call ends with the failure of the gateway that it had. */
function noneLeft({ failover, gateways, barriers }: FailoverPlan): DecisionRecord {
  const { failedGateway, nowMs } = failover;
  const reason = gateways.length > 0 ? 'AllGatewayBusy' : reasonForBusy(barriers);
  const facts = { after: failedGateway, left: failover.gateways.length };
  return decided('no-next-gateway', { subject: 'candidates', reason, facts, atMs: nowMs });
}
