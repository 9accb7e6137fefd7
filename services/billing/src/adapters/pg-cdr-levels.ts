/**
 * What the level of a reseller says in a row of `cdr` (ADR 101): an expression of SQL, NULL where it has none.
 * @param account an expression of text
 */
export function levelOf(field: 'price' | 'currency', account: string): string {
  return `(SELECT level->>'${field}' FROM jsonb_array_elements(cdr.levels) AS level WHERE (level->>'account') COLLATE "C" = ${account})`;
}
