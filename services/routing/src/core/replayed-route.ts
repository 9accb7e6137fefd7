import { callSeconds, charge, formatMoney, readTariff, roundingOf } from '@tandem/domain';
import type { AcquireResult, LimitClaim } from '@tandem/limits';
import { Terms } from '@tandem/proto/billing';
import type {
  Candidate,
  ReplayedCall,
  ReplayedCandidate,
  ReplayedClaim,
} from '@tandem/proto/routing';
import { ReplayedRoute, Target } from '@tandem/proto/routing';
import type { NumberLists } from './number-lists.ts';
import { routeCall } from './route-call.ts';
import type { RoutingTables } from './routing-tables.ts';
import type { Whereabouts } from './rests.ts';

/** Candidates that are told: who replays a call needs those that it could have come to. */
const MOST_CANDIDATES = 16;

/** Who is registered, is somewhere: a replay sends nothing there. */
const somewhere: Whereabouts = {
  bindings: [
    {
      target: Target.create({
        uri: 'sip:registered.invalid',
        addresses: ['192.0.2.1:5060'],
        transport: 'udp',
      }),
      q: 1000,
      contact: 'sip:registered.invalid',
      source: '192.0.2.1:5060',
    },
  ],
  goneMs: 0,
};
const nowhere: Whereabouts = { bindings: [], goneMs: 0 };

/** A configuration for calls of the past. */
export interface ReplayTables {
  readonly routing: RoutingTables;
  /** Whose each phone and mapping gateway is, by its subject. */
  readonly accounts: ReadonlyMap<string, string>;
}

/**
 * Where a call of the past would go by some tables (OPS-08): the path of every call, with what nobody knows any more left out. All lines
 * are free and every account has money, which is for who replays to count; every gateway is there, rests nowhere, and has no quality.
 */
export async function replayRoute(
  tables: ReplayTables,
  call: ReplayedCall,
  lists: NumberLists,
): Promise<ReplayedRoute> {
  const asked: { fixed: readonly LimitClaim[]; choices: readonly (readonly LimitClaim[])[] } = {
    fixed: [],
    choices: [],
  };
  const where = call.isRegistered ? somewhere : nowhere;
  const { outcome } = await routeCall(
    tables.routing,
    {
      origin: originIn(tables, call),
      caller: call.caller,
      callee: call.callee,
      nowMs: call.atMs,
      lists,
      random: drawsFrom(call.seed),
    },
    {
      peek: () => Promise.resolve(free),
      take: ({ choices, fixed }) => {
        Object.assign(asked, { choices, fixed });
        return Promise.resolve(free);
      },
      batchSize: MOST_CANDIDATES,
      mostLeftOut: 0,
      isAnalysis: false,
      locate: () => Promise.resolve(where),
      locateAll: (gateways) => Promise.resolve(new Map(gateways.map((name) => [name, somewhere]))),
      turnsOf: () => Promise.resolve(new Map()),
    },
  );
  if (outcome?.$case !== 'routed') {
    return ReplayedRoute.create({ reason: outcome?.value.reason ?? 'InternalServerError' });
  }
  const { attemptLimit, candidates, customerTerms } = outcome.value;
  const paid = earnedBy(customerTerms, call.durationMs);
  return {
    reason: '',
    price: paid?.amount ?? '',
    currency: paid?.currency ?? '',
    fixed: asked.fixed.map(claimOf),
    candidates: candidates.map((candidate, at) =>
      candidateOf(candidate, asked.choices[at] ?? [], call.durationMs),
    ),
    attemptLimit,
  };
}

const free: AcquireResult = { kind: 'taken', choice: 0, skipped: [], balance: 0n };

/** Who called, with the account that the configuration gives it. */
function originIn(
  { accounts, routing }: ReplayTables,
  { origin }: ReplayedCall,
): { readonly kind: string; readonly name: string; readonly account: string } {
  const name = origin?.name ?? '';
  const given = origin?.kind ?? '';
  const isPhone = given === '' ? routing.phones.has(name) : given === 'phone';
  const kind = isPhone ? 'phone' : 'mapping-gateway';
  return { kind, name, account: accounts.get(`${kind} ${name}`) ?? '' };
}

function candidateOf(
  { account, gateway, vendorTerms }: Candidate,
  claims: readonly LimitClaim[],
  durationMs: number,
): ReplayedCandidate {
  const paid = paidBy(vendorTerms, durationMs);
  return {
    gateway,
    account,
    cost: paid?.amount ?? '',
    currency: paid?.currency ?? '',
    claims: claims.map(claimOf),
  };
}

function claimOf({ key, limit, per, reserved = 0 }: LimitClaim): ReplayedClaim {
  return { key, limit, perSecond: per === 'second', reserved };
}

interface Paid {
  readonly amount: string;
  readonly currency: string;
}

/** What the switch earns by a customer's terms: the topmost account pays it, as for its profit (ROUTE-11, ADR 101). */
function earnedBy(encoded: Uint8Array, durationMs: number): Paid | undefined {
  if (encoded.length === 0) return undefined;
  const terms = Terms.decode(encoded);
  return chargedBy(terms.resellers.at(-1) ?? terms, durationMs);
}

function paidBy(encoded: Uint8Array, durationMs: number): Paid | undefined {
  return encoded.length === 0 ? undefined : chargedBy(Terms.decode(encoded), durationMs);
}

/** What is charged by some terms, as billing charges it; undefined where nothing is. */
function chargedBy(terms: Terms, durationMs: number): Paid | undefined {
  if (durationMs === 0) return undefined;
  const seconds = callSeconds(durationMs, roundingOf(terms.rounding));
  const { price } = charge(readTariff(terms), seconds);
  return { amount: formatMoney(price), currency: terms.currency };
}

/** The same draws for the same text (mulberry32): both sides of a replay, and one that goes on elsewhere, draw alike. */
function drawsFrom(seed: string): () => number {
  let state = 0x811c_9dc5;
  for (let at = 0; at < seed.length; at++) {
    state = Math.imul(state ^ seed.charCodeAt(at), 0x0100_0193);
  }
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
