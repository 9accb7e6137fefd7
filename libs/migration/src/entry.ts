/** A block of keys and values, as it stands in the document. */
export type Block = Readonly<Record<string, unknown>>;

/** Lists of the configuration that are imported into. `rates` are of rate groups, `prefixes` of routing gateways. */
export const importedLists = [
  'accounts',
  'callTypes',
  'phones',
  'mappingGateways',
  'schedules',
  'numberRules',
  'gatewayGroups',
  'routePolicies',
  'routingGateways',
  'rateGroups',
  'rates',
  'prefixes',
] as const;
export type ImportedList = (typeof importedLists)[number];

/** Where an entry comes from. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  /** By the path of a field: the column that it was made of. Shared by all entries of a table. */
  readonly columns: ReadonlyMap<string, string>;
  /** What stands in a column. */
  readonly found: (column: string) => string;
}

/** One thing that was read, on its way into the document. */
export interface ImportedEntry {
  readonly list: ImportedList;
  /** What it is called by; of a rate its group and prefix, of a prefix its gateway and itself. */
  readonly key: string;
  /** Of a rate with `group` and `currency`, of a prefix `gateway` and `prefix`. */
  readonly value: Block;
  readonly origin: Origin;
  /** Lists that several lines of one key fill together, such as prefixes. @default none */
  readonly collects?: readonly string[];
}

/** The field by which an entry of a list is named. */
export function keyField(list: ImportedList): string {
  return list === 'phones' ? 'username' : 'name';
}

/** What could be taken over only in part, or otherwise than it was; no hindrance. */
export interface Note {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}
