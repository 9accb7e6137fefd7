import type { RefusalReason } from '@tandem/domain';
import type { AdvanceRequest, AdvanceResult } from '@tandem/limits';
import type { Decision } from '@tandem/proto/decision';
import { NextCandidateResponse } from '@tandem/proto/routing';
import { fullDecision } from './call-decisions.ts';
import { barrierOf } from './candidates.ts';
import { decision } from './decisions.ts';
import { isGatewaySide } from './line-keys.ts';
import type { GatewayEntry, RoutingTables } from './routing-tables.ts';

/** A call whose gateway failed. */
export interface Failover {
  /** Not yet tried, in order. */
  readonly gateways: readonly string[];
  /** Line keys that the call holds. */
  readonly lines: readonly string[];
  readonly nowMs: number;
}

/** What the ledger is asked for, and what is known before it answers. */
export interface FailoverPlan {
  readonly request: Pick<AdvanceRequest, 'keep' | 'release' | 'choices'>;
  readonly gateways: readonly GatewayEntry[];
  readonly skipped: readonly Decision[];
}

/** ROUTE-06. A gateway that was locked or removed since the call began is passed over. */
export function planFailover(
  tables: RoutingTables,
  { gateways, lines, nowMs }: Failover,
): FailoverPlan {
  const open: GatewayEntry[] = [];
  const skipped: Decision[] = [];
  for (const name of gateways) {
    const gateway = tables.routingGateways.get(name);
    const barrier =
      gateway === undefined
        ? ({ reason: 'NoAvailableRouter', facts: [] } as const)
        : barrierOf(gateway, undefined, nowMs);
    if (gateway !== undefined && barrier === undefined) open.push(gateway);
    else {
      const parts = { check: 'candidate', result: 'skipped', nowMs, ...barrier } as const;
      skipped.push(decision({ ...parts, subject: `routing-gateway ${name}` }));
    }
  }
  return {
    request: {
      keep: lines.filter((key) => !isGatewaySide(key)),
      release: lines.filter(isGatewaySide),
      choices: open.map((gateway) => gateway.lines),
    },
    gateways: open,
    skipped,
  };
}

/** The answer, once the ledger has spoken. */
export function answerFailover(
  plan: FailoverPlan,
  result: AdvanceResult,
  nowMs: number,
): NextCandidateResponse {
  const full = result.skipped.flatMap(({ choice, line }) => {
    const gateway = plan.gateways[choice]?.name;
    return gateway === undefined ? [] : [fullDecision({ gateway, line, nowMs })];
  });
  const taken = result.kind === 'taken' ? plan.gateways[result.choice] : undefined;
  const taking = taken === undefined ? [] : taken.lines.map((claim) => claim.key);
  return NextCandidateResponse.create({
    gateway: taken?.name ?? '',
    lines: [...plan.request.keep, ...taking],
    decisions: [
      ...plan.skipped,
      ...full,
      ...(taken === undefined ? [] : [chosen(taken.name, nowMs)]),
    ],
    reason: taken === undefined ? reasonForNone(plan) : '',
  });
}

function chosen(gateway: string, nowMs: number): Decision {
  const subject = `routing-gateway ${gateway}`;
  return decision({ check: 'candidate', result: 'chosen', subject, nowMs });
}

function reasonForNone({ gateways, skipped }: FailoverPlan): RefusalReason {
  const isAnyBusy =
    gateways.length > 0 || skipped.some(({ reason }) => reason !== 'NoAvailableRouter');
  return isAnyBusy ? 'AllGatewayBusy' : 'NoAvailableRouter';
}
