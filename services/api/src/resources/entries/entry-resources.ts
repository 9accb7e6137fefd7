import { configurationSchema } from '@tandem/config';
import type { z } from 'zod';
import { fail, type ProblemError } from '../../api/problem.ts';
import type { PlacedList } from '../../core/change-entry.ts';
import { placedLists, type Entry, type EntryPlace } from '../../core/entries.ts';

/** A list of the configuration as a resource. */
export interface EntryResource {
  readonly list: PlacedList;
  /** Behind /configuration. */
  readonly path: string;
  /** In the ids of its operations and the names of its shapes. */
  readonly title: string;
  /** Fields by which a list is narrowed. */
  readonly filters: readonly string[];
  /** What a list shows of an entry: one of a million rates shows how many there are. */
  readonly inList: (entry: Entry) => Entry;
}

const whole = (entry: Entry): Entry => entry;

const described: Readonly<Record<EntryPlace, Omit<EntryResource, 'list'>>> = {
  rateGroups: {
    path: 'rate-groups',
    title: 'RateGroup',
    filters: ['currency'],
    inList: ({ rates, ...entry }) => ({
      ...entry,
      rateCount: Array.isArray(rates) ? rates.length : 0,
    }),
  },
  accounts: {
    path: 'accounts',
    title: 'Account',
    filters: ['type', 'status', 'rateGroup', 'currency'],
    inList: whole,
  },
  callTypes: { path: 'call-types', title: 'CallType', filters: [], inList: whole },
  numberRules: { path: 'number-rules', title: 'NumberRuleSet', filters: [], inList: whole },
  numberLists: { path: 'number-lists', title: 'NumberList', filters: [], inList: whole },
  numberPools: { path: 'number-pools', title: 'NumberPool', filters: [], inList: whole },
  phones: { path: 'phones', title: 'Phone', filters: ['account', 'status'], inList: whole },
  mappingGateways: {
    path: 'mapping-gateways',
    title: 'MappingGateway',
    filters: ['account'],
    inList: whole,
  },
  schedules: { path: 'schedules', title: 'Schedule', filters: ['timeZone'], inList: whole },
  routePolicies: { path: 'route-policies', title: 'RoutePolicy', filters: [], inList: whole },
  gatewayGroups: { path: 'gateway-groups', title: 'GatewayGroup', filters: [], inList: whole },
  routingGateways: {
    path: 'routing-gateways',
    title: 'RoutingGateway',
    filters: ['account', 'group', 'type', 'lock', 'transport'],
    inList: whole,
  },
  invoiceIssuers: { path: 'invoice-issuers', title: 'InvoiceIssuer', filters: [], inList: whole },
  alarmRules: {
    path: 'alarm-rules',
    title: 'AlarmRule',
    filters: ['figure', 'severity'],
    inList: whole,
  },
  alarmChannels: {
    path: 'alarm-channels',
    title: 'AlarmChannel',
    filters: ['kind'],
    inList: whole,
  },
};

/** Every list that is a resource. */
export const entryResources: readonly EntryResource[] = placedLists.map((list) => ({
  list,
  ...described[list.place],
}));

/** The shape of an entry, as the document has it. */
export function entrySchema(place: EntryPlace): z.ZodObject {
  const list: z.ZodType = configurationSchema.shape[place];
  // Each may be left out, with a default or without.
  return (list as z.ZodOptional<z.ZodArray<z.ZodObject>>).unwrap().element;
}

export function noSuchEntry({ list }: EntryResource, name: string, hint: string): ProblemError {
  return fail(404, 'no-such-entry', `there is no ${list.kind} "${name}"${hint}`);
}
