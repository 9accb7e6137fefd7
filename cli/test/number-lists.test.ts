import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './command-line.ts';

const changed = {
  name: 'vip',
  version: 3,
  isChanged: true,
  isDryRun: false,
  numbers: 2,
  added: 1,
  removed: 4,
  duplicates: 0,
};

test('ROUTE-10 a file is imported into a list, and what changed is told', async () => {
  const imported = await run(['lists', 'import', 'vip', '-', '--note', 'march'], {
    stdin: '44\n45\n44\n',
    answer: () => ({ ...changed, duplicates: 1 }),
  });
  const [request] = imported.received;
  assert.deepEqual(
    [request?.method, request?.path, request?.body, request?.headers.get('content-type')],
    ['PUT', '/number-lists/vip?note=march', '44\n45\n44\n', 'text/csv'],
  );
  assert.equal(
    imported.stdout,
    'Version 3 of vip is in effect: 2 numbers, 1 added, 4 removed, 1 stood there twice.\n',
  );
  const dry = await run(['lists', 'import', 'vip', '-', '--dry-run'], {
    answer: () => ({ ...changed, isDryRun: true }),
  });
  assert.equal(dry.received[0]?.path, '/number-lists/vip?dryRun=true');
  assert.match(dry.stdout, /^Would become version 3 of vip: .*; nothing was changed\.$/m);
  const missing = await run(['lists', 'import', 'vip', '/no/such/file.csv']);
  assert.deepEqual([missing.code, missing.received.length], [2, 0]);
});

test('ROUTE-10 lines that hold no number are told with their lines', async () => {
  const problem = {
    detail: '1 line or entry holds no number; nothing was changed',
    mistakes: [{ path: '', message: 'is "x", must be a number', line: 7 }],
  };
  const ran = await run(['lists', 'import', 'vip', '-'], {
    answer: () => ({ status: 422, problem }),
  });
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /holds no number; nothing was changed\.\n.*\(line 7\): is "x"/);
});

test('ROUTE-10 numbers are added, removed, found; versions are listed and brought back', async () => {
  const removed = await run(['lists', 'remove', 'vip', '44', '45'], { answer: () => changed });
  assert.deepEqual(
    [removed.received[0]?.path, removed.received[0]?.body],
    ['/number-lists/vip/changes', '{"remove":["44","45"]}'],
  );
  const same = await run(['lists', 'add', 'vip', '44'], {
    answer: () => ({ ...changed, isChanged: false }),
  });
  assert.equal(same.stdout, 'Nothing to change: version 3 of vip is the same.\n');
  const find = async (entry: string | null) =>
    (await run(['lists', 'find', 'vip', '+44'], { answer: () => ({ entry }) })).stdout;
  assert.equal(await find('44'), '+44 is in vip (44).\n');
  assert.equal(await find(null), '+44 is not in vip.\n');
  const versions = await run(['lists', 'versions', 'vip'], {
    answer: () => ({ versions: [{ version: 3, numbers: 2, importedAt: '2026-11-21T12:00:00.000Z', importedBy: 'api', note: '' }] }), // prettier-ignore
  });
  assert.match(versions.stdout, /^ +3 +2026-11-21 12:00:00 +api +2/m);
  const back = await run(['lists', 'rollback', 'vip', '1', '--json'], { answer: () => changed });
  assert.equal(back.received[0]?.path, '/number-lists/vip/versions/1/rollback');
  assert.deepEqual(JSON.parse(back.stdout), changed);
  const listed = await run(['lists'], {
    answer: () => ({ lists: [{ name: 'old', match: null, numbers: 2, version: 1 }, { name: 'vip', match: 'exact', numbers: 0 }] }), // prettier-ignore
  });
  assert.match(listed.stdout, /^old +not in use +2 +1/m);
  const exported = await run(['lists', 'export', 'vip'], { answer: () => 'number\n44\n' });
  assert.match(exported.stdout, /^number\n44\n/);
});
