import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  checkDraft,
  convertKamailio,
  draftOf,
  readKamailio,
  UnreadableFile,
  type Block,
  type Converted,
  type KamailioTerms,
} from '../src/index.ts';

/** Written by pg_dump 15, mariadb-dump 10.11, psql and kamctl of tables with the schema of Kamailio 5.6. */
const FOLDER = join(import.meta.dirname, 'fixtures/kamailio');
const base = {
  rateGroups: [{ name: 'kam', currency: 'USD', rates: [] }],
  accounts: [{ name: 'kam', rateGroup: 'kam' }],
};

function converted(file: string, terms: Partial<KamailioTerms> = {}): Converted {
  const { tables } = readKamailio(file, readFileSync(join(FOLDER, file)));
  return convertKamailio(tables, { account: 'kam', group: '8', ...terms });
}

/** Entries of a list by name, as they stand in a draft that is valid. */
function drafted(
  file: string,
  list: string,
  terms: Partial<KamailioTerms> = {},
): Record<string, Block> {
  // prettier-ignore
  const draft = draftOf(base, converted(file, terms).entries);
  assert.deepEqual(checkDraft(draft), { unfit: [], others: [] });
  const entries = (draft.document[list] ?? []) as readonly Block[];
  return Object.fromEntries(
    entries.map((each) => [String(each['name'] ?? each['username']), each]),
  );
}

test('ROUTE-02 dumps of PostgreSQL by COPY and by INSERT, and of MariaDB, give the same entries', () => {
  const [first, ...others] = [
    'pg-copy.sql',
    'pg-inserts.sql',
    'pg-data-only.sql',
    'mysqldump.sql',
  ].map((file) =>
    // prettier-ignore
    converted(file).entries.map(({ key, list, value }) => ({ key, list, value })),
  );
  assert.ok(first !== undefined && first.length > 15);
  for (const other of others) assert.deepEqual(other, first);
});

test('AUTH-01 ROUTE-02 dispatcher: sets are groups; priority, weight, limit, flags and transport are taken over', () => {
  const gateways = drafted('mysqldump.sql', 'routingGateways');
  assert.deepEqual(gateways['lon-2'], {
    name: 'lon-2',
    group: 'set-1',
    addresses: ['192.0.2.12:5060'],
    transport: 'tcp',
    prefixes: [''],
    priority: 1,
    weight: 30,
    lineLimit: 200,
    optionsCheck: {},
  });
  assert.equal(gateways['sip.carrier.example']?.['priority'], 2);
  assert.deepEqual(
    ['transport', 'lock', 'addresses'].map((key) => gateways['Zurich-v6']?.[key]),
    ['tls', 'bar-all', ['[2001:db8::5]:5061']],
  );
  assert.deepEqual(Object.keys(drafted('mysqldump.sql', 'gatewayGroups')), ['set-1', 'set-2']);
});

test('ROUTE-03 ROUTE-10 drouting: a place in the list of gateways is a priority, strip and prefix are rules', () => {
  const gateways = drafted('pg-copy.sql', 'routingGateways');
  const told = (name: string): unknown[] => ['prefixes', 'priority', 'prefixMode', 'numberRules'].map((key) => gateways[name]?.[key]); // prettier-ignore
  assert.deepEqual(told('carrier-A'), [['44'], 1, 'expiration', undefined]);
  assert.deepEqual(told('carrier-B-place-2'), [['44'], 2, 'expiration', ['strip-2-prepend-0044']]);
  assert.deepEqual(told('carrier-B'), [[''], 1, 'expiration', ['strip-2-prepend-0044']]);
  // 3;#1, where list 1 is 1,2
  assert.deepEqual(told('Carrier-C-premium'), [['447'], 1, 'expiration', ['prepend-plus']]);
  assert.deepEqual(told('carrier-A-place-2'), [['447'], 2, 'expiration', undefined]);
  assert.deepEqual(told('carrier-B-place-3'), [['447'], 3, 'expiration', ['strip-2-prepend-0044']]);
  const rule = { number: 'callee', strip: 2, prepend: '0044' };
  assert.deepEqual(drafted('pg-copy.sql', 'numberRules')['strip-2-prepend-0044']?.['rules'], [
    rule,
  ]);
});

