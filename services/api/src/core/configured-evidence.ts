import type { Configuration } from '@tandem/config';
import { bareNumber, readDecision } from '@tandem/domain';
import type { Decision, DecisionRecord } from '@tandem/domain';
import { nearestPrefixes } from './nearest-prefixes.ts';
import { nameIn, readable } from './wordings/index.ts';

/**
 * What the configuration of now says about a number that had no rate, or no gateway: the prefixes that come nearest.
 * @param configuration groups whose rates are imported have those of `ratesNear`
 */
export function prefixEvidence(
  decisions: readonly DecisionRecord[],
  configuration: Configuration,
): readonly string[] {
  return decisions.flatMap((record) => {
    const decision = readDecision(record);
    if (decision?.kind === 'rate-missing') return rateEvidence(decision, configuration);
    if (decision?.kind !== 'no-gateway' || decision.reason !== 'NoAvailableRouter') return [];
    if (decision.facts.matchingGateways > 0) return [];
    const callee = nameIn(decision.subject);
    const prefixes = configuration.routingGateways.flatMap((gateway) => gateway.prefixes);
    return [
      nearestTo('routing gateways', callee, prefixes),
      ...withoutAccess('routing gateways', callee, prefixes),
    ];
  });
}

function rateEvidence(
  { facts: { callee, rateGroup } }: Decision<'rate-missing'>,
  { rateGroups }: Configuration,
): readonly string[] {
  const group = rateGroups.find(({ name }) => name === rateGroup);
  const rates = group?.rates ?? [];
  const number = bareNumber(callee);
  const timed = rates.filter(({ prefix }) => number.startsWith(bareNumber(prefix)));
  if (timed.length > 0) {
    return timed.map(({ effectiveFrom, effectiveUntil, prefix }) => {
      const from = effectiveFrom === undefined ? '' : ` from ${effectiveFrom}`;
      const until = effectiveUntil === undefined ? '' : ` until ${effectiveUntil}`;
      return `Rate group ${rateGroup} has a rate for prefix ${prefix === '' ? 'any' : prefix}, in effect${from}${until}.`;
    });
  }
  const prefixes = rates.map(({ prefix }) => prefix);
  const whole = `The rates of group ${rateGroup} are imported: tandem rates export ${rateGroup} has them all.`;
  return [
    nearestTo(`rate group ${rateGroup}`, callee, prefixes),
    ...withoutAccess(`rate group ${rateGroup}`, callee, prefixes),
    ...(group?.sheet === true ? [whole] : []),
  ];
}

/** What people dial before the number of another country, or town (ITU-T E.123, E.164). */
export const accessCodes = ['00', '011', '0'] as const;

/** A number that would have been known without what was dialled before it. */
function withoutAccess(whose: string, callee: string, prefixes: readonly string[]): string[] {
  for (const code of accessCodes) {
    if (!callee.startsWith(code)) continue;
    const number = callee.slice(code.length);
    const [prefix = ''] = nearestPrefixes(
      prefixes.filter((each) => each !== '' && number.startsWith(bareNumber(each))),
      number,
    );
    if (prefix === '') continue;
    return [
      `Without ${code} at its beginning it is ${number}, which prefix ${prefix} of ${whose} matches: a number rule that strips it (numberRules) makes it so.`,
    ];
  }
  return [];
}

function nearestTo(whose: string, callee: string, prefixes: readonly string[]): string {
  if (prefixes.length === 0) return `There are no prefixes at all in ${whose}.`;
  const nearest = nearestPrefixes(prefixes, callee);
  return nearest.length === 0
    ? `No prefix of ${whose} begins as ${callee} does.`
    : `The prefixes of ${whose} that come nearest to ${callee} are ${nearest.join(', ')}.`;
}

/** A value of an entry that an operator has set, and that decided. */
export interface SetValue {
  /** "account demo" */
  readonly subject: string;
  readonly key: string;
  /** As JSON, of a version; undefined where it has no such entry. */
  readonly of: (configuration: Configuration) => string | undefined;
}

/** What was locked, or past its date, when a call was decided: for who asks by whom, and when. */
export function setValues(decisions: readonly DecisionRecord[]): readonly SetValue[] {
  return decisions.flatMap((record) => {
    const decision = readDecision(record);
    switch (decision?.kind) {
      case 'account-locked':
        return decision.subject.startsWith('phone ')
          ? [phoneValue(nameIn(decision.subject))]
          : [accountValue(nameIn(decision.subject), 'status')];
      case 'account-expired':
        return [accountValue(nameIn(decision.subject), 'validUntil')];
      case 'vendor-locked':
        return [accountValue(decision.facts.account, 'status')];
      case 'vendor-expired':
        return [accountValue(decision.facts.account, 'validUntil')];
      case 'gateway-locked':
        return [gatewayValue(nameIn(decision.subject))];
      default:
        return [];
    }
  });
}

function accountValue(account: string, key: 'status' | 'validUntil'): SetValue {
  return {
    subject: `account ${account}`,
    key,
    of: ({ accounts }) => written(accounts.find(({ name }) => name === account)?.[key]),
  };
}

function phoneValue(phone: string): SetValue {
  return {
    subject: `phone ${phone}`,
    key: 'status',
    of: ({ phones }) => written(phones.find(({ username }) => username === phone)?.status),
  };
}

function gatewayValue(gateway: string): SetValue {
  return {
    subject: `routing-gateway ${gateway}`,
    key: 'lock',
    of: ({ routingGateways }) =>
      written(routingGateways.find(({ name }) => name === gateway)?.lock),
  };
}

function written(value: string | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

/** Who has set a value. @param isFirst there was none before, as far back as versions were read */
export function setBy(
  { key, subject }: Pick<SetValue, 'key' | 'subject'>,
  {
    appliedAt,
    appliedBy,
    note,
    version,
    value,
  }: {
    readonly version: number;
    readonly appliedAt: Date;
    readonly appliedBy: string;
    readonly note: string;
    readonly value: string;
  },
): string {
  const why = note === '' ? '' : `, with the note "${note}"`;
  return `${capital(readable(subject))} has ${key}: ${value} since version ${String(version)} of the configuration, which ${appliedBy} applied at ${appliedAt.toISOString()}${why}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
