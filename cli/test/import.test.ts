import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run, type Ran, type Received } from './command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-import-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const document = {
  rateGroups: [{ name: 'r', currency: 'USD', rates: [{ prefix: '44', pricePerMinute: '1' }] }],
  accounts: [{ name: 'demo', rateGroup: 'r' }],
  phones: [{ username: '1001', password: '********', account: 'demo' }],
};
const applied = {
  version: 8,
  isChanged: true,
  isDryRun: false,
  changeCount: 1,
  changes: [{ subject: 'phone 1002', kind: 'added', fields: [] }],
  removals: [],
  allowRemoval: null,
  warnings: [],
};

/** A switch with version 7 in effect. */
function answer({ method, path }: Received): object {
  if (method === 'PUT') return applied;
  return path.startsWith('/configuration/versions') ? { versions: [{ version: 7 }] } : document;
}

function fileOf(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const mapping = fileOf(
  'mapping.yaml',
  'tables: [{ file: "*phones*.csv", into: phones, columns: { username: Number, password: Secret, account: Owner } }]',
);

async function importPhones(text: string, ...options: string[]): Promise<Ran> {
  return run(['import', 'csv', '-m', mapping, fileOf('Phones.csv', text), ...options], { answer });
}

const GOOD = 'Number;Secret;Owner\n1002;pass-word;demo\n';

test('ROUTE-13 a file is applied as one version, on the one that was read', async () => {
  const ran = await importPhones(GOOD, '--note', 'from there');
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(
    ran.stdout,
    /Phones\.csv: CSV, delimiter ";", encoding utf-8; for phones, lines: 1\./,
  );
  assert.match(ran.stdout, /Read: 1 phones\.\n\+ phone 1002\nVersion 8 is in effect\./);
  const put = ran.received.filter(({ method }) => method === 'PUT');
  assert.deepEqual(
    put.map(({ headers, path }) => [path, headers.get('if-match')]),
    [['/configuration?note=from+there', '7']],
  );
  assert.deepEqual(JSON.parse(put[0]?.body ?? ''), {
    ...document,
    phones: [...document.phones, { username: '1002', password: 'pass-word', account: 'demo' }],
  });
});

test('OPS-01 a line that does not fit is named, and nothing is sent; with --leave-out the others are', async () => {
  const text = `${GOOD}10 03;pass-word;demo\n1004;pass-word;nobody\n`;
  const ran = await importPhones(text);
  assert.equal(ran.code, 1);
  assert.match(ran.stdout, /^\S+Phones\.csv +3 +Number +10 03 +.*must be the user part/m);
  assert.match(ran.stdout, /^\S+Phones\.csv +4 +Owner +nobody +names customer account "nobody"/m);
  assert.match(ran.stderr, /2 lines do not fit; nothing was changed/);
  assert.ok(ran.received.every(({ method }) => method === 'GET'));
  assert.doesNotMatch(ran.stdout, /pass-word/);
  const left = await importPhones(text, '--leave-out', '--dry-run');
  assert.equal(left.code, 0, left.stderr);
  assert.match(left.stdout, /2 lines do not fit and are left out\.\nRead: 1 phones/);
  assert.equal(left.received.at(-1)?.path, '/configuration?dryRun=true');
  const json = await importPhones(text, '--leave-out', '--json', '--base', 'none');
  assert.equal(json.code, 1);
  assert.match(json.stdout, /"line":3,"column":"Number","found":"10 03"/);
});

test('OPS-01 a draft is written for its owner alone, and no switch is asked where a document is named', async () => {
  const base = fileOf('base.yaml', JSON.stringify(document));
  const out = join(folder, 'draft.yaml');
  const ran = await importPhones(GOOD, '--base', base, '--out', out);
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(ran.received, []);
  assert.match(readFileSync(out, 'utf8'), /username: "1002"\n +password: pass-word/);
  assert.equal(statSync(out).mode & 0o777, 0o600);
  const none = await importPhones(GOOD, '--base', 'none');
  assert.match(none.stdout, /Owner +demo +names customer account "demo", which does not exist/);
  const list = fileOf('list.yaml', '- 1');
  assert.match((await importPhones(GOOD, '--base', list)).stderr, /is no document/);
  assert.equal((await importPhones(GOOD, '--base', base, '--out', '/no/such/x')).code, 2);
});

test('OPS-01 what the switch alone finds is told by the line, too', async () => {
  const problem = {
    detail: '1 mistake in the document; nothing was changed',
    mistakes: [{ path: 'phones[1].account', message: 'is nobody here' }],
  };
  const ran = await run(['import', 'csv', '-m', mapping, fileOf('phones.csv', GOOD)], {
    answer: (request) => (request.method === 'PUT' ? { status: 422, problem } : answer(request)),
  });
  assert.equal(ran.code, 1);
  assert.match(ran.stdout, /phones\.csv +2 +Owner +demo +is nobody here/);
});

test('OPS-01 with --leave-out the lines that the switch finds are left out, too', async () => {
  const mistakes = [{ path: 'phones[1].account', message: 'is nobody here' }];
  let puts = 0;
  const file = fileOf('phones.csv', `${GOOD}1003;pass-word;demo\n`);
  const ran = await run(['import', 'csv', '-m', mapping, file, '--leave-out'], {
    answer: (request) => {
      if (request.method !== 'PUT') return answer(request);
      puts += 1;
      return puts === 1 ? { status: 422, problem: { detail: '1 mistake', mistakes } } : applied;
    },
  });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(
    ran.stdout,
    /phones\.csv +2 +Owner +demo +is nobody here\n1 line does not fit and is left out/,
  );
  const sent = JSON.parse(ran.received.at(-1)?.body ?? '') as { phones: { username: string }[] };
  assert.deepEqual(sent.phones.map(({ username }) => username), ['1001', '1003']); // prettier-ignore
});

test('OPS-01 a file that nobody reads, mistakes of the mapping and files that are not there are told', async () => {
  const other = fileOf('other.csv', GOOD);
  const unread = await run(['import', 'csv', '-m', mapping, other], { answer });
  assert.match(unread.stderr, /other\.csv fits no file of .*mapping\.yaml \(\*phones\*\.csv\)/);
  const wrong = fileOf('wrong.yaml', 'tables: [{ file: x, into: phones, columns: { user: A } }]');
  const mistaken = await run(['import', 'csv', '-m', wrong, other], { answer });
  assert.match(mistaken.stderr, /tables\.0\.columns\.user \(line 1\): is no field of phones/);
  const missing = await run(['import', 'csv', '-m', mapping, join(folder, 'no-phones.csv')]);
  assert.equal(missing.code, 2);
  const columns = await importPhones('Number;Owner\n1;demo\n');
  assert.match(columns.stderr, /has no column "Secret"; its columns are Number, Owner/);
  const empty = await importPhones('Number;Secret;Owner\n');
  assert.match(empty.stderr, /Nothing was read that could be imported/);
});

test('ROUTE-02 AUTH-12 tables of Kamailio are imported for an account that is made, and notes tell what is otherwise', async () => {
  const file = new URL('../../libs/migration/test/fixtures/kamailio/pg-copy.sql', import.meta.url);
  const args = ['import', 'kamailio', file.pathname, '--account', 'kam'];
  const more = ['--group', '9', '--for', 'alpha', '--time-zone', 'Europe/Berlin', '--leave-out'];
  const unknown = await run([...args, ...more, '--base', 'none'], { answer });
  assert.match(unknown.stdout, / account names customer account "kam", which does not exist/);
  const ran = await run([...args, '--new-account', ...more], { answer });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /Note: \S+ line \d+: destinations get prefix ""/);
  assert.match(ran.stdout, /phone 1003 has ha1 alone/);
  const sent = JSON.parse(ran.received.at(-1)?.body ?? '') as Record<string, { name: string }[]>;
  assert.deepEqual(sent['accounts']?.map(({ name }) => name), ['demo', 'kam']); // prettier-ignore
  assert.ok(sent['schedules']?.some(({ name }) => name === 'times-of-rule-4'));
  const wrong = await run(['import', 'kamailio', mapping, '--account', 'kam'], { answer });
  assert.match(wrong.stderr, /is called after none of the tables dispatcher/);
});
