import type { KnownColumns } from './sql-dump.ts';

/** The tables that are imported, with the columns of Kamailio 5.6's schema, for dumps that do not name them. */
export const kamailioTables = {
  dispatcher: ['id', 'setid', 'destination', 'flags', 'priority', 'attrs', 'description'],
  dr_gateways: ['gwid', 'type', 'address', 'strip', 'pri_prefix', 'attrs', 'description'],
  dr_rules: ['ruleid', 'groupid', 'prefix', 'timerec', 'priority', 'routeid', 'gwlist', 'description'], // prettier-ignore
  dr_gw_lists: ['id', 'gwlist', 'description'],
  dr_groups: ['id', 'username', 'domain', 'groupid', 'description'],
  address: ['id', 'grp', 'ip_addr', 'mask', 'port', 'tag'],
  trusted: ['id', 'src_ip', 'proto', 'from_pattern', 'ruri_pattern', 'tag', 'priority'],
  subscriber: ['id', 'username', 'domain', 'password', 'ha1', 'ha1b'],
} as const satisfies KnownColumns;

export type KamailioTable = keyof typeof kamailioTables;

export function isKamailioTable(name: string): name is KamailioTable {
  return Object.hasOwn(kamailioTables, name);
}

/** What no table of Kamailio says. */
export interface KamailioTerms {
  /** Who pays for calls of its gateways and phones. */
  readonly account: string;
  /** The group of drouting whose rules are taken; needed where rules have several. */
  readonly group?: string | undefined;
  /** Mapping gateways whose calls alone go by the rules. @default all */
  readonly callers?: readonly string[] | undefined;
  /** Where the times of drouting are local. @default UTC */
  readonly timeZone?: string | undefined;
}
