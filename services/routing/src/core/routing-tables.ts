import { dynamicGateways, readParameters, RouteOwners } from '@tandem/config';
import type {
  Account,
  MappingGateway,
  MediaSettings,
  PackedRoutes,
  ParameterValues,
  Phone,
  Rate,
  SlimConfiguration,
  SlimRoutingGateway,
  Snapshot,
} from '@tandem/config';
import {
  atOnce,
  bareNumber,
  eachInSteps,
  identityTermsOf,
  numberOfUsername,
  parseMoney,
  PrefixIndex,
  PrefixTable,
} from '@tandem/domain';
import type { Nanos, Steps } from '@tandem/domain';
import type { LimitClaim } from '@tandem/limits';
import { Candidate, type AnswerTerms, type DialogTerms, type Timers } from '@tandem/proto/routing';
import { placeOf, transportOfPlaces, withPort } from '@tandem/sip-names';
import type { NameSource, Place } from '@tandem/sip-names';
import { answerTermsOf, callerTermsOf } from './answer-terms.ts';
import { callTypeTable } from './call-type-table.ts';
import { standardPolicy } from './order/route-order.ts';
import type { Ordering } from './order/route-order.ts';
import { allowedCallersOf } from './rules/allowed-callers.ts';
import type { AllowedCallers } from './rules/allowed-callers.ts';
import { callsPerSecond } from './rules/calls-per-second.ts';
import { groupEntry } from './rules/group-capacity.ts';
import type { GroupEntry } from './rules/group-capacity.ts';
import { profitTermsOf } from './rules/profit.ts';
import type { ProfitTerms } from './rules/profit.ts';
import { scheduleOf } from './rules/schedule.ts';
import type { Schedule } from './rules/schedule.ts';
import { checkTermsOf } from './health/check-terms.ts';
import type { CheckTerms } from './health/check-terms.ts';
import { throttleTermsOf } from './throttle/throttle-terms.ts';
import type { ThrottleTerms } from './throttle/throttle-terms.ts';
import { lineKey } from './line-keys.ts';
import { numberTables } from './number-tables.ts';
import type { NumberTables } from './number-tables.ts';
import { signers } from './signing.ts';
import type { Certificate } from './signing.ts';
import { RateMemo } from './rate-memo.ts';
import { RateSheets } from './rate-sheets.ts';

/** What one version of the configuration says about routing, ready to be looked up. Never changed once built. */
export interface RoutingTables {
  readonly version: number;
  readonly accounts: ReadonlyMap<string, AccountEntry>;
  readonly phones: ReadonlyMap<string, OriginEntry>;
  /** Usernames of phones by their numbers, where those are written otherwise; and names of dynamic gateways by theirs. */
  readonly calledNames: ReadonlyMap<string, string>;
  readonly mappingGateways: ReadonlyMap<string, OriginEntry>;
  /** Names of types of call by prefix (DENY-04); undefined where there are none. */
  readonly callTypes: PrefixTable<string> | undefined;
  readonly routingGateways: ReadonlyMap<string, GatewayEntry>;
  /** Rules, lists and pools (ROUTE-10); undefined where there are none. */
  readonly numbers: NumberTables | undefined;
  /** Whether any routing gateway registers here (ROUTE-02). */
  readonly hasDynamic: boolean;
  /** Whether any gets calls only while it has our registration (REG-08). */
  readonly hasRegistrations: boolean;
  /** Gateways that are asked by OPTIONS whether they are there (ROUTE-07). */
  readonly checks: ReadonlyMap<string, CheckTerms>;
  /** Routing gateways under each of their prefixes, by priority, then name (ROUTE-04). */
  readonly routes: PrefixTable<GatewayEntry>;
  /** Every limit that is not 0, by line key. */
  readonly limits: ReadonlyMap<string, number>;
  /** Those of groups may be others for a time: `limitsAt`. */
  readonly groups: readonly GroupEntry[];
  readonly memo: RateMemo;
  /** Of whom names none (ROUTE-04). */
  readonly policy: Ordering['policy'];
  readonly parameters: ParameterValues;
  /** All of the candidate of a phone that does not depend on the phone or the call (ROUTE-01). */
  readonly phoneCandidate: Candidate;
}

