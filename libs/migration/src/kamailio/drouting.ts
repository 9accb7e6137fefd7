import type { Conversion, TableRow } from './conversion.ts';
import { gatewayAddress, type GatewayAddress } from './gateway-address.ts';
import { readTimeRecurrence } from './time-recurrence.ts';

/** A gateway at one place of the lists of gateways: each place is an entry with a priority of its own. */
interface Place {
  readonly gateway: TableRow;
  readonly address: GatewayAddress;
  readonly priority: number;
  readonly schedule: string | undefined;
  readonly prefixes: Set<string>;
  readonly rule: TableRow;
}

/** Rules by prefix: each gateway with the prefixes that it has at a place of their lists. */
export function convertDrouting(into: Conversion): void {
  const rules = rulesOfGroup(into);
  if (rules === undefined) return;
  const gateways = new Map(into.rows('dr_gateways').map((row) => [row.text('gwid'), row]));
  const lists = new Map(into.rows('dr_gw_lists').map((row) => [row.text('id'), row.text('gwlist')])); // prettier-ignore
  const places = new Map<string, Place>();
  const taken = new Map<string, number>();
  for (const rule of rules) {
    const prefix = rule.text('prefix');
    const schedule = scheduleOf(rule, into);
    if (schedule === null) continue;
    const before = taken.get(prefix) ?? 0;
    if (before > 0) into.note(rule, `another rule for prefix "${prefix}" has a higher priority: its gateways come before those of this one, which Kamailio would not try after them`); // prettier-ignore
    const ids = gatewaysOf(rule.text('gwlist'), lists);
    if (ids === undefined) {
      into.refuse(
        rule,
        'gwlist',
        'must be ids of dr_gateways, such as 1,2;3, or #1 of dr_gw_lists',
      );
      continue;
    }
    for (const [index, id] of ids.entries()) {
      const gateway = gateways.get(id);
      if (gateway === undefined) {
        into.refuse(rule, 'gwlist', `names gateway ${id}, which is not in dr_gateways`);
        continue;
      }
      const address = gatewayAddress(gateway.text('address'));
      // Told once, of the gateway itself.
      if (address === undefined) continue;
      const priority = before + index + 1;
      const key = JSON.stringify([id, priority, schedule]);
      const place = places.get(key) ?? { gateway, address, priority, schedule, rule, prefixes: new Set() }; // prettier-ignore
      place.prefixes.add(prefix);
      places.set(key, place);
    }
    taken.set(prefix, before + ids.length);
  }
  for (const row of gateways.values()) {
    if (gatewayAddress(row.text('address')) !== undefined) continue;
    into.refuse(row, 'address', 'must be a host with a port or without, or a SIP URI, over udp, tcp or tls'); // prettier-ignore
  }
  for (const place of places.values()) convertPlace(place, into);
}

function convertPlace(
  { address, gateway, prefixes, priority, rule, schedule }: Place,
  into: Conversion,
): void {
  // prettier-ignore
  const { callers } = into.terms;
  const called = gateway.text('description') || address.address;
  const name = into.routingNames.take(priority === 1 ? called : `${called}-place-${String(priority)}`, `gateway-${gateway.text('gwid')}`); // prettier-ignore
  const rules = numberRulesOf(gateway, into);
  into.put(
    'routingGateways',
    {
      name,
      addresses: [address.address],
      ...(address.transport === undefined ? {} : { transport: address.transport }),
      prefixes: [...prefixes].sort(),
      // drouting tries no shorter prefix once a longer one matched.
      prefixMode: 'expiration',
      priority,
      ...(rules === undefined ? {} : { numberRules: [rules] }),
      ...(schedule === undefined ? {} : { schedule }),
      ...(callers === undefined ? {} : { allowedMappingGateways: callers }),
    },
    prefixes.size === 1 ? rule : gateway,
    prefixes.size === 1 ? { prefixes: 'prefix' } : { name: 'description', addresses: 'address', transport: 'address' }, // prettier-ignore
  );
}

