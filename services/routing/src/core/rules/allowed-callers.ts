import { decided } from '@tandem/domain';
import type { DecisionRecord } from '@tandem/domain';
import type { SlimRoutingGateway } from '@tandem/config';
import type { GatewayEntry, OriginEntry } from '../routing-tables.ts';
import type { BarredAt } from './barred-at.ts';

/** Who may use a routing gateway; undefined: everybody. */
export interface AllowedCallers {
  readonly list: 'allowedMappingGateways' | 'forbiddenMappingGateways';
  /** Subjects of mapping gateways. */
  readonly subjects: ReadonlySet<string>;
}

/** ROUTE-02, AUTH-13: one of the two sides says that they do not go together. */
export interface CallerBarrier {
  readonly kind: 'gateway-not-for-caller';
  readonly origin: string;
  /** The list that says so. */
  readonly list: AllowedCallers['list'] | 'allowedRoutingGateways';
}

export function allowedCallersOf({
  allowedMappingGateways: allowed,
  forbiddenMappingGateways: forbidden,
}: SlimRoutingGateway): AllowedCallers | undefined {
  if (allowed !== undefined) return { list: 'allowedMappingGateways', subjects: subjects(allowed) };
  if (forbidden === undefined) return undefined;
  return { list: 'forbiddenMappingGateways', subjects: subjects(forbidden) };
}

function subjects(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => `mapping-gateway ${name}`));
}

/** Whether the calling side, a phone or mapping gateway, is kept from a gateway. */
export function callerBarrier(
  { callers, name }: Pick<GatewayEntry, 'callers' | 'name'>,
  { subject: origin, gateways }: Pick<OriginEntry, 'subject' | 'gateways'>,
): CallerBarrier | undefined {
  const kind = 'gateway-not-for-caller';
  if (gateways?.has(name) === false) return { kind, origin, list: 'allowedRoutingGateways' };
  if (callers === undefined) return undefined;
  const isListed = callers.subjects.has(origin);
  const isAllowed = callers.list === 'allowedMappingGateways' ? isListed : !isListed;
  return isAllowed ? undefined : { kind, origin, list: callers.list };
}

export function callerBarrierDecision(
  { origin, list }: CallerBarrier,
  { subject, prefix, atMs }: BarredAt,
): DecisionRecord {
  const facts = { prefix, origin, list };
  return decided('gateway-not-for-caller', { subject, facts, atMs });
}