export interface AccountEntry {
  readonly name: string;
  readonly isLocked: boolean;
  readonly validUntil: string | undefined;
  readonly validUntilMs: number;
  readonly overdraft: Nanos;
  /** Calls reserve what they cost as they go on (BILL-05). */
  readonly isPrepaid: boolean;
  readonly rateGroup: RateGroupEntry | undefined;
  /** Above it, from the one next to it on up: each owes its own price for its calls (BILL-01). @default none */
  readonly resellers: readonly AccountEntry[];
  /** Its line, and its calls per second where they are limited. */
  readonly lines: readonly LimitClaim[];
  /** Ranges of numbers that are its own; undefined where none is said to be. */
  readonly owned: PrefixTable<true> | undefined;
  readonly callerId: string | undefined;
  /** What its calls are signed with. */
  readonly certificate: Certificate | undefined;
  /** Types of call that it may make (DENY-04); undefined: all. */
  readonly callTypes: ReadonlySet<string> | undefined;
  /** How its calls are routed; undefined: as all others. */
  readonly policy: Ordering['policy'] | undefined;
  /** What its calls must bring, and may cost it (BILL-08). */
  readonly profit: ProfitTerms;
}

export interface RateGroupEntry {
  readonly name: string;
  readonly currency: string;
  readonly rates: PrefixTable<Rate>;
  /** Version of the sheet that was imported; 0 = the rates are those of the configuration. */
  readonly sheetVersion: number;
}

/** The rate of a number in a group. */
export interface RateMatch {
  readonly group: RateGroupEntry;
  readonly prefix: string;
  readonly rate: Rate;
}

/** A phone or mapping gateway: whom a call comes from. */
export interface OriginEntry {
  readonly subject: string;
  readonly isLocked: boolean;
  /** As who is called it takes this one. */
  readonly line: LimitClaim;
  /** As who calls, these: its line, and its calls per second where they are limited. */
  readonly lines: readonly LimitClaim[];
  /** Undefined where it says nothing: its session descriptions pass as they come, where the other side lets them. */
  readonly media?: MediaSettings | undefined;
  /** How it is told that its call has failed. @default as it is */
  readonly answers?: AnswerTerms | undefined;
  readonly caller: CallerTerms;
  /** Types of call that it may make (DENY-04); undefined: all. */
  readonly callTypes: ReadonlySet<string> | undefined;
  /** The routing gateways that its calls may go to (AUTH-13). @default all */
  readonly gateways?: ReadonlySet<string> | undefined;
  /** How its calls are routed. @default as those of its account */
  readonly policy?: Ordering['policy'] | undefined;
  /** What its calls must bring, and may cost it (BILL-08). @default as those of its account */
  readonly profit?: ProfitTerms | undefined;
}

/** What holds of the callers behind an origin (CALL-12). */
export interface CallerTerms {
  /** Sum of `identityTerms`. */
  readonly terms: number;
  readonly anonymous: 'allow' | 'asserted' | 'refuse';
  readonly callerId: string | undefined;
  /** It brings calls of others than its account's. */
  readonly isTransit: boolean;
}

export interface GatewayEntry {
  readonly name: string;
  readonly isLocked: boolean;
  /** It registers here: it is where its bindings say (ROUTE-02). */
  readonly isDynamic: boolean;
  /** It gets calls only while it has our registration (REG-08). */
  readonly needsRegistration: boolean;
  readonly isOnlyForLongestPrefix: boolean;
  readonly priority: number;
  readonly weight: number;
  /** It is tried after all that are not (ROUTE-04). */
  readonly isProtected: boolean;
  /** What calls to it must bring, and may cost (BILL-08). @default anything */
  readonly profit?: ProfitTerms | undefined;
  /** Whose calls may go to it (ROUTE-02). @default everybody's */
  readonly callers?: AllowedCallers | undefined;
  readonly account: AccountEntry | undefined;
  readonly group?: GroupEntry | undefined;
  /** It gets calls while this is open (ROUTE-08). @default always */
  readonly schedule?: Schedule | undefined;
  /** Its own line and its group's as that mostly is (`claimsAt`), and its calls per second where they are limited. */
  readonly lines: readonly LimitClaim[];
  readonly media: MediaSettings;
  /** CALL-12: calls to it are signed, or go on with the signature that they came with. */
  readonly stir: SlimRoutingGateway['stir'];
  /** All of the candidate that does not depend on the call. */
  readonly candidate: Candidate;
  /** Where it is, in order of preference. */
  readonly places: readonly Place[];
  /** What it is to know the switch by (CALL-07); '' = what its network is told. */
  readonly localAddress: string;
  /** What its certificate must prove; '': nothing. @default the name, or address, by which it is called */
  readonly certificate?: string | undefined;
  /** ROUTE-07. @default nobody asks whether it is there */
  readonly check?: CheckTerms | undefined;
  /** ROUTE-16. @default it is not, however it fails */
  readonly throttle?: ThrottleTerms | undefined;
}

