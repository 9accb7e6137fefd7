import type { Configuration } from '@tandem/config';

type Entry = Readonly<Record<string, unknown>>;

/** A list of the document: what its entries are called, and what tells one from another. */
export interface EntryList {
  /** `phone`. */
  readonly kind: string;
  /** @default with an s */
  readonly plural?: string;
  readonly entries: (configuration: Configuration) => readonly Entry[];
  readonly key: string;
}

/** Every list, in the order of the document. */
export const entryLists: readonly EntryList[] = [
  { kind: 'rate group', entries: ({ rateGroups }) => rateGroups, key: 'name' },
  { kind: 'account', entries: ({ accounts }) => accounts, key: 'name' },
  { kind: 'type of call', entries: ({ callTypes }) => callTypes, key: 'name' },
  { kind: 'phone', entries: ({ phones }) => phones, key: 'username' },
  { kind: 'mapping gateway', entries: ({ mappingGateways }) => mappingGateways, key: 'name' },
  { kind: 'schedule', entries: ({ schedules }) => schedules, key: 'name' },
  { kind: 'gateway group', entries: ({ gatewayGroups }) => gatewayGroups, key: 'name' },
  {
    kind: 'route policy',
    plural: 'route policies',
    entries: ({ routePolicies }) => routePolicies,
    key: 'name',
  },
  { kind: 'routing gateway', entries: ({ routingGateways }) => routingGateways, key: 'name' },
  { kind: 'certificate', entries: ({ stir }) => stir?.certificates ?? [], key: 'name' },
];
