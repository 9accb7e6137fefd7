import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from './command-line.ts';

const applied = {
  version: 2,
  isChanged: true,
  isDryRun: false,
  changeCount: 4,
  changes: [
    { subject: 'phone 1002', kind: 'added', fields: [] },
    { subject: 'phone 1003', kind: 'removed', fields: [] },
    { subject: 'routing gateway carrier-b', kind: 'changed', fields: ['priority: 2 → 3'] },
  ],
};

test('OPS-01 apply sends the document as it is and says what changed', async () => {
  const { code, stdout, received } = await run(
    ['apply', '-f', '-', '--note', 'why', '--if-version', '1'],
    {
      stdin: "realm: 'ä'\n",
      answer: () => applied,
    },
  );
  assert.equal(code, 0);
  assert.equal(received[0]?.method, 'PUT');
  assert.equal(received[0].path, '/configuration?note=why');
  assert.equal(received[0].body, "realm: 'ä'\n");
  assert.equal(received[0].headers.get('content-type'), 'application/yaml');
  assert.equal(received[0].headers.get('if-match'), '1');
  assert.deepEqual(stdout.split('\n'), [
    '+ phone 1002',
    '- phone 1003',
    '~ routing gateway carrier-b (priority: 2 → 3)',
    '  and 1 more',
    'Version 2 is in effect.',
    '',
  ]);
});

test('OPS-01 apply knows JSON by the name of the file or its first character', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-cli-'));
  const file = join(folder, 'c.json');
  writeFileSync(file, '[]');
  const byName = await run(['apply', '-f', file]);
  rmSync(folder, { recursive: true });
  const byText = await run(['apply', '-f', '-'], { stdin: ' {"realm": "x"}' });
  for (const { received } of [byName, byText]) {
    assert.equal(received[0]?.headers.get('content-type'), 'application/json');
  }
});

test('OPS-01 apply --dry-run and an equal document say that nothing was changed', async () => {
  const dry = await run(['apply', '-f', '-', '--dry-run'], {
    answer: () => ({ ...applied, isDryRun: true }),
  });
  assert.equal(dry.received[0]?.path, '/configuration?dryRun=true');
  assert.match(dry.stdout, /Would become version 2; nothing was changed\./);
  const same = await run(['apply', '-f', '-'], {
    answer: () => ({ version: 1, isChanged: false, changes: [] }),
  });
  assert.equal(same.stdout, 'Nothing to change: version 1 is the same.\n');
});

test('OPS-01 apply names every mistake with its path and line and exits with 1', async () => {
  const mistakes = [
    { path: 'realm', message: 'is a number', line: 3 },
    { path: 'phones[0].account', message: 'names account "x"' },
  ];
  const answer = () => ({
    status: 422,
    problem: { detail: '2 mistakes; nothing was changed', mistakes },
  });
  const text = await run(['apply', '-f', '-'], { answer });
  assert.equal(text.code, 1);
  assert.deepEqual(text.stderr.split('\n'), [
    'tandem: 2 mistakes; nothing was changed.',
    '  realm (line 3): is a number',
    '  phones[0].account: names account "x"',
    '',
  ]);
  const json = await run(['apply', '-f', '-', '--json'], { answer });
  assert.deepEqual(
    json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
    mistakes,
  );
});

test('OPS-01 apply --json prints one object', async () => {
  const { stdout } = await run(['apply', '-f', '-', '--json'], { answer: () => applied });
  assert.deepEqual(JSON.parse(stdout), applied);
  assert.equal(stdout.trim().split('\n').length, 1);
});

test('OPS-01 get prints YAML as it comes, or JSON', async () => {
  const yaml = await run(['get'], { answer: () => "realm: '044'\n" });
  assert.equal(yaml.stdout, "realm: '044'\n");
  assert.equal(yaml.received[0]?.headers.get('accept'), 'application/yaml');
  const json = await run(['get', '--format', 'json'], { answer: () => ({ realm: 'x' }) });
  assert.equal(json.stdout, '{\n  "realm": "x"\n}\n');
  const line = await run(['get', '--json'], { answer: () => ({ realm: 'x' }) });
  assert.equal(line.stdout, '{"realm":"x"}\n');
});