/** Knows no name: no look-up belongs to these tables. */
const noNames: NameSource = {
  name: ({ host }) => {
    const failure = 'names are not looked up';
    return { text: host, servers: undefined, isAsked: true, isStale: false, failure };
  },
};

/** Opens a sealed password (AUTH-12). */
export type OpenPassword = (sealed: string) => string;

/** The same as `tablesInSteps`, at once. */
export function buildTables(
  snapshot: Snapshot,
  openPassword: OpenPassword,
  names: NameSource = noNames,
): RoutingTables {
  return atOnce(tablesInSteps(snapshot, openPassword, names));
}

/**
 * Builds tables step by step, so that calls can go on in between. Prefixes and rates are packed already (libs/config): what is
 * left is an entry for each gateway, phone and account.
 * @throws what `openPassword` throws: tables are whole or not at all (ROUTE-13).
 */
export function* tablesInSteps(
  snapshot: Snapshot,
  openPassword: OpenPassword,
  names: NameSource = noNames,
): Steps<RoutingTables> {
  const { configuration, lists, version } = snapshot;
  const parameters = readParameters(configuration.parameters);
  const sheets = new RateSheets(lists.rates);
  const rateGroups = new Map(
    configuration.rateGroups.map(({ name, currency }) => [
      name,
      { name, currency, rates: sheets.of(name), sheetVersion: lists.sheets?.get(name) ?? 0 },
    ]),
  );
  const certificateOf = signers(configuration.stir);
  const policies = new Map(configuration.routePolicies.map((policy) => [policy.name, policy]));
  const policyOf = ({ routePolicy }: { readonly routePolicy?: string | undefined }) =>
    routePolicy === undefined ? undefined : policies.get(routePolicy);
  const accounts = yield* inSteps(configuration.accounts, (account) => [
    account.name,
    {
      ...accountEntry(account, rateGroups, certificateOf(account.certificate)),
      policy: policyOf(account),
    },
  ]);
  yield* putUnderResellers(accounts, configuration.accounts);
  const schedules = new Map(configuration.schedules.map((each) => [each.name, scheduleOf(each)]));
  const groups = new Map(
    configuration.gatewayGroups.map((group) => [group.name, groupEntry(group, schedules)]),
  );
  const surroundings = { accounts, groups, schedules, names, parameters, openPassword };
  const routingGateways = yield* inSteps(configuration.routingGateways, (gateway) => [
    gateway.name,
    gatewayEntry(gateway, surroundings),
  ]);
  const gateways = [...routingGateways.values()];
  return {
    version,
    accounts,
    phones: yield* inSteps(configuration.phones, (phone) => [phone.username, phoneEntry(phone)]),
    calledNames: new Map(calledNames(configuration)),
    mappingGateways: yield* inSteps(configuration.mappingGateways, (gateway) => [
      gateway.name,
      { ...mappingEntry(gateway), policy: policyOf(gateway) },
    ]),
    callTypes: callTypeTable(configuration.callTypes),
    routingGateways,
    numbers: numberTables(configuration),
    hasDynamic: gateways.some(({ isDynamic }) => isDynamic),
    hasRegistrations: gateways.some(({ needsRegistration }) => needsRegistration),
    checks: yield* checksOf(gateways),
    routes: yield* routeTable(lists.routes, routingGateways),
    limits: yield* limitsOf(configuration),
    groups: [...groups.values()],
    memo: new RateMemo(version, parameters.SERVER_BILLING_ROUND, parameters.SERVER_BALANCE_SLICE),
    policy: policyOf(configuration) ?? standardPolicy,
    parameters,
    phoneCandidate: Candidate.create({
      timers: timersOf({ timers: {} }, parameters),
      tokens: 'inline',
      dialog: dialogTermsOf({ contact: 'user' }, parameters),
    }),
  };
}

