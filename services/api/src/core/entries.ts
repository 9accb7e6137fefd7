import type { Configuration } from '@tandem/config';

/** An entry of a list, as the document has it. */
export type Entry = Readonly<Record<string, unknown>>;

/** The lists of a document that stand in it by themselves. */
export type EntryPlace = {
  [Key in keyof Configuration]-?: NonNullable<Configuration[Key]> extends readonly Entry[]
    ? Key
    : never;
}[keyof Configuration];

/** A list of the document: what its entries are called, and what tells one from another. */
export interface EntryList {
  /** `phone`. */
  readonly kind: string;
  /** @default with an s */
  readonly plural?: string;
  readonly entries: (configuration: Configuration) => readonly Entry[];
  readonly key: string;
  /** Undefined where it is part of something else. */
  readonly place: EntryPlace | undefined;
}

/** The entries of a list, in the order of the document. */
export function entriesAt(configuration: Configuration, place: EntryPlace): readonly Entry[] {
  return configuration[place] ?? [];
}

function listAt(
  kind: string,
  place: EntryPlace,
  { key = 'name', plural }: { readonly key?: string; readonly plural?: string } = {},
): EntryList & { place: EntryPlace } {
  const entries: EntryList['entries'] = (configuration) => entriesAt(configuration, place);
  return { kind, key, place, entries, ...(plural === undefined ? {} : { plural }) };
}

/** Lists whose entries can be changed one by one, in the order of the document. */
export const placedLists = [
  listAt('rate group', 'rateGroups'),
  listAt('account', 'accounts'),
  listAt('type of call', 'callTypes'),
  listAt('number rule set', 'numberRules'),
  listAt('number list', 'numberLists'),
  listAt('number pool', 'numberPools'),
  listAt('phone', 'phones', { key: 'username' }),
  listAt('mapping gateway', 'mappingGateways'),
  listAt('schedule', 'schedules'),
  listAt('gateway group', 'gatewayGroups'),
  listAt('route policy', 'routePolicies', { plural: 'route policies' }),
  listAt('routing gateway', 'routingGateways'),
  listAt('invoice issuer', 'invoiceIssuers'),
  listAt('alarm rule', 'alarmRules'),
  listAt('alarm channel', 'alarmChannels'),
] as const;

/** Every list, in the order of the document. */
export const entryLists: readonly EntryList[] = [
  ...placedLists,
  {
    kind: 'certificate',
    entries: ({ stir }) => stir?.certificates ?? [],
    key: 'name',
    place: undefined,
  },
];
