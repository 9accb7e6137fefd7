import type { Conversion, TableRow } from './conversion.ts';
import { gatewayAddress } from './gateway-address.ts';

/** Flags of dispatcher. */
const FLAGS = { inactive: 1, disabled: 4, probing: 8 } as const;
const POLICY = 'kamailio-weights';

/** Sets of destinations: groups of routing gateways for every number. */
export function convertDispatcher(into: Conversion): void {
  const rows = into.rows('dispatcher');
  const priorities = prioritiesOf(rows);
  for (const row of rows) convertDestination(row, into, priorities);
  const weighted = rows.find((row) => attributesOf(row).has('weight'));
  if (weighted !== undefined) {
    into.put('routePolicies', { name: POLICY, order: 'weight' }, weighted);
    into.note(weighted, `has a weight: calls are shared out by weight where routePolicy is ${POLICY}, of the document, an account or a mapping gateway`); // prettier-ignore
  }
  const [first] = rows;
  if (first === undefined) return;
  into.note(first, 'destinations get prefix "", every number: which set a call goes to stands in the script of Kamailio; narrow down their prefixes, or the mapping gateways that are allowed'); // prettier-ignore
}

function convertDestination(
  row: TableRow,
  into: Conversion,
  priorities: ReadonlyMap<string, number>,
): void {
  // prettier-ignore
  const where = gatewayAddress(row.text('destination'));
  if (where === undefined) {
    into.refuse(row, 'destination', 'must be a SIP URI such as sip:192.0.2.1:5060, over udp, tcp or tls'); // prettier-ignore
    return;
  }
  const attributes = attributesOf(row);
  const set = `set-${row.text('setid')}`;
  into.put('gatewayGroups', { name: set }, row, { name: 'setid' });
  const flags = row.number('flags');
  const called = [attributes.get('duid') ?? '', row.text('description'), where.address];
  const name = into.routingNames.take(
    called.find((each) => each !== '') ?? '',
    `${set}-${where.address}`,
  );
  const weight = attributes.get('weight');
  const most = attributes.get('maxload');
  into.put(
    'routingGateways',
    {
      name,
      group: set,
      addresses: [where.address],
      ...(where.transport === undefined ? {} : { transport: where.transport }),
      prefixes: [''],
      priority: priorities.get(`${set} ${String(row.number('priority'))}`) ?? 1,
      ...(weight === undefined ? {} : { weight: numeric(weight) }),
      ...(most === undefined ? {} : { lineLimit: numeric(most) }),
      ...((flags & (FLAGS.inactive | FLAGS.disabled)) === 0 ? {} : { lock: 'bar-all' }),
      ...((flags & FLAGS.probing) === 0 ? {} : { optionsCheck: {} }),
    },
    row,
    { name: 'description', addresses: 'destination', transport: 'destination', weight: 'attrs', lineLimit: 'attrs' }, // prettier-ignore
  );
  const known = ['weight', 'maxload', 'duid'];
  const others = [...attributes.keys()].filter((each) => !known.includes(each));
  if (others.length > 0) into.note(row, `attrs ${others.join(', ')} of ${name} are not taken over`);
}

/** dispatcher tries the highest first; here 1 is first. */
function prioritiesOf(rows: readonly TableRow[]): Map<string, number> {
  const sets = Map.groupBy(rows, (row) => `set-${row.text('setid')}`);
  const ranks = new Map<string, number>();
  for (const [set, members] of sets) {
    const found = [...new Set(members.map((row) => row.number('priority')))].sort((a, b) => b - a);
    for (const [index, priority] of found.entries()) {
      ranks.set(`${set} ${String(priority)}`, index + 1);
    }
  }
  return ranks;
}

function attributesOf(row: TableRow): Map<string, string> {
  const parts = row.text('attrs').split(';').filter((each) => each.trim() !== ''); // prettier-ignore
  // kamctl over db_text writes blanks around the sign.
  return new Map(parts.map((each) => [
    (each.split('=')[0] ?? '').trim(), each.split('=').slice(1).join('=').trim(),
  ])); // prettier-ignore
}

/** What is no number stays text, and is found as a mistake of its column. */
function numeric(text: string): number | string {
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}
