import { hasIdentityTerm, refusals } from '@tandem/domain';
import type { DecisionRecord, Refusal, RefusalReason } from '@tandem/domain';
import { heldKeys } from '@tandem/limits';
import type { AcquireRequest, AcquireResult } from '@tandem/limits';
import type { Candidate, PhoneDevice, RouteResponse } from '@tandem/proto/routing';
import { targetsOfPlaces } from '@tandem/sip-names';
import {
  chosenDecision,
  fullDecisions,
  leftOutDecisions,
  lineLimitDecision,
  nameDecisions,
  offlineDecisions,
  moneyDecisions,
  moneyRefusal,
  passedDecisions,
  rateDecisions,
} from './call-decisions.ts';
import { locatedDecision, registeredTargets } from './called-phone.ts';
import { dynamicGatewaysFor } from './candidates.ts';
import type { Route } from './candidates.ts';
import { applyCallRules } from './call-numbers.ts';
import type { CallByNumbers } from './call-numbers.ts';
import { readDialled } from './dialled.ts';
import { candidateIdentity } from './candidate-identity.ts';
import type { CallerOfCandidate } from './candidate-identity.ts';
import { keepingNumbers, sentNumbers } from './gateway-numbers.ts';
import type { SentNumbers } from './gateway-numbers.ts';
import { poolsInTurn } from './number-pools.ts';
import type { PoolPicks } from './number-pools.ts';
import { gatewaySubject } from './gateway-subject.ts';
import { offlinePlaces, withoutOffline } from './health/offline-places.ts';
import { balanceClaim, longestCall } from './levels.ts';
import type { Level } from './levels.ts';
import { mediaPlanOf } from './media-plan.ts';
import { originOf } from './call-origin.ts';
import { planCall, policyFor, routesTo } from './plan.ts';
import type { Plan, Question } from './plan.ts';
import { plainCaller } from './read-caller.ts';
import type { CallerReading } from './read-caller.ts';
import type { RateMemo } from './rate-memo.ts';
import type { Moment, Whereabouts } from './rests.ts';
import { tooManyCallsDecision } from './rules/calls-per-second.ts';
import { claimsAt } from './rules/group-capacity.ts';
import { nameCalled } from './routing-tables.ts';
import { withScheme } from './sips.ts';
import type { OriginEntry, RoutingTables } from './routing-tables.ts';

/** Money and lines: the ledger's `acquire` for a call, its `peek` for an analysis. */
type AskLedger = (
  request: Pick<AcquireRequest, 'fixed' | 'choices' | 'balance' | 'resellers'>,
) => Promise<AcquireResult>;

export interface RouteCallOptions {
  /** What a balance alone is asked with: nothing is taken for a call that has no route. */
  readonly peek: AskLedger;
  readonly take: AskLedger;
  /**
   * The most candidates that one request to the ledger and one answer have; further ones are asked for only when all
   * of these are full.
   */
  readonly batchSize: number;
  /** The most left-out gateways that are told: a record that is kept with each call must stay small. */
  readonly mostLeftOut: number;
  /** ROUTE-12: tells every candidate, and goes on after a refusal. */
  readonly isAnalysis: boolean;
  /** ROUTE-01: where a phone, or dynamic gateway, is registered; with `device`, where that one device is. */
  readonly locate: (username: string, device: PhoneDevice | undefined) => Promise<Whereabouts>;
  /** The same of gateways, of each whatever is known: never rejects. */
  readonly locateAll: (gateways: readonly string[]) => Promise<ReadonlyMap<string, Whereabouts>>;
  /** How many calls each of these pools has had before this one, as far as that is known: never rejects. */
  readonly turnsOf: (pools: readonly string[]) => Promise<ReadonlyMap<string, number>>;
}

/** Decides one call: the same path for a call and for an analysis (ROUTE-12). */
export async function routeCall(
  tables: RoutingTables,
  received: Question,
  options: RouteCallOptions,
): Promise<RouteResponse> {
  const { question: read, reading, decisions, refusal } = readNumbers(tables, received);
  const callerAnswers = originOf(tables, read)?.answers;
  const asserted = reading.isReceived ? reading.received : '';
  if (refusal !== undefined) return { ...deny(refusal, decisions), asserted, callerAnswers };
  const question = await locating(tables, read, options);
  const { outcome, decisions: further } = await routeNumber(tables, {
    question,
    reading,
    options,
  });
  return {
    outcome,
    decisions: [...decisions, ...reading.decisions, ...further],
    asserted,
    callerAnswers,
  };
}