function* inSteps<Item, Value>(
  items: readonly Item[],
  entryOf: (item: Item) => [key: string, value: Value],
): Steps<Map<string, Value>> {
  const entries = new Map<string, Value>();
  yield* eachInSteps(items, (item) => {
    entries.set(...entryOf(item));
  });
  return entries;
}

function* checksOf(gateways: readonly GatewayEntry[]): Steps<Map<string, CheckTerms>> {
  const checks = new Map<string, CheckTerms>();
  yield* eachInSteps(gateways, ({ check, name }) => {
    if (check !== undefined) checks.set(name, check);
  });
  return checks;
}

/** The phone, or dynamic gateway, here that a called number is (ROUTE-01); undefined where it is none. */
export function nameCalled(
  { calledNames: names, phones }: RoutingTables,
  callee: string,
): string | undefined {
  const number = bareNumber(callee);
  return phones.has(number) ? number : names.get(number);
}

function calledNames(configuration: SlimConfiguration): (readonly [string, string])[] {
  const phones = configuration.phones.flatMap(({ username }) => {
    const number = numberOfUsername(username);
    return number === username ? [] : [[number, username] as const];
  });
  const gateways = dynamicGateways(configuration);
  return [...phones, ...gateways.map(({ name }) => [numberOfUsername(name), name] as const)];
}

function* routeTable(
  routes: PackedRoutes,
  gateways: ReadonlyMap<string, GatewayEntry>,
): Steps<PrefixTable<GatewayEntry>> {
  const entries: (GatewayEntry | undefined)[] = [];
  yield* eachInSteps(new RouteOwners(routes), ({ name }) => {
    entries.push(gateways.get(name));
  });
  const valueOf = (owner: number): GatewayEntry => {
    const entry = entries[owner];
    // One that is gone has no prefix left.
    if (entry === undefined) throw new RangeError(`prefixes of no gateway: ${String(owner)}`);
    return entry;
  };
  return new PrefixTable({ index: new PrefixIndex(routes.index), valueOf });
}

function accountEntry(
  account: Account,
  rateGroups: ReadonlyMap<string, RateGroupEntry>,
  certificate: Certificate | undefined,
): Omit<AccountEntry, 'policy'> & { resellers: readonly AccountEntry[] } {
  const { name, numbers = [], validUntil } = account;
  return {
    name,
    isLocked: account.status === 'locked',
    validUntil,
    validUntilMs: validUntil === undefined ? Infinity : Date.parse(validUntil),
    overdraft: parseMoney(account.overdraft),
    isPrepaid: account.type === 'customer' && account.billing === 'prepaid',
    rateGroup: account.rateGroup === undefined ? undefined : rateGroups.get(account.rateGroup),
    resellers: noResellers,
    lines: [
      { key: lineKey('account', name), limit: account.lineLimit },
      ...callsPerSecond('account', name, account.callsPerSecond),
    ],
    owned: numbers.length === 0 ? undefined : new PrefixTable(ownedEntries(numbers)),
    callerId: account.callerId,
    certificate,
    callTypes: account.callTypes && new Set(account.callTypes),
    profit: profitTermsOf(account),
  };
}

const noResellers: readonly AccountEntry[] = [];

/** Those that are under one; a configuration that was checked has no ring of them. */
function* putUnderResellers(
  entries: ReadonlyMap<string, { resellers: readonly AccountEntry[] } & AccountEntry>,
  accounts: readonly Account[],
): Steps<void> {
  const parents = new Map(
    accounts.flatMap(({ name, parent }) => (parent === undefined ? [] : [[name, parent] as const])),
  );
  yield* eachInSteps([...parents], ([name, parent]) => {
    const entry = entries.get(name);
    if (entry === undefined) return;
    const resellers: AccountEntry[] = [];
    for (let above: string | undefined = parent; above !== undefined; above = parents.get(above)) {
      const reseller = entries.get(above);
      if (reseller === undefined || resellers.includes(reseller)) break;
      resellers.push(reseller);
    }
    entry.resellers = resellers;
  });
}

