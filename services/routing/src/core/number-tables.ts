import type { ListTerms, NumberPool, SlimConfiguration } from '@tandem/config';
import { ruleSet } from './number-rules.ts';
import type { RuleSet } from './number-rules.ts';
import type { Question } from './plan.ts';

/** Who has lists, as decisions name it. */
export interface ListHolder {
  readonly subject: string;
  readonly terms: ListTerms;
}

/** What becomes of numbers on the way to a routing gateway. */
export interface GatewayNumbers {
  /** Of its group, then its own. */
  readonly sets: readonly RuleSet[];
  readonly lists: ListTerms | undefined;
  readonly pool: NumberPool | undefined;
}

/** What one version of the configuration says about numbers (ROUTE-10). */
export interface NumberTables {
  readonly ofOrigin: (origin: Question['origin']) => {
    /** Of the phone or gateway, then of its account. */
    readonly sets: readonly RuleSet[];
    /** Of the switch, the account, and the phone or gateway. */
    readonly lists: readonly ListHolder[];
  };
  /** By name; those of which nothing is said are not here. */
  readonly gateways: ReadonlyMap<string, GatewayNumbers>;
}

type Terms = Partial<Pick<SlimConfiguration['accounts'][number], 'lists' | 'numberRules'>>;

/** Undefined where nothing is said of numbers: such a switch has nothing to look at. */
export function numberTables(configuration: SlimConfiguration): NumberTables | undefined {
  const { accounts, lists, mappingGateways, numberPools = [], phones } = configuration;
  const named = new Map(
    (configuration.numberRules ?? []).map((set) => [set.name, ruleSet(set)] as const),
  );
  const setsOf = ({ numberRules = [] }: Terms): RuleSet[] =>
    numberRules.flatMap((name) => {
      const set = named.get(name);
      return set === undefined ? [] : [set];
    });
  const origins = new Map<string, Terms>();
  const note = (subject: string, terms: Terms): void => {
    if (terms.numberRules !== undefined || terms.lists !== undefined) origins.set(subject, terms);
  };
  for (const account of accounts) note(`account ${account.name}`, account);
  for (const phone of phones) note(`phone ${phone.username}`, phone);
  for (const gateway of mappingGateways) note(`mapping-gateway ${gateway.name}`, gateway);
  const gateways = gatewayNumbers(configuration, setsOf, numberPools);
  if (origins.size === 0 && gateways.size === 0 && lists === undefined) return undefined;
  const holder = (subject: string): ListHolder[] => {
    const terms = origins.get(subject)?.lists;
    return terms === undefined ? [] : [{ subject, terms }];
  };
  const switchLists = lists === undefined ? [] : [{ subject: 'switch', terms: lists }];
  return {
    ofOrigin: ({ kind, name, account }) => {
      const subjects = [`${kind} ${name}`, `account ${account}`];
      return {
        sets: subjects.flatMap((subject) => setsOf(origins.get(subject) ?? {})),
        lists: [...switchLists, ...subjects.toReversed().flatMap(holder)],
      };
    },
    gateways,
  };
}

function gatewayNumbers(
  { gatewayGroups, routingGateways }: SlimConfiguration,
  setsOf: (terms: Terms) => RuleSet[],
  pools: readonly NumberPool[],
): Map<string, GatewayNumbers> {
  const groups = new Map(gatewayGroups.map((group) => [group.name, group]));
  const gateways = new Map<string, GatewayNumbers>();
  for (const gateway of routingGateways) {
    const { callerPool, group, lists, name } = gateway;
    const ofGroup = group === undefined ? undefined : groups.get(group);
    const sets = [...setsOf(ofGroup ?? {}), ...setsOf(gateway)];
    const pool = callerPool === undefined ? undefined : pools.find((each) => each.name === callerPool); // prettier-ignore
    if (sets.length === 0 && lists === undefined && pool === undefined) continue;
    gateways.set(name, { sets, lists, pool });
  }
  return gateways;
}