/** The numbers as received, read, and as the rules of the calling side have left them. */
export function readNumbers(
  tables: RoutingTables,
  received: Question,
): Omit<CallByNumbers, 'refusal'> & { readonly refusal: RefusalReason | undefined } {
  const { question, decisions, refusal } = readDialled(received);
  if (refusal !== undefined) return { question, reading: plainCaller, decisions, refusal };
  const made = applyCallRules(tables, question);
  return { ...made, decisions: [...decisions, ...made.decisions] };
}

/** ROUTE-01, ROUTE-02: with where those are who are called, as far as they register here. */
async function locating(
  tables: RoutingTables,
  question: Question,
  { locate, locateAll }: RouteCallOptions,
): Promise<Question> {
  const username = nameCalled(tables, question.callee);
  const own = username === undefined ? undefined : await locate(username, question.device);
  const phone = username === undefined || own === undefined ? undefined : { username, ...own };
  if (phone !== undefined && phone.bindings.length > 0) {
    return { ...question, phone, whereabouts: new Map([[phone.username, phone]]) };
  }
  const gateways = dynamicGatewaysFor(tables, question.callee);
  // Most calls are to numbers that no such gateway takes.
  const whereabouts = gateways.length === 0 ? undefined : await locateAll(gateways);
  return { ...question, phone, whereabouts };
}

/** All but whose number stood for the caller, and what the caller's own gateway says. */
type Decided = Omit<RouteResponse, 'asserted' | 'callerAnswers'>;

interface Asked {
  readonly question: Question;
  readonly reading: CallerReading;
  readonly options: RouteCallOptions;
}

async function routeNumber(tables: RoutingTables, asked: Asked): Promise<Decided> {
  const plan = planCall(tables, asked.question, asked.reading);
  const made = await routePlanned(tables, asked, plan);
  const { allowed } = plan;
  return allowed === undefined ? made : { ...made, decisions: [...allowed, ...made.decisions] };
}

async function routePlanned(tables: RoutingTables, asked: Asked, plan: Plan): Promise<Decided> {
  switch (plan.kind) {
    case 'refused':
      return refusedEarly(tables, { plan, ...asked });
    case 'no-route':
      return noRoute(tables, { plan, ...asked });
    case 'routes':
      return takeRoute(tables, { plan, ...asked });
  }
}

interface Refusing extends Asked {
  readonly plan: Extract<Plan, { kind: 'refused' }>;
}

function refusedEarly(
  tables: RoutingTables,
  { plan, question, reading, options }: Refusing,
): Decided {
  if (!options.isAnalysis) return deny(plan.reason, [plan.decision]);
  const found = routesTo(tables, question, plan.rate);
  const { routes, leftOut } = keepingNumbers(tables, found, { question, reading });
  return deny(plan.reason, [
    plan.decision,
    ...leftOutDecisions(leftOut, options.mostLeftOut, question.nowMs),
    ...passedDecisions(routes, policyFor(tables, question), question.nowMs),
  ]);
}

interface Homeless extends Asked {
  readonly plan: Extract<Plan, { kind: 'no-route' }>;
}

async function noRoute(
  tables: RoutingTables,
  { plan, question: { nowMs }, options: { peek, mostLeftOut } }: Homeless,
): Promise<Decided> {
  const { leftOut, levels } = plan;
  const claims = claimsOf(tables, levels);
  const asked = await peek({ fixed: [], choices: [], ...claims });
  const money = moneyDecisions(levels, { asked, atMs: nowMs, claims });
  const before = rateDecisions(levels, nowMs);
  const refusal = moneyRefusal(asked);
  if (refusal !== undefined) return deny(refusal, [...before, ...money]);
  return deny(plan.reason, [
    ...before,
    ...money,
    ...leftOutDecisions(leftOut, mostLeftOut, nowMs),
    plan.decision,
  ]);
}

interface Routing extends Asked {
  readonly plan: Extract<Plan, { kind: 'routes' }>;
}