test('ROUTE-08 drouting: times of a rule are a schedule, and a group is kept to some mapping gateways', () => {
  const terms = { group: '9', callers: ['alpha'], timeZone: 'Europe/Berlin' };
  const gateways = drafted('pg-inserts.sql', 'routingGateways', terms);
  assert.deepEqual(
    ['schedule', 'prefixes', 'allowedMappingGateways'].map((key) => gateways['carrier-A']?.[key]),
    ['times-of-rule-4', ['49'], ['alpha']],
  );
  assert.deepEqual(drafted('pg-inserts.sql', 'schedules', terms)['times-of-rule-4'], {
    name: 'times-of-rule-4',
    timeZone: 'Europe/Berlin',
    open: [{ weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00' }],
  });
});

test('ROUTE-02 drouting: rules of several groups are not mixed', () => {
  const { entries, unfit } = converted('pg-copy.sql', { group: undefined });
  assert.match(unfit.find(({ column }) => column === 'groupid')?.message ?? '', /groups 8, 9: import one with --group/); // prettier-ignore
  assert.ok(!entries.some(({ key }) => key === 'carrier-A'));
  assert.match(converted('pg-copy.sql', { group: '7' }).unfit.at(-1)?.message ?? '', /no rule is of group 7: there are 8, 9/); // prettier-ignore
});

test('AUTH-01 permissions: a tag is a mapping gateway; with ports it is ip-port; a pattern does not fit', () => {
  const gateways = drafted('mysqldump.sql', 'mappingGateways');
  const modes = Object.fromEntries(Object.entries(gateways).map(([name, { authentication }]) => [name, authentication])); // prettier-ignore
  assert.deepEqual(modes, {
    alpha: { mode: 'ip', addresses: ['203.0.113.10/32', '203.0.113.16/28'] },
    'beta-GmbH': { mode: 'ip-port', addresses: ['203.0.113.40:5080'] },
    'group-2': { mode: 'ip', addresses: ['2001:db8:1::/48'] },
    'pbx-1': { mode: 'ip', addresses: ['198.51.100.200/32'] },
  });
  const pattern = converted('mysqldump.sql').unfit.find(({ column }) => column === 'from_pattern');
  assert.deepEqual([pattern?.line, pattern?.found], [266, '^sip:49']);
});

test('AUTH-12 subscriber: passwords come whole out of every dump; who has HA1 alone is named', () => {
  for (const file of ['pg-copy.sql', 'pg-inserts.sql', 'mysqldump.sql', 'mysqldump-data.sql']) {
    const phones = drafted(file, 'phones');
    assert.deepEqual(
      Object.values(phones).map(({ password, realm, username }) => [username, password, realm]),
      [
        ['1001', 's3cret:x', 'sip.example.org'],
        ['1002', "back\\slash'quote", 'sip.example.org'],
      ],
    );
    const [refused] = converted(file).unfit.filter(({ column }) => column === 'password');
    assert.match(refused?.message ?? '', /^phone 1003 has ha1 alone/);
    assert.ok(!JSON.stringify(refused).includes('5f4dcc3b'));
  }
});

test('ROUTE-02 what kamctl writes into db_text, and what psql writes as CSV and TSV, is read, too', () => {
  assert.deepEqual(
    Object.values(drafted('dbtext/subscriber', 'phones')).map(({ password }) => password),
    ['s3cret:x', 'pass2'],
  );
  // kamctl writes `weight = 70` for weight=70.
  const london = drafted('dbtext/dispatcher', 'routingGateways')['London-1'];
  assert.deepEqual([london?.['addresses'], london?.['weight']], [['192.0.2.11:5060'], 70]);
  assert.deepEqual(Object.keys(drafted('dbtext/address', 'mappingGateways')), ['alpha']);
  assert.equal(Object.keys(drafted('dispatcher.csv', 'routingGateways')).length, 4);
  assert.equal(Object.keys(drafted('address.tsv', 'mappingGateways')).length, 3);
});

test('OPS-01 what is no dump, another table, or cut off is told with its line', () => {
  const read = (file: string, text: string): string => {
    try {
      readKamailio(file, Buffer.from(text));
      return 'read';
    } catch (error) {
      assert.ok(error instanceof UnreadableFile);
      return error.message;
    }
  };
  assert.match(read('x.csv', 'a,b\n1,2\n'), /called after none of the tables dispatcher/);
  assert.match(read('dispatcher.csv', 'id,setid\n1,2\n'), /has no column destination/);
  assert.match(read('d.sql', "INSERT INTO dispatcher VALUES\n(1,2,'sip:x"), /line 2\).*cut off/);
  assert.match(read('d.sql', 'INSERT INTO dispatcher VALUES (1,2);'), /has 2 values for table dispatcher, which has 7 columns/); // prettier-ignore
  assert.match(read('d.sql', 'CREATE TABLE other (a int);'), /has no row of dispatcher/);
  assert.match(read('address', 'id(int) grp(int) ip_addr(string)\n1:1\n'), /line 2\): has 2 values for 3 columns/); // prettier-ignore
});

test('ROUTE-08 times that are no daily or weekly hours do not fit', () => {
  const gateways = "INSERT INTO dr_gateways VALUES (1,0,'192.0.2.1',0,'','','g');";
  const withTime = (timerec: string): Converted => {
    const rule = `INSERT INTO dr_rules VALUES (1,'8','44','${timerec}',0,'0','1','');`;
    const { tables } = readKamailio('d.sql', Buffer.from(`${gateways}\n${rule}\n`));
    return convertKamailio(tables, { account: 'kam' });
  };
  const open = (timerec: string): unknown =>
    (withTime(timerec).entries.find(({ list }) => list === 'schedules')?.value['open'] as unknown[] | undefined)?.[0]; // prettier-ignore
  assert.deepEqual(open('20260101T220000|8H|DAILY'), { from: '22:00', to: '06:00' });
  assert.deepEqual(open('20260101T000000|1D|WEEKLY|||SA,SU'), { weekdays: ['sat', 'sun'] });
  assert.deepEqual(open('20260101T090000|PT1H30M|daily|20261231T000000'), { dates: ['2026-01-01..2026-12-31'], from: '09:00', to: '10:30' }); // prettier-ignore
  for (const wrong of [
    '20260101T090000|10H|MONTHLY',
    '20260101T090000|10H|WEEKLY|||1MO',
    'never',
    '20260101T090000|25H|DAILY',
    '20260101T090000|1H|DAILY||2',
    '20260101T090000|1H|WEEKLY',
  ]) {
    // prettier-ignore
    assert.match(withTime(wrong).unfit[0]?.message ?? '', /^must be as 20260101T080000\|10H/);
  }
});
