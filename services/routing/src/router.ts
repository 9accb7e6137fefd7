import { SwitchError } from '@tandem/domain';
import type { LineLedger, LineUse, PoolTurns, Precondition } from '@tandem/limits';
import { AnalyseResponse } from '@tandem/proto/routing';
import type {
  AnalyseRequest,
  EndRestRequest,
  EndRestResponse,
  ListLinesResponse,
  ListRestsResponse,
  NextCandidateRequest,
  NextCandidateResponse,
  PhoneDevice,
  RedirectedTo,
  RestRequest,
  RestResponse,
  RouteRequest,
  RouteResponse,
} from '@tandem/proto/routing';
import { keyOfSubject, subjectOf } from './core/line-keys.ts';
import { answerFailover, planFailover } from './core/next-candidate.ts';
import { chargeFor, describePrice, findRate } from './core/rates.ts';
import { nameOfContact, redirectedTo } from './core/redirections.ts';
import { namesOfDynamic } from './core/candidates.ts';
import type { NumberLists } from './core/number-lists.ts';
import type { Moment, Whereabouts } from './core/rests.ts';
import { readNumbers, routeCall } from './core/route-call.ts';
import { limitsAt } from './core/rules/group-capacity.ts';
import type { RouteCallOptions } from './core/route-call.ts';
import type { RoutingTables } from './core/routing-tables.ts';
import type { RestingGateways } from './resting-gateways.ts';
import type { PhoneLocator, RedirectNames } from './ports.ts';
import type { Throttling } from './throttle/throttling.ts';

/** A call that rings is held this long unless the edge renews its lines (ROUTE-05). */
const RINGING_LEASE_MS = 240_000;
/** Candidates per question to the ledger and per answer; more are asked for while all of these are full. */
const BATCH_SIZE = 32;
/** A decision is kept with the call: it names this many gateways that were passed over, an analysis all. */
const MOST_LEFT_OUT = 8;
/** Lines are counted so many limits at a time. */
const KEYS_PER_COUNT = 1000;

export interface RouterParts {
  /** The tables in effect; undefined before the first configuration. */
  readonly tables: () => RoutingTables | undefined;
  readonly lines: LineLedger;
  readonly rests: Pick<RestingGateways, 'begin' | 'current' | 'end' | 'list'>;
  /** Whose turn it is in pools of numbers. @default every turn is taken by chance */
  readonly turns?: PoolTurns | undefined;
  /** The numberLists that have been imported. @default none */
  readonly lists?: (() => NumberLists) | undefined;
  /** @default no phone is registered */
  readonly phones?: PhoneLocator | undefined;
  /** Carriers that do not have our registration. @default none is known of */
  readonly unregistered?: (() => Moment['unregistered']) | undefined;
  /** What is left at vendors. @default nobody asks */
  readonly vendorFunds?: (() => Moment['vendorFunds']) | undefined;
  /** Gateways some address of which is off line. @default none is known of */
  readonly health?: (() => Moment['health']) | undefined;
  /** How gateways do of late. @default nobody knows */
  readonly quality?: (() => Moment['quality']) | undefined;
  /** Gateways that get fewer calls. @default nobody knows of any */
  readonly throttling?: Pick<Throttling, 'current' | 'release'> | undefined;
  /** @default names that carriers send calls on to lead nowhere */
  readonly names?: RedirectNames | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** In [0, 1). @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** The operations of routing: tables and ledger around the pure core. */
export class Router {
  readonly #parts: RouterParts;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /**
   * Decides where a call goes and takes its lines. Repeating it with the same call id takes nothing twice.
   * @param onlyIf no line is taken unless the store of the lines holds this: SWITCH_PRECONDITION_UNMET
   * @throws SwitchError SWITCH_STORE_UNAVAILABLE, SWITCH_SERVICE_UNAVAILABLE before the first configuration
   */
  async route(request: RouteRequest, onlyIf?: Precondition): Promise<RouteResponse> {
    const { callId, caller, callee, device, identity, isSips, takesNoLines, verification } =
      request;
    const { lines, now, rests } = this.#parts;
    const origin = request.origin ?? NOBODY;
    const question = {
      origin,
      caller,
      callee,
      device,
      isSips,
      nowMs: now(),
      rests: rests.current,
      unregistered: this.#parts.unregistered?.(),
      vendorFunds: this.#parts.vendorFunds?.(),
      health: this.#parts.health?.(),
      quality: this.#parts.quality?.(),
      throttles: this.#parts.throttling?.current,
      identity,
      verification,
      lists: this.#parts.lists?.(),
      random: this.#parts.random ?? Math.random,
    };
    return routeCall(this.#tables(), question, {
      peek: (ask) => lines.peek({ callId, ...ask }),
      take: (ask) =>
        takesNoLines
          ? lines.peek({ callId, ...withoutLines(ask) })
          : lines.acquire({ callId, leaseMs: RINGING_LEASE_MS, onlyIf, ...ask }),
      batchSize: BATCH_SIZE,
      mostLeftOut: MOST_LEFT_OUT,
      isAnalysis: false,
      ...this.#locating(request.traceParent),
      turnsOf: (pools) => this.#turnsOf(pools, (turns, pool) => turns.take(pool)),
    });
  }

