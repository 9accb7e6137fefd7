import assert from 'node:assert/strict';
import { configurationSchema, snapshotOf } from '@tandem/config';
import type { Configuration } from '@tandem/config';
import { memoryLimits } from '@tandem/limits';
import type { Limits } from '@tandem/limits';
import { Origin } from '@tandem/proto/auth';
import type { Decision } from '@tandem/proto/decision';
import { RouteRequest } from '@tandem/proto/routing';
import type { Routed, RouteResponse } from '@tandem/proto/routing';
import { parseMoney } from '@tandem/domain';
import type { NumberLists } from '../src/core/number-lists.ts';
import { buildTables } from '../src/core/routing-tables.ts';
import type { RoutingTables } from '../src/core/routing-tables.ts';
import { silentLogger } from '@tandem/service';
import type { PhoneLocator } from '../src/ports.ts';
import { RestingGateways } from '../src/resting-gateways.ts';
import { Router } from '../src/router.ts';

export const NOON = Date.parse('2026-06-01T12:00:00Z');

type Document = Record<string, unknown>;

/** The demo of the first call, with whatever a test sets otherwise. */
export function configure(changes: Document = {}): Configuration {
  return configurationSchema.parse({
    rateGroups: [
      { name: 'standard', currency: 'USD', rates: [{ prefix: '44', pricePerMinute: '0.0123' }] },
    ],
    accounts: [{ name: 'demo', openingBalance: '100', rateGroup: 'standard' }],
    phones: [
      { username: '1001', password: 'p', account: 'demo' },
      { username: '1002', password: 'p', account: 'demo' },
    ],
    mappingGateways: [
      {
        name: 'demo-trunk',
        account: 'demo',
        authentication: { mode: 'ip', addresses: ['127.0.0.2/32'] },
      },
    ],
    routingGateways: [
      { name: 'carrier-a', addresses: ['127.0.0.1:5070'], prefixes: ['44'] },
      { name: 'carrier-b', addresses: ['127.0.0.1:5071'], prefixes: ['44'], priority: 2 },
    ],
    ...changes,
  });
}

export function gateway(name: string, prefixes: readonly string[], more: Document = {}): Document {
  return { name, addresses: ['192.0.2.1'], prefixes, ...more };
}

export function tablesOf(configuration: Configuration, version = 1): RoutingTables {
  return buildTables(snapshotOf(version, configuration), (sealed) => `opened ${sealed}`);
}

export interface RouterUnderTest {
  readonly router: Router;
  readonly limits: Limits;
  readonly clock: { nowMs: number };
  readonly use: (configuration: Configuration) => void;
  /** Puts lists into effect, by name. */
  readonly list: (lists: NumberLists) => void;
}

/** A router over memory, with account demo at 100. */
export async function openRouter(
  configuration = configure(),
  phones?: PhoneLocator,
): Promise<RouterUnderTest> {
  const clock = { nowMs: NOON };
  const limits = memoryLimits({ now: () => clock.nowMs });
  await limits.balances.set(new Map([['demo', parseMoney('100')]]));
  let tables = tablesOf(configuration);
  let lists: NumberLists = new Map();
  const rests = new RestingGateways({
    rests: limits.rests,
    now: () => clock.nowMs,
    logger: silentLogger(),
  });
  const router = new Router({
    tables: () => tables,
    lines: limits.lines,
    rests,
    phones,
    turns: limits.turns,
    lists: () => lists,
    now: () => clock.nowMs,
  });
  return {
    router,
    limits,
    clock,
    use: (next) => {
      tables = tablesOf(next, tables.version + 1);
    },
    list: (next) => {
      lists = next;
    },
  };
}

export const trunk = Origin.create({
  kind: 'mapping-gateway',
  name: 'demo-trunk',
  account: 'demo',
});
export const phone = Origin.create({ kind: 'phone', name: '1001', account: 'demo' });

export function request(callId: string, changes: Partial<RouteRequest> = {}): RouteRequest {
  return RouteRequest.create({
    callId,
    origin: trunk,
    caller: '1001',
    callee: '442079460000',
    sourceAddress: '127.0.0.2',
    ...changes,
  });
}

export function routedOf(response: RouteResponse): Routed {
  assert.equal(response.outcome?.$case, 'routed', JSON.stringify(response.decisions));
  return response.outcome.value;
}

export function reasonOf(response: RouteResponse): string {
  assert.equal(response.outcome?.$case, 'deny');
  return response.outcome.value.reason;
}

export function namesOf(response: RouteResponse): string[] {
  return routedOf(response).candidates.map((candidate) => candidate.gateway);
}

/** The facts of the decision about a subject, as an object. */
export function factsAbout(
  decisions: readonly Decision[],
  subject: string,
  check?: string,
): Record<string, string> {
  const found = decisions.find(
    (each) => each.subject === subject && (check === undefined || each.check === check),
  );
  assert.ok(found, `no decision about ${subject}: ${JSON.stringify(decisions)}`);
  return Object.fromEntries(found.facts.map(({ name, value }) => [name, value]));
}
