import type { Client } from 'pg';
import { touchedIn } from './changed-snapshot.ts';
import { changesFrom } from './stored-versions.ts';

/** Elements that are read at a time. */
const GATEWAYS = 200;
const RATES = 5000;

/** Which prefixes and rates of a version are others than those of another version. */
export interface ChangedLists {
  /** Names of routing gateways with other prefixes, or another priority; of those that are new or gone, too. */
  readonly gateways: ReadonlySet<string>;
  /** Names of rate groups with other rates; likewise. */
  readonly rateGroups: ReadonlySet<string>;
}

/** Where a document is stored whole: as a version, or as a draft that is in effect nowhere, by its id. */
export type DocumentPlace = { readonly version: number } | { readonly draft: string };

interface StoredAt {
  /** FROM and WHERE of the row; its key is $1. */
  readonly from: string;
  readonly where: string;
  readonly key: number | string;
}

function storedAt(place: DocumentPlace): StoredAt {
  return 'version' in place
    ? { from: 'tandem_config.version', where: 'version = $1', key: place.version }
    : { from: 'tandem_api.draft', where: 'id = $1', key: place.draft };
}

/**
 * Reads one version, or draft, piece by piece: the text of a large one, and all that comes of it, would take a hundred times the
 * memory of what is kept. Within one transaction, which `open` begins. Rows are JSON text, so that many are parsed at once.
 */
export class DocumentPieces {
  readonly #client: Client;
  readonly #at: StoredAt;

  constructor(client: Client, place: DocumentPlace) {
    this.#client = client;
    this.#at = storedAt(place);
  }

  async open(): Promise<void> {
    await this.#client.query('BEGIN READ ONLY');
    // The planner takes a list for a hundred elements long, and would compare each with each.
    await this.#client.query('SET LOCAL enable_nestloop = off');
  }

  /** What the form of the document was when it was stored. */
  async shape(): Promise<string | undefined> {
    const { rows } = await this.#client.query<{ shape: string }>(
      `SELECT shape FROM ${this.#at.from} WHERE ${this.#at.where}`,
      [this.#at.key],
    );
    return rows[0]?.shape;
  }

  /** All but routing gateways; rate groups have no rates. */
  async head(): Promise<Record<string, unknown>> {
    const { rows } = await this.#client.query<{ head: string; groups: string | null }>(
      `SELECT (document - '{rateGroups,routingGateways}'::text[])::text AS head,
              (SELECT jsonb_agg(element - 'rates') FROM jsonb_array_elements(document->'rateGroups') element)::text AS groups
         FROM ${this.#at.from} WHERE ${this.#at.where}`,
      [this.#at.key],
    );
    const { head = '{}', groups = null } = rows[0] ?? {};
    const document = JSON.parse(head) as Record<string, unknown>;
    const rateGroups: unknown = groups === null ? [] : JSON.parse(groups);
    return { ...document, rateGroups, routingGateways: [] };
  }

  /**
   * Compares the lists in the database, which has both versions, or the whole document that the older one is a change of.
   * @returns undefined where it has not, or that is of another form than `shape`
   */
  async changes(since: number, shape: string): Promise<ChangedLists | undefined> {
    const { rows } = await this.#client.query<{ version: string; shape: string }>(
      `SELECT version, shape FROM tandem_config.version WHERE version <= $1 ORDER BY version DESC LIMIT 1`,
      [since],
    );
    const [whole] = rows;
    if (whole?.shape !== shape) return undefined;
    const version = Number(whole.version);
    const deltas = await changesFrom(this.#client, version, since);
    if (deltas === undefined) return undefined;
    const changed = async (list: string, fields: readonly string[]): Promise<Set<string>> => {
      const names = await this.#changed(list, fields, version);
      return new Set([...names, ...touchedIn(list, deltas)]);
    };
    return {
      gateways: await changed('routingGateways', ['prefixes', 'priority']),
      rateGroups: await changed('rateGroups', ['rates']),
    };
  }

  /** Names of the elements of a list that came, went, or are others in one of these fields. */
  async #changed(list: string, fields: readonly string[], since: number): Promise<Set<string>> {
    const differences = fields.map(
      (field) => `was.element->'${field}' IS DISTINCT FROM is_now.element->'${field}'`,
    );
    const { rows } = await this.#client.query<{ name: string }>(
      `WITH was AS (${elementsOf(list, storedAt({ version: since }), '$2')}), is_now AS (${elementsOf(list, this.#at)})
       SELECT coalesce(is_now.element->>'name', was.element->>'name') AS name
         FROM is_now FULL JOIN was ON was.element->>'name' = is_now.element->>'name'
        WHERE ${differences.join(' OR ')}`,
      [this.#at.key, since],
    );
    return new Set(rows.map(({ name }) => name));
  }

  /**
   * Routing gateways, some at a time.
   * @param withPrefixes of which ones the prefixes are read. @default of all
   */
  gateways(withPrefixes?: ReadonlySet<string>): AsyncIterable<unknown[]> {
    const element =
      withPrefixes === undefined
        ? 'element'
        : `CASE WHEN element->>'name' = ANY($2) THEN element ELSE element - 'prefixes' END`;
    return this.#each({
      query: `SELECT (${element})::text FROM (${elementsOf('routingGateways', this.#at)}) list`,
      values: [this.#at.key, ...(withPrefixes === undefined ? [] : [[...withPrefixes]])],
      size: GATEWAYS,
    });
  }

  /**
   * Rates of rate groups, some at a time, all of a group after another, each as `[group, rate]`.
   * @param groups of which ones. @default of all
   */
  rates(groups?: ReadonlySet<string>): AsyncIterable<unknown[]> {
    const filter = groups === undefined ? '' : `WHERE element->>'name' = ANY($2)`;
    return this.#each({
      query: `SELECT '[' || to_json(element->>'name')::text || ',' || rate::text || ']'
                FROM (${elementsOf('rateGroups', this.#at)}) list, jsonb_array_elements(element->'rates') rate ${filter}`,
      values: [this.#at.key, ...(groups === undefined ? [] : [[...groups]])],
      size: RATES,
    });
  }

  async *#each(read: {
    readonly query: string;
    readonly values: readonly unknown[];
    readonly size: number;
  }): AsyncIterable<unknown[]> {
    await this.#client.query(`DECLARE pieces CURSOR FOR ${read.query}`, [...read.values]);
    for (;;) {
      const { rows } = await this.#client.query<[string]>({
        text: `FETCH ${String(read.size)} FROM pieces`,
        rowMode: 'array',
      });
      if (rows.length === 0) break;
      yield JSON.parse(`[${rows.map(([text]) => text).join(',')}]`) as unknown[];
    }
    await this.#client.query('CLOSE pieces');
  }
}

/** @param key the parameter that has the key of the row */
function elementsOf(list: string, { from, where }: StoredAt, key = '$1'): string {
  return `SELECT element FROM ${from}, jsonb_array_elements(document->'${list}') element WHERE ${where.replace('$1', key)}`;
}