  /** ROUTE-06: gives the failed gateway's lines back and takes those of the next free one. */
  async nextCandidate(request: NextCandidateRequest): Promise<NextCandidateResponse> {
    const { callId, failedGateway, gateways, lines, redirected } = request;
    const nowMs = this.#parts.now();
    const rests = this.#parts.rests.current;
    const tables = this.#tables();
    const dynamic = namesOfDynamic(
      gateways.flatMap((name) => tables.routingGateways.get(name) ?? []),
    );
    const { locateAll } = this.#locating(request.traceParent);
    const whereabouts = dynamic.length === 0 ? undefined : await locateAll(dynamic);
    const unregistered = this.#parts.unregistered?.();
    const vendorFunds = this.#parts.vendorFunds?.();
    const health = this.#parts.health?.();
    const moment = { nowMs, rests, unregistered, health, vendorFunds, whereabouts };
    const failover = { failedGateway, gateways, lines, ...moment };
    const plan = planFailover(tables, failover);
    const advance = { callId, leaseMs: RINGING_LEASE_MS, ...plan.request };
    const [result, ...places] = await Promise.all([
      this.#parts.lines.advance(advance),
      ...redirected.map((uri) => this.#redirectedTo(uri)),
    ]);
    return { ...answerFailover(plan, result), redirected: places };
  }

  async #redirectedTo(uri: string): Promise<RedirectedTo> {
    const { names, random = Math.random } = this.#parts;
    try {
      if (names === undefined) throw new Error('names are not looked up');
      return redirectedTo(uri, await names.find(nameOfContact(uri)), random);
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      return { uri, targets: [], cause };
    }
  }

  /** ROUTE-06: leaves a gateway out for as long as its carrier has asked, and SS_GATEWAY_RETRY_AFTER_LIMIT allows. */
  async rest({ gateway, seconds, callId }: RestRequest): Promise<RestResponse> {
    const { parameters, routingGateways } = this.#tables();
    const longest = Math.min(seconds, parameters.SS_GATEWAY_RETRY_AFTER_LIMIT);
    if (longest > 0 && routingGateways.has(gateway)) {
      await this.#parts.rests.begin({ gateway, seconds: longest, callId });
    }
    return {};
  }

  /** Who rests, and until when. */
  async listRests(): Promise<ListRestsResponse> {
    const { now, rests } = this.#parts;
    const nowMs = now();
    const found = await rests.list();
    return {
      rests: found.map(({ leftMs, ...rest }) => ({ ...rest, untilMs: nowMs + leftMs })),
    };
  }

  /** Uses a gateway again before its time, with all of its calls (ROUTE-06, ROUTE-16). */
  async endRest({ gateway }: EndRestRequest): Promise<EndRestResponse> {
    const { rests, throttling } = this.#parts;
    const [hasRested, wasThrottled] = await Promise.all([
      rests.end(gateway),
      throttling?.release(gateway),
    ]);
    return { ended: hasRested || wasThrottled === true };
  }

  /** ROUTE-12: what `route` would say, about every candidate, without taking or keeping anything. */
  async analyse(request: AnalyseRequest): Promise<AnalyseResponse> {
    const { caller, callee, atMs, isSips } = request;
    const tables = this.#tables();
    const origin = request.origin ?? NOBODY;
    const peek = (ask: Parameters<LineLedger['peek']>[0]) => this.#parts.lines.peek(ask);
    const { now, rests } = this.#parts;
    const nowMs = atMs === 0 ? now() : atMs;
    const unregistered = this.#parts.unregistered?.();
    const health = this.#parts.health?.();
    const quality = this.#parts.quality?.();
    const throttles = this.#parts.throttling?.current;
    const lists = this.#parts.lists?.();
    const vendorFunds = this.#parts.vendorFunds?.();
    const moment = {
      nowMs,
      rests: rests.current,
      unregistered,
      health,
      quality,
      throttles,
      lists,
      vendorFunds,
    };
    const random = this.#parts.random ?? Math.random;
    const question = { origin, caller, callee, isSips, random, ...moment };
    const route = await routeCall(tables, question, {
      peek: (ask) => peek({ callId: '', ...ask }),
      take: (ask) => peek({ callId: '', ...ask }),
      batchSize: Infinity,
      mostLeftOut: Infinity,
      isAnalysis: true,
      ...this.#locating(''),
      turnsOf: (pools) => this.#turnsOf(pools, (turns, pool) => turns.peek(pool)),
    });
    const { question: read, refusal } = readNumbers(tables, question);
    const rate =
      refusal === undefined
        ? findRate(tables.accounts.get(origin.account)?.rateGroup, read.callee, nowMs)
        : undefined;
    return AnalyseResponse.create({
      route: withoutPasswords(route),
      price: rate === undefined ? '' : describePrice(rate),
      configurationVersion: tables.version,
      charge: rate === undefined ? undefined : chargeFor(rate, request.seconds),
    });
  }