function* ownedEntries(numbers: readonly string[]): Iterable<readonly [string, true]> {
  for (const range of numbers) yield [bareNumber(range), true];
}

function phoneEntry(phone: Phone): OriginEntry {
  const { username, lineLimit, status, callerId, callTypes, media } = phone;
  return {
    ...origin('phone', username, lineLimit),
    isLocked: status === 'locked',
    caller: callerId === undefined ? plainCaller : { ...plainCaller, callerId },
    callTypes: callTypes && new Set(callTypes),
    media,
  };
}

const plainCaller: CallerTerms = {
  terms: 0,
  anonymous: 'allow',
  callerId: undefined,
  isTransit: false,
};

function mappingEntry(gateway: MappingGateway): OriginEntry {
  const { name, lineLimit, identity, stir } = gateway;
  const caller: CallerTerms = {
    terms: identityTermsOf(identity),
    anonymous: identity?.anonymous ?? 'allow',
    callerId: identity?.callerId,
    isTransit: stir?.traffic === 'transit',
  };
  return {
    ...origin('mapping-gateway', name, lineLimit, gateway.callsPerSecond),
    isLocked: false,
    caller,
    media: gateway.media,
    answers: callerTermsOf(gateway),
    callTypes: gateway.callTypes && new Set(gateway.callTypes),
    profit: profitTermsOf(gateway),
    gateways: gateway.allowedRoutingGateways && new Set(gateway.allowedRoutingGateways),
  };
}

function origin(
  kind: 'phone' | 'mapping-gateway',
  name: string,
  limit: number,
  perSecond = 0,
): Pick<OriginEntry, 'line' | 'lines' | 'subject'> {
  const line = { key: lineKey(kind, name), limit };
  const lines = [line, ...callsPerSecond(kind, name, perSecond)];
  return { subject: `${kind} ${name}`, line, lines };
}

interface GatewaySurroundings {
  readonly accounts: ReadonlyMap<string, AccountEntry>;
  readonly groups: ReadonlyMap<string, GroupEntry>;
  readonly schedules: ReadonlyMap<string, Schedule>;
  readonly parameters: ParameterValues;
  readonly openPassword: OpenPassword;
  readonly names: NameSource;
}

function gatewayEntry(
  gateway: SlimRoutingGateway,
  { accounts, groups, schedules, names, parameters, openPassword }: GatewaySurroundings,
): GatewayEntry {
  const { name, group, account } = gateway;
  const places = gateway.addresses.map((address) => placeOf(address, gateway.transport, names));
  return {
    name,
    isLocked: gateway.lock === 'bar-all',
    isDynamic: gateway.type === 'dynamic',
    needsRegistration: gateway.registration?.required === true,
    isOnlyForLongestPrefix: gateway.prefixMode === 'expiration',
    priority: gateway.priority,
    ...ruleTerms(gateway, { groups, schedules }),
    account: account === undefined ? undefined : accounts.get(account),
    lines: linesOf(gateway, groups),
    stir: gateway.stir,
    places,
    localAddress:
      gateway.localAddress === 'auto' ? '' : withPort(gateway.localAddress, gateway.transport),
    certificate: gateway.certificate?.check === 'none' ? '' : gateway.certificate?.name,
    media: gateway.media,
    check: checkTermsOf(gateway, parameters),
    throttle: throttleTermsOf(gateway, parameters),
    candidate: Candidate.create({
      gateway: name,
      group: group ?? '',
      account: account ?? '',
      addresses: places.flatMap((place) => (place.kind === 'address' ? [place.address] : [])),
      transport: transportOfPlaces(gateway.transport).name,
      username: gateway.username ?? '',
      // That of a dynamic gateway is what it registers with.
      password:
        gateway.password === undefined || gateway.username === undefined
          ? ''
          : openPassword(gateway.password),
      timers: timersOf(gateway, parameters),
      switchUntilConnect: gateway.switchUntilConnect,
      stopCodes: gateway.stopCodes,
      tokens: gateway.tokens,
      dialog: dialogTermsOf(gateway, parameters),
      answers: answerTermsOf(gateway),
    }),
  };
}