async function takeRoute(tables: RoutingTables, routing: Routing): Promise<Decided> {
  const { plan, question, options } = routing;
  const { fixed, levels, routes } = plan;
  const { nowMs } = question;
  const claims = claimsOf(tables, levels);
  const full: DecisionRecord[] = [];
  let asked: AcquireResult | undefined;
  for (let from = 0; from < routes.length; from += options.batchSize) {
    const batch = routes.slice(from, from + options.batchSize);
    const choices = batch.map((route) => claimsAt(route.gateway, nowMs));
    asked = await options.take({ fixed, choices, ...claims });
    full.push(...fullDecisions(asked, batch, nowMs));
    if (asked.kind === 'taken') {
      return routed(tables, { ...routing, batch, taken: asked, full });
    }
    if (asked.kind !== 'all-full') break;
  }
  asked ??= { kind: 'all-full', skipped: [], balance: undefined };
  return notTaken(tables, { ...routing, asked, claims, full });
}

type Claims = Pick<AcquireRequest, 'balance' | 'resellers'>;

/** The money of all who pay for a call, its account's own first. */
function claimsOf({ memo }: RoutingTables, levels: readonly Level[]): Claims {
  const [balance, ...resellers] = levels.map((level) => balanceClaim(memo, level));
  return resellers.length === 0 ? { balance } : { balance, resellers };
}

interface NotTaken extends Routing {
  readonly asked: AcquireResult;
  readonly claims: Claims;
  readonly full: readonly DecisionRecord[];
}

function notTaken(tables: RoutingTables, routing: NotTaken): Decided {
  const { plan, question, options, asked, claims, full } = routing;
  const { leftOut, levels, routes } = plan;
  const { nowMs } = question;
  const before = [
    ...rateDecisions(levels, nowMs),
    ...moneyDecisions(levels, { asked, atMs: nowMs, claims }),
  ];
  const candidates = options.isAnalysis
    ? passedDecisions(routes, policyFor(tables, question), nowMs)
    : [];
  const refusal = moneyRefusal(asked);
  if (refusal !== undefined) return deny(refusal, [...before, ...candidates]);
  if (asked.kind === 'full') {
    const isRate = asked.line.per !== undefined;
    const limit = isRate
      ? tooManyCallsDecision(asked.line, nowMs)
      : lineLimitDecision(asked.line, nowMs);
    // ROUTE-15, DENY-07
    const reason = isRate ? 'CpsLimitExceeded' : 'LineLimitExceeded';
    return deny(reason, [...before, limit, ...candidates]);
  }
  return deny('AllGatewayBusy', [
    ...before,
    ...leftOutDecisions(leftOut, options.mostLeftOut, nowMs),
    ...full.slice(0, options.mostLeftOut),
  ]);
}

interface Taken extends Routing {
  readonly batch: readonly Route[];
  readonly taken: Extract<AcquireResult, { kind: 'taken' }>;
  readonly full: readonly DecisionRecord[];
}

async function routed(tables: RoutingTables, routing: Taken): Promise<Decided> {
  const { plan, question, options, batch, taken, full } = routing;
  const { fixed, levels, origin, leftOut } = plan;
  const { nowMs } = question;
  const chosen = batch[taken.choice];
  const sent = await sentTo(tables, routing);
  const policy = policyFor(tables, question);
  return {
    outcome: {
      $case: 'routed',
      value: {
        candidates: batch.map((route, at) =>
          candidateOf(route, routing, {
            memo: tables.memo,
            media: mediaOf(origin, route),
            sent: sent?.[at],
          }),
        ),
        chosen: taken.choice,
        lines: heldKeys([...fixed, ...(chosen?.gateway.lines ?? [])]),
        customerTerms: tables.memo.customerTerms(levels),
        // BILL-05: an edge that reserves slices goes by those, which a payment in the call lengthens; this one holds where the
        // reservation was lost before the answer.
        maxDurationSeconds: longestCall(tables.memo, levels, taken),
        attemptLimit: tables.parameters.SS_GATEWAY_SWITCH_LIMIT,
        stopSwitchAfterSdp: tables.parameters.SS_SIP_STOP_SWITCH_AFTER_SDP,
      },
    },
    decisions: [
      ...rateDecisions(levels, nowMs),
      ...moneyDecisions(levels, { asked: taken, atMs: nowMs }),
      ...leftOutDecisions(leftOut, options.mostLeftOut, nowMs),
      ...full.slice(0, options.mostLeftOut),
      ...(chosen === undefined ? [] : choiceDecisions(chosen, { batch, policy }, question)),
      ...(sent ?? []).flatMap(({ decisions }) => decisions).slice(0, options.mostLeftOut),
      ...(options.isAnalysis ? passedDecisions(freeBesides(batch, taken), policy, nowMs) : []),
    ],
  };
}

