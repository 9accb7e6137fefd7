import { isIP } from 'node:net';
import type { Conversion, TableRow } from './conversion.ts';

/** Groups of addresses: a mapping gateway for each tag of a group. */
export function convertAddresses(into: Conversion): void {
  const rows = into.rows('address').filter((row) => isAddress(row, 'ip_addr', into));
  // Ports are looked at for all addresses of a gateway or for none.
  const gateways = Map.groupBy(rows, (row) =>
    JSON.stringify([row.text('grp'), row.text('tag'), row.number('port') !== 0]),
  );
  for (const members of gateways.values()) {
    const [first] = members;
    if (first === undefined) continue;
    const hasPort = first.number('port') !== 0;
    const name = into.mappingNames.take(first.text('tag'), `group-${first.text('grp')}`);
    const fitting = members.filter((row) => !hasPort || isHost(row, into));
    if (fitting.length === 0) continue;
    const authentication = hasPort
      ? { mode: 'ip-port', addresses: fitting.map(socketOf) }
      : { mode: 'ip', addresses: fitting.map(blockOf) };
    put(name, authentication, { row: first, column: 'ip_addr' }, into);
  }
}

/** Trusted peers: a mapping gateway each. */
export function convertTrusted(into: Conversion): void {
  for (const row of into.rows('trusted')) {
    if (!isAddress(row, 'src_ip', into)) continue;
    const pattern = ['from_pattern', 'ruri_pattern'].find((column) => row.text(column) !== '');
    if (pattern !== undefined) {
      into.refuse(row, pattern, 'cannot be taken over, since a mapping gateway is known by its address alone: leave it empty, and keep numbers out by numberRules, lists or callTypes'); // prettier-ignore
      continue;
    }
    const name = into.mappingNames.take(row.text('tag'), `trusted-${row.text('src_ip')}`);
    const address = row.text('src_ip');
    put(name, { mode: 'ip', addresses: [`${address}/${fullMask(address)}`] }, { row, column: 'src_ip' }, into); // prettier-ignore
    const protocol = row.text('proto').toLowerCase();
    if (protocol !== 'any' && protocol !== '') into.note(row, `${name} may call over any transport, not over ${protocol} alone`); // prettier-ignore
  }
}

function put(
  name: string,
  authentication: { readonly mode: string; readonly addresses: readonly string[] },
  { row, column }: { readonly row: TableRow; readonly column: string },
  into: Conversion,
): void {
  const columns = { name: 'tag', 'authentication.addresses': column, authentication: column };
  into.put('mappingGateways', { name, account: into.terms.account, authentication }, row, columns);
}

function isAddress(row: TableRow, column: string, into: Conversion): boolean {
  if (isIP(row.text(column)) !== 0) return true;
  into.refuse(row, column, 'must be an IP address: a mapping gateway has no names');
  return false;
}

function isHost(row: TableRow, into: Conversion): boolean {
  if (row.text('mask') === fullMask(row.text('ip_addr')) || row.text('mask') === '') return true;
  into.refuse(row, 'mask', `must be ${fullMask(row.text('ip_addr'))} where there is a port: write the addresses one by one`); // prettier-ignore
  return false;
}

function socketOf(row: TableRow): string {
  const address = row.text('ip_addr');
  const host = isIP(address) === 6 ? `[${address}]` : address;
  return `${host}:${String(row.number('port'))}`;
}

function blockOf(row: TableRow): string {
  const address = row.text('ip_addr');
  return `${address}/${row.text('mask') || fullMask(address)}`;
}

function fullMask(address: string): string {
  return isIP(address) === 6 ? '128' : '32';
}
