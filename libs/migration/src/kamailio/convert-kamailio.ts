import type { ImportedEntry, Note } from '../entry.ts';
import type { Table, Unfit } from '../table.ts';
import { Conversion } from './conversion.ts';
import { convertDispatcher } from './dispatcher.ts';
import { convertDrouting } from './drouting.ts';
import type { KamailioTerms } from './kamailio-tables.ts';
import { convertAddresses, convertTrusted } from './permissions.ts';
import { convertSubscribers } from './subscriber.ts';

/** What Kamailio's tables are in the document. */
export interface Converted {
  readonly entries: readonly ImportedEntry[];
  readonly unfit: readonly Unfit[];
  readonly notes: readonly Note[];
}

/** Makes entries of the tables of Kamailio's dispatcher, drouting, permissions and auth_db. */
export function convertKamailio(tables: readonly Table[], terms: KamailioTerms): Converted {
  const into = new Conversion(tables, terms);
  convertAddresses(into);
  convertTrusted(into);
  convertSubscribers(into);
  convertDispatcher(into);
  convertDrouting(into);
  return into;
}
