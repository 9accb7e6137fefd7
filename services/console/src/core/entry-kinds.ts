/** The lists of the configuration: where each is in the API, and what its entries are called. */
export interface EntryKind {
  /** Below /configuration. */
  readonly path: string;
  readonly one: string;
  readonly many: string;
  /** In the description of the API: Configured… */
  readonly shape: string;
  readonly group: 'Customers' | 'Routing' | 'Switch';
  /** What else is worth a column before the plain values of the schema. */
  readonly columns: readonly string[];
  /** Called by this field. */
  readonly nameField: 'name' | 'username';
}

const named = { nameField: 'name' } as const;

/** In the order of the menu. */
export const entryKinds: readonly EntryKind[] = [
  {
    path: 'accounts',
    one: 'account',
    many: 'Accounts',
    shape: 'Account',
    group: 'Customers',
    columns: ['type', 'status', 'billing', 'currency', 'rateGroup', 'overdraft', 'lineLimit'],
    ...named,
  },
  {
    path: 'phones',
    one: 'phone',
    many: 'Phones',
    shape: 'Phone',
    group: 'Customers',
    columns: ['account', 'status', 'authentication', 'lineLimit', 'callerId'],
    nameField: 'username',
  },
  {
    path: 'mapping-gateways',
    one: 'mapping gateway',
    many: 'Mapping gateways',
    shape: 'MappingGateway',
    group: 'Customers',
    columns: ['account', 'lineLimit', 'callsPerSecond', 'routePolicy'],
    ...named,
  },
  {
    path: 'rate-groups',
    one: 'rate group',
    many: 'Rates',
    shape: 'RateGroup',
    group: 'Customers',
    columns: ['currency', 'rateCount'],
    ...named,
  },
  {
    path: 'call-types',
    one: 'type of call',
    many: 'Types of call',
    shape: 'CallType',
    group: 'Customers',
    columns: ['prefixes'],
    ...named,
  },
  {
    path: 'invoice-issuers',
    one: 'invoice issuer',
    many: 'Invoice issuers',
    shape: 'InvoiceIssuer',
    group: 'Customers',
    columns: ['legalName', 'country', 'series', 'dueDays'],
    ...named,
  },
  {
    path: 'routing-gateways',
    one: 'routing gateway',
    many: 'Routing gateways',
    shape: 'RoutingGateway',
    group: 'Routing',
    columns: ['addresses', 'prefixes', 'priority', 'group', 'lineLimit', 'callsPerSecond', 'lock'],
    ...named,
  },
  {
    path: 'gateway-groups',
    one: 'gateway group',
    many: 'Gateway groups',
    shape: 'GatewayGroup',
    group: 'Routing',
    columns: ['lineLimit', 'schedule'],
    ...named,
  },
  {
    path: 'route-policies',
    one: 'route policy',
    many: 'Route policies',
    shape: 'RoutePolicy',
    group: 'Routing',
    columns: ['order', 'loss'],
    ...named,
  },
  {
    path: 'schedules',
    one: 'schedule',
    many: 'Schedules',
    shape: 'Schedule',
    group: 'Routing',
    columns: ['timeZone'],
    ...named,
  },
  {
    path: 'number-rules',
    one: 'number rule set',
    many: 'Number rules',
    shape: 'NumberRuleSet',
    group: 'Routing',
    columns: [],
    ...named,
  },
  {
    path: 'number-lists',
    one: 'number list',
    many: 'Number lists',
    shape: 'NumberList',
    group: 'Routing',
    columns: ['match'],
    ...named,
  },
  {
    path: 'number-pools',
    one: 'number pool',
    many: 'Number pools',
    shape: 'NumberPool',
    group: 'Routing',
    columns: ['pick', 'numbers'],
    ...named,
  },
  {
    path: 'alarm-rules',
    one: 'alarm rule',
    many: 'Alarm rules',
    shape: 'AlarmRule',
    group: 'Switch',
    columns: ['figure', 'above', 'below', 'severity', 'enabled'],
    ...named,
  },
  {
    path: 'alarm-channels',
    one: 'alarm channel',
    many: 'Alarm channels',
    shape: 'AlarmChannel',
    group: 'Switch',
    columns: ['kind', 'url', 'to', 'severities', 'enabled'],
    ...named,
  },
];

/** The list of a path; undefined where there is none. */
export function entryKind(path: string): EntryKind | undefined {
  return entryKinds.find((each) => each.path === path);
}

/** Where an entry is in the console. */
export function entryHref(kind: string, name: string): string {
  return `/configuration/${kind}/${encodeURIComponent(name)}`;
}