  /**
   * Who holds the lines of a limit (`account demo`), of several with commas, or of every limit that is set or in use.
   * @param isBrief how many are in use of limits that are set, without who holds them: it costs the same however many calls are up
   */
  async listLines(subject: string, isBrief = false): Promise<ListLinesResponse> {
    const tables = this.#tables();
    const limits = limitsAt(tables.limits, tables.groups, this.#parts.now());
    if (isBrief) return { lines: await this.#countLines(limits) };
    const asked = subject === '' ? [] : subject.split(',').map(keyOfSubject);
    const found =
      asked.length === 0
        ? [await this.#parts.lines.list()]
        : await Promise.all(asked.map((key) => this.#parts.lines.list(key)));
    const uses = new Map(found.flat().map((use) => [use.key, use]));
    const keys = new Set(asked.length === 0 ? [...uses.keys(), ...configured(limits)] : asked);
    return {
      lines: [...keys].sort().map((each) => lineUse(each, uses.get(each), limits.get(each) ?? 0)),
    };
  }

  async #countLines(limits: ReadonlyMap<string, number>): Promise<ListLinesResponse['lines']> {
    const keys = configured(limits).sort();
    const lines: ListLinesResponse['lines'] = [];
    for (let from = 0; from < keys.length; from += KEYS_PER_COUNT) {
      const some = keys.slice(from, from + KEYS_PER_COUNT);
      const counts = await this.#parts.lines.count(some);
      for (const [at, key] of some.entries()) {
        const limit = limits.get(key) ?? 0;
        lines.push({ subject: subjectOf(key), limit, inUse: counts[at] ?? 0, holders: [] });
      }
    }
    return lines;
  }

  #locating(traceParent: string): Pick<RouteCallOptions, 'locate' | 'locateAll'> {
    const { phones } = this.#parts;
    const locate = async (phone: string, device?: PhoneDevice): Promise<Whereabouts> =>
      phones === undefined ? nowhere : phones.locate({ phone, device, traceParent });
    const locateAll = async (gateways: readonly string[]) => {
      const places = gateways.map((gateway) => locate(gateway).catch(unknownPlace));
      const found = await Promise.all(places);
      return new Map(gateways.map((gateway, at) => [gateway, found[at] ?? nowhere]));
    };
    return { locate, locateAll };
  }

  /** Of a pool whose turn nobody can say none is said: its number is taken by chance. */
  async #turnsOf(
    pools: readonly string[],
    turnOf: (turns: PoolTurns, pool: string) => Promise<number>,
  ): Promise<ReadonlyMap<string, number>> {
    const { turns } = this.#parts;
    if (turns === undefined) return new Map();
    const asked = await Promise.allSettled(pools.map((pool) => turnOf(turns, pool)));
    return new Map(
      pools.flatMap((pool, at) => {
        const turn = asked[at];
        return turn?.status === 'fulfilled' ? [[pool, turn.value]] : [];
      }),
    );
  }

  #tables(): RoutingTables {
    const tables = this.#parts.tables();
    if (tables === undefined) {
      throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', 'routing has no configuration yet');
    }
    return tables;
  }
}

const nowhere: Whereabouts = { bindings: [], goneMs: 0 };

/** ROUTE-02: a gateway that nobody can find takes no call, and others do. */
function unknownPlace(error: unknown): Whereabouts {
  return { ...nowhere, fault: error instanceof Error ? error.message : String(error) };
}

/** What a message asks the ledger: whether there is money. */
function withoutLines({ balance, choices, resellers }: LedgerQuestion): LedgerQuestion {
  return { fixed: [], choices: choices.map(() => []), balance, resellers };
}

type LedgerQuestion = Pick<
  Parameters<LineLedger['peek']>[0],
  'fixed' | 'choices' | 'balance' | 'resellers'
>;

/** The origin of a request that names none: not in any configuration. */
const NOBODY = { kind: 'phone', name: '', account: '' };

/** Limits to be listed though nobody holds them; there may be a million phones. */
function configured(limits: ReadonlyMap<string, number>): string[] {
  return [...limits.keys()].filter((key) => !key.startsWith('phone:'));
}

function lineUse(
  key: string,
  use: LineUse | undefined,
  limit: number,
): ListLinesResponse['lines'][number] {
  return {
    subject: subjectOf(key),
    limit,
    inUse: use?.inUse ?? 0,
    holders: (use?.holders ?? []).map((holder) => ({ ...holder })),
  };
}

/** An analysis is read by people (AUTH-12). */
function withoutPasswords(response: RouteResponse): RouteResponse {
  const { outcome } = response;
  if (outcome?.$case !== 'routed') return response;
  const candidates = outcome.value.candidates.map((each) => ({ ...each, password: '' }));
  return { ...response, outcome: { $case: 'routed', value: { ...outcome.value, candidates } } };
}