/** The numbers as each gateway gets them; undefined where nothing is said of any. */
async function sentTo(
  tables: RoutingTables,
  routing: Pick<Taken, 'batch' | 'options' | 'question' | 'reading'>,
): Promise<readonly SentNumbers[] | undefined> {
  const { batch, options, question } = routing;
  if (tables.numbers === undefined || tables.numbers.gateways.size === 0) return undefined;
  const pools = poolsInTurn(tables, batch);
  const turns = pools.length === 0 ? noTurns : await options.turnsOf(pools);
  const picks = { random: question.random(), turns };
  return batch.map((route) => sentNumbers(tables, route, { ...routing, picks }));
}

const noTurns: PoolPicks['turns'] = new Map();

/** Who a gateway is told that calls: by the numbers that are sent to it. */
function callerTo(routing: Routing, sent: SentNumbers | undefined): CallerOfCandidate {
  const { plan, question, reading } = routing;
  if (sent === undefined) return { ...plan, question, reading };
  const { asserted, caller } = sent;
  return { ...plan, question: { ...question, caller }, reading: { ...reading, asserted } };
}

function choiceDecisions(
  chosen: Route,
  choice: Omit<Parameters<typeof chosenDecision>[1], 'atMs'>,
  at: Moment,
): DecisionRecord[] {
  const { bindings, isItself } = chosen;
  const { nowMs } = at;
  const located = bindings === undefined ? [] : [locatedDecision(chosen, bindings, nowMs)];
  return isItself === true
    ? located
    : [
        chosenDecision(chosen, { ...choice, atMs: nowMs }),
        ...located,
        ...nameDecisions(chosen, nowMs),
        ...offlineDecisions(chosen, at),
      ];
}

function candidateOf(
  route: Route,
  routing: Routing,
  {
    memo,
    media,
    sent,
  }: {
    readonly memo: RateMemo;
    readonly media: Candidate['media'];
    readonly sent: SentNumbers | undefined;
  },
): Candidate {
  const { gateway, rate } = route;
  const { isSips } = routing.question;
  const { caller, callee } = sent ?? routing.question;
  const { candidate, certificate, localAddress: local, places } = gateway;
  const isPhone = hasIdentityTerm(candidate.dialog?.identityB ?? 0, 'userPhone');
  const called = { callee, local, isPhone, certificate };
  const reached =
    route.bindings === undefined
      ? withoutOffline(
          targetsOfPlaces(places, called, routing.question.random),
          offlinePlaces(gateway, routing.question),
        )
      : registeredTargets(route, route.bindings, called);
  const targets = withScheme(reached, isSips === true);
  const isPaid = rate !== undefined && gateway.account !== undefined;
  return {
    ...gateway.candidate,
    ...candidateIdentity(gateway, callerTo(routing, sent)),
    ...(route.isItself === true ? {} : { prefix: route.prefix }),
    caller,
    callee,
    addresses: targets.flatMap(({ addresses }) => addresses),
    media,
    targets,
    vendorTerms: isPaid ? memo.terms(gateway.account, rate) : gateway.candidate.vendorTerms,
  };
}

/** Nothing is made of it where neither side asks for a relay, as for most. */
function mediaOf(origin: OriginEntry, { gateway }: Route): Candidate['media'] {
  const { media, subject } = origin;
  const isPassing = (media === undefined || media.mode === 'pass') && gateway.media.mode === 'pass';
  if (isPassing) return undefined;
  const caller = media === undefined ? undefined : { subject, media };
  return mediaPlanOf(caller, {
    subject: gatewaySubject(gateway.name),
    media: gateway.media,
  });
}

function freeBesides(
  batch: readonly Route[],
  { choice, skipped }: Extract<AcquireResult, { kind: 'taken' }>,
): Route[] {
  const known = new Set([choice, ...skipped.map((skip) => skip.choice)]);
  return batch.filter((_, index) => !known.has(index));
}

function deny(reason: RefusalReason, decisions: readonly DecisionRecord[]): Decided {
  const refusal: Refusal = refusals[reason];
  return {
    outcome: {
      $case: 'deny',
      value: { reason, retryAfterSeconds: refusal.retryAfterSeconds ?? 0 },
    },
    decisions: [...decisions],
  };
}
