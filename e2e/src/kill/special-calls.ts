import { anchoredTrunk, carriersName, gatewayCredentials } from '../load/configured-load.ts';
import { planOne, type CallPlan } from '../load/call-plan.ts';
import { demo, type ConfigurationDocument } from '../configuration.ts';
import { numberOf } from './calls-in-every-state.ts';

type Plan = Omit<Partial<CallPlan>, 'number'>;

/** Calls of one kind, whose numbers begin with a prefix. */
export type SpecialCalls = (prefix: string) => readonly CallPlan[];

/** Gateways that only special calls go to: name, and the digit behind the prefix of a trial. */
const named = { gateway: 'carriers-by-name', digit: '8' } as const;
const challenging = { gateway: 'challenging-carrier', digit: '9' } as const;

/** Through a media relay (CALL-08): ringing, in failover, cancelled, with re-INVITEs of either side, ended by either side. */
export const anchoredCalls: SpecialCalls = (prefix) =>
  plansOf(prefix, [
    { ...anchored, ringMs: 100, hold: 200 },
    { ...anchored, ringMs: 100, hold: 2500, inCall: reinvite('caller', 300) },
    { ...anchored, ringMs: 100, hold: 2500, endedBy: 'callee', inCall: reinvite('callee', 500) },
    { ...anchored, ringMs: 200, hold: 700, endedBy: 'callee' },
    { ...anchored, reception: 'unavailable', ringMs: 300, hold: 800 },
    { ...anchored, reception: 'forks', ringMs: 300, hold: 900 },
    { ...anchored, reception: 'rings', cancelAfterMs: 600 },
    { ...anchored, reception: 'busy' },
  ]);

/** Through relays of which one dies under them before they re-INVITE. */
export const callsThatLoseTheirRelay: SpecialCalls = (prefix) =>
  plansOf(prefix, [
    ...['caller', 'callee', 'caller', 'callee'].map((by, at) => ({
      ...anchored,
      ringMs: 100,
      hold: 4000,
      inCall: reinvite(by as 'caller' | 'callee', 1000 + at * 50),
    })),
    { ...anchored, ringMs: 1500, hold: 2500 },
    { ...anchored, ringMs: 1600, hold: 2500, endedBy: 'callee' },
  ]);

/** Several callees in early dialogs of their own, whose responses are acknowledged (CALL-02, RFC 3262). */
export const forkedCalls: SpecialCalls = (prefix) =>
  plansOf(prefix, [
    { ...forked, ringMs: 300, hold: 800 },
    { ...forked, ringMs: 600, hold: 800, endedBy: 'callee' },
    { ...forked, ringMs: 300, hold: 2500, inCall: reinvite('caller', 600) },
    { ...forked, caller: 'phone', ringMs: 900, hold: 800 },
    { ...forked, caller: 'anchored-trunk', ringMs: 300, hold: 800 },
  ]);

/** To a carrier that challenges their BYEs (AUTH-11). */
export const challengedCalls: SpecialCalls = (prefix) =>
  plansOf(
    prefix + challenging.digit,
    [
      { ringMs: 100, hold: 200 },
      { ringMs: 100, hold: 400 },
      { ringMs: 100, hold: 600, caller: 'phone' as const },
      { ringMs: 100, hold: 800, caller: 'anchored-trunk' as const },
      { ringMs: 100, hold: 2000 },
    ].map((plan) => ({ ...plan, isByeChallenged: true, gateway: challenging.gateway })),
  );

/** To a gateway whose SRV records name two servers, of which the first answers, refuses or is silent (CALL-02). */
export const callsByName: SpecialCalls = (prefix) =>
  plansOf(
    prefix + named.digit,
    [
      { reception: 'silent' as const, ringMs: 300, hold: 800 },
      { reception: 'unavailable' as const, ringMs: 600, hold: 800, endedBy: 'callee' as const },
      { ringMs: 700, hold: 800 },
      { reception: 'unavailable' as const, ringMs: 300, hold: 800, caller: 'phone' as const },
      { reception: 'rings' as const, cancelAfterMs: 900 },
    ].map((plan) => ({ ...plan, gateway: named.gateway })),
  );

/** Every kind of special calls, by a word for its trials. */
export const specialCalls = {
  anchored: anchoredCalls,
  forked: forkedCalls,
  challenged: challengedCalls,
  'by name': callsByName,
} as const satisfies Record<string, SpecialCalls>;

/** The calls of both kinds; those of the first begin first. */
export function together(one: SpecialCalls, other: SpecialCalls): SpecialCalls {
  return (prefix) => [...one(prefix), ...other(prefix)];
}

/** Gives a configuration the trunk and the gateways of special calls in trials with these prefixes. */
export function addSpecialGateways(
  document: ConfigurationDocument,
  prefixes: readonly string[],
): void {
  document.mappingGateways.push({
    name: anchoredTrunk.name,
    account: demo.account,
    authentication: { mode: 'ip', addresses: [`${anchoredTrunk.address}/32`] },
    media: { mode: 'anchor' },
  });
  const [first] = document.routingGateways;
  document.routingGateways.push(
    {
      ...first,
      name: challenging.gateway,
      prefixes: prefixes.map((prefix) => prefix + challenging.digit),
      ...gatewayCredentials,
    },
    {
      ...first,
      name: named.gateway,
      addresses: [carriersName],
      transport: 'udp',
      prefixes: prefixes.map((prefix) => prefix + named.digit),
    },
  );
}

const anchored = { caller: 'anchored-trunk' } as const;
const forked = { reception: 'forks-reliably' } as const;

function reinvite(by: 'caller' | 'callee', afterMs: number): CallPlan['inCall'] {
  return [{ afterMs, method: 'INVITE', by }];
}

function plansOf(prefix: string, plans: readonly Plan[]): readonly CallPlan[] {
  return plans.map((plan, index) => planOne({ ...plan, number: numberOf(prefix, index) }));
}