test('OPS-01 apply passes on how much may be removed, and tells a refusal', async () => {
  const detail = 'this would remove 39 of 40 phones (1, 2, 3, …); nothing was changed';
  const { code, stderr, received } = await run(['apply', '-f', '-', '--allow-removal', '38'], {
    answer: () => ({ status: 409, problem: { detail } }),
  });
  assert.equal(received[0]?.path, '/configuration?allowRemoval=38');
  assert.deepEqual([code, stderr], [1, `tandem: ${detail}.\n`]);
});

test('OPS-01 a dry run of what would be refused shows the changes, says so and exits with 1', async () => {
  const removals = [
    { kind: 'phones', removed: 39, of: 40, names: ['1', '2', '3'] },
    { kind: 'rates', removed: 1, of: 2, names: ['standard 44'] },
  ];
  const answer = () => ({ ...applied, isDryRun: true, removals, allowRemoval: 40 });
  const { code, stdout, stderr } = await run(['apply', '-f', '-', '--dry-run'], { answer });
  assert.equal(code, 1);
  assert.match(stdout, /^- phone 1003$/m);
  assert.equal(
    stderr,
    'tandem: This would be refused: it removes 39 of 40 phones (1, 2, 3, …), 1 of 2 rates (standard 44). If it is meant, add --allow-removal 40.\n',
  );
});

test('OPS-01 help says which removals need permission', async () => {
  for (const command of ['apply', 'rollback']) {
    const { stdout } = await run([command, '--help']);
    assert.match(stdout, /more than 5 entries of a kind .* that are\nmore than 10 % of it/);
  }
});

test('OPS-08 rollback brings the version before back, where that in effect is still the same', async () => {
  const { code, stdout, received } = await run(['rollback', '--note', 'why'], {
    answer: ({ path }) =>
      path.startsWith('/configuration/versions?') ? { versions: [{ version: 7 }] } : applied,
  });
  assert.equal(code, 0);
  assert.match(stdout, /Version 2 is in effect\.\n$/);
  assert.equal(received[1]?.method, 'POST');
  assert.equal(received[1].path, '/configuration/versions/6/rollback?note=why');
  assert.equal(received[1].headers.get('if-match'), '7');
  const first = await run(['rollback'], { answer: () => ({ versions: [{ version: 1 }] }) });
  assert.equal(first.code, 1);
  assert.equal(first.stderr, 'tandem: There is no version before the one in effect.\n');
});

test('OPS-08 rollback takes a version, a dry run and how much may be removed', async () => {
  const args = ['rollback', '3', '--dry-run', '--allow-removal', '9', '--if-version', '5'];
  const { received } = await run(args, { answer: () => ({ ...applied, isDryRun: true }) });
  assert.equal(received[0]?.path, '/configuration/versions/3/rollback?dryRun=true&allowRemoval=9');
  assert.equal(received[0].headers.get('if-match'), '5');
  const free = await run(['rollback', '3'], { answer: () => applied });
  assert.equal(free.received[0]?.headers.get('if-match'), null);
});

test('OPS-01 versions are listed', async () => {
  const versions = [
    { version: 1, appliedAt: '2026-11-21T12:00:00.000Z', appliedBy: 'api', note: 'first' },
  ];
  const { stdout } = await run(['versions'], { answer: () => ({ versions }) });
  assert.equal(
    stdout,
    'VERSION  APPLIED (UTC)        BY   NOTE\n      1  2026-11-21 12:00:00  api  first\n',
  );
  assert.equal((await run(['versions'])).stdout, 'No configuration was applied yet.\n');
});