/** Rules of the group that is asked for, the highest priority first; undefined where it must be said which. */
function rulesOfGroup(into: Conversion): TableRow[] | undefined {
  const { group } = into.terms;
  const rules = into.rows('dr_rules');
  const groups = new Set(rules.flatMap(groupsOf));
  const known = [...groups].sort().join(', ');
  const [first] = rules;
  if (first !== undefined && group === undefined && groups.size > 1) {
    into.refuse(first, 'groupid', `rules are of groups ${known}: import one with --group, and another by a second import with --for, which keeps it to some mapping gateways`); // prettier-ignore
    return undefined;
  }
  if (first !== undefined && group !== undefined && !groups.has(group)) {
    into.refuse(first, 'groupid', `no rule is of group ${group}: there are ${known}`);
    return undefined;
  }
  const users = into.rows('dr_groups');
  if (group !== undefined && users[0] !== undefined) into.note(users[0], 'dr_groups is not taken over: which mapping gateways use the rules is said with --for'); // prettier-ignore
  const own = rules.filter((rule) => group === undefined || groupsOf(rule).includes(group));
  return own.toSorted((a, b) => b.number('priority') - a.number('priority'));
}

function groupsOf(rule: TableRow): string[] {
  return rule.text('groupid').split(/[,;\s]+/).filter((each) => each !== ''); // prettier-ignore
}

/** Ids in the order in which they are tried; undefined where it is no list of them. */
function gatewaysOf(text: string, lists: ReadonlyMap<string, string>): string[] | undefined {
  const listed = /^#(\d+)$/.exec(text.trim())?.[1];
  const written = listed === undefined ? text : lists.get(listed);
  if (written === undefined) return undefined;
  const parts = written.split(/[,;]/).map((each) => each.trim());
  const ids: string[] = [];
  for (const part of parts) {
    if (/^\d+$/.test(part)) ids.push(part);
    else if (/^#\d+$/.test(part)) {
      const inner = lists.get(part.slice(1));
      if (inner === undefined || inner.includes('#')) return undefined;
      ids.push(...(gatewaysOf(inner, lists) ?? []));
    } else return undefined;
  }
  return [...new Set(ids)];
}

/** null where the time of a rule cannot be taken over. */
function scheduleOf(rule: TableRow, into: Conversion): string | undefined | null {
  const text = rule.text('timerec');
  if (text.replaceAll('|', '') === '') return undefined;
  const read = readTimeRecurrence(text);
  if ('wrong' in read) {
    into.refuse(rule, 'timerec', read.wrong);
    return null;
  }
  const name = `times-of-rule-${rule.text('ruleid')}`;
  const timeZone = into.terms.timeZone ?? 'UTC';
  into.put('schedules', { name, timeZone, open: [read.period] }, rule, { open: 'timerec' });
  if (into.terms.timeZone === undefined) into.note(rule, `its times are taken as UTC, Kamailio's are those of its machine: say which with --time-zone`); // prettier-ignore
  return name;
}

/** The set of rules that strips and prepends as drouting does; undefined where there is nothing to change. */
function numberRulesOf(gateway: TableRow, into: Conversion): string | undefined {
  const strip = gateway.number('strip');
  const prepend = gateway.text('pri_prefix');
  if (strip === 0 && prepend === '') return undefined;
  const words = [
    ...(strip === 0 ? [] : [`strip-${String(strip)}`]),
    ...(prepend === '' ? [] : [`prepend-${prepend.replace('+', 'plus')}`]),
  ];
  const name = words.join('-');
  const rule = { number: 'callee', ...(strip === 0 ? {} : { strip }), ...(prepend === '' ? {} : { prepend }) }; // prettier-ignore
  into.put('numberRules', { name, rules: [rule] }, gateway, { rules: 'pri_prefix' });
  return name;
}