function linesOf(
  gateway: SlimRoutingGateway,
  groups: ReadonlyMap<string, GroupEntry>,
): readonly LimitClaim[] {
  const { name, group } = gateway;
  const lines: LimitClaim[] = [{ key: lineKey('routing-gateway', name), limit: gateway.lineLimit }];
  if (group !== undefined) {
    const limit = groups.get(group)?.lineLimit ?? 0;
    const { reservedLines: reserved } = gateway;
    lines.push({ key: lineKey('group', group), limit, ...(reserved > 0 && { reserved }) });
  }
  lines.push(...callsPerSecond('routing-gateway', name, gateway.callsPerSecond));
  return lines;
}

/** What the rules of core/order and core/rules look at. */
function ruleTerms(
  gateway: SlimRoutingGateway,
  { groups, schedules }: Pick<GatewaySurroundings, 'groups' | 'schedules'>,
): Pick<GatewayEntry, 'weight' | 'isProtected' | 'profit' | 'callers' | 'group' | 'schedule'> {
  const { group, schedule } = gateway;
  return {
    weight: gateway.weight,
    isProtected: gateway.protect,
    profit: profitTermsOf(gateway),
    callers: allowedCallersOf(gateway),
    group: group === undefined ? undefined : groups.get(group),
    schedule: schedule === undefined ? undefined : schedules.get(schedule),
  };
}

/** CALL-03: what the gateway does not say is the system parameter's. */
function timersOf(
  { timers }: Pick<SlimRoutingGateway, 'timers'>,
  parameters: ParameterValues,
): Timers {
  return {
    inviteMs: (timers.invite ?? parameters.SS_SIP_TIMEOUT_INVITE) * 1000,
    ringingMs: (timers.ringing ?? parameters.SS_SIP_TIMEOUT_RINGING) * 1000,
    sessionProgressMs:
      (timers.sessionProgress ?? parameters.SS_SIP_TIMEOUT_SESSION_PROGRESS) * 1000,
    sessionProgressSdpMs:
      (timers.sessionProgressSdp ?? parameters.SS_SIP_TIMEOUT_SESSION_PROGRESS_SDP) * 1000,
    resendIntervalMs: timers.resendInterval ?? parameters.SS_SIP_RESEND_INTERVAL,
    own: Object.entries(timers).flatMap(([name, value]) => (value === undefined ? [] : [name])),
  };
}

/** CALL-05: endpoints refresh at half of their interval (RFC 4028 §10), which is at least 90 s (§5). */
function dialogTermsOf(
  { contact, identity }: Pick<SlimRoutingGateway, 'contact' | 'identity'>,
  parameters: ParameterValues,
): DialogTerms {
  const refreshSeconds = parameters.SS_SIP_SESSION_TTL / parameters.SS_SIP_SESSION_UPDATE_SEGMENT;
  return {
    sessionIntervalSeconds: Math.max(90, Math.round(2 * refreshSeconds)),
    probeIntervalSeconds: parameters.SS_SIP_NO_TIMER_REINVITE_INTERVAL,
    relaysRefer: parameters.SS_SIP_RELAY_REFER,
    contact,
    // The caller's side is that of each call.
    identityA: 0,
    identityB: identityTermsOf(identity),
  };
}

function* limitsOf(configuration: SlimConfiguration): Steps<Map<string, number>> {
  const limits = new Map<string, number>();
  const note = (kind: LineKind, name: string, limit: number): void => {
    if (limit > 0) limits.set(lineKey(kind, name), limit);
  };
  yield* eachInSteps(configuration.accounts, ({ name, lineLimit }) => {
    note('account', name, lineLimit);
  });
  yield* eachInSteps(configuration.phones, ({ username, lineLimit }) => {
    note('phone', username, lineLimit);
  });
  yield* eachInSteps(configuration.mappingGateways, ({ name, lineLimit }) => {
    note('mapping-gateway', name, lineLimit);
  });
  yield* eachInSteps(configuration.gatewayGroups, ({ name, lineLimit }) => {
    note('group', name, lineLimit);
  });
  yield* eachInSteps(configuration.routingGateways, ({ name, lineLimit }) => {
    note('routing-gateway', name, lineLimit);
  });
  return limits;
}

type LineKind = Parameters<typeof lineKey>[0];
