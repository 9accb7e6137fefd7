import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './command-line.ts';

const applied = {
  version: 3,
  isChanged: true,
  isDryRun: false,
  changeCount: 1,
  changes: [{ subject: 'phone 1003', kind: 'changed', fields: ['lineLimit: 0 → 2'] }],
};

test('OPS-01 fields of an entry are texts, or JSON behind :=, as deep as they stand', async () => {
  const fields = ['account=demo', 'lineLimit:=2', 'registration.maxBindings:=1', 'callerId:=null'];
  const set = await run(['phones', 'set', '1003', ...fields, '--note', 'why'], {
    answer: () => applied,
  });
  assert.equal(set.stdout, '~ phone 1003 (lineLimit: 0 → 2)\nVersion 3 is in effect.\n');
  const [sent] = set.received;
  assert.deepEqual([sent?.method, sent?.path], ['PATCH', '/configuration/phones/1003?note=why']);
  assert.deepEqual(JSON.parse(sent?.body ?? ''), {
    account: 'demo',
    lineLimit: 2,
    registration: { maxBindings: 1 },
    callerId: null,
  });
  for (const [field, message] of [
    ['lineLimit', /"lineLimit" is no field: write NAME=TEXT or NAME:=JSON/],
    ['lineLimit:=many', /"lineLimit:=many" has no JSON behind ":="/],
  ] as const) {
    const wrong = await run(['phones', 'set', '1003', field]);
    assert.deepEqual([wrong.code, wrong.received.length], [2, 0]);
    assert.match(wrong.stderr, message);
  }
});

test('OPS-01 an entry is added by fields, by a JSON object, or by both; and removed', async () => {
  const added = await run(['routing-gateways', 'add', 'c', '-f', '-', 'lineLimit:=9'], {
    stdin: '{"addresses": ["192.0.2.1:5060"], "prefixes": ["44"], "lineLimit": 1}',
    answer: () => applied,
  });
  const [sent] = added.received;
  assert.deepEqual([sent?.method, sent?.path], ['POST', '/configuration/routing-gateways']);
  assert.deepEqual(JSON.parse(sent?.body ?? ''), {
    name: 'c',
    addresses: ['192.0.2.1:5060'],
    prefixes: ['44'],
    lineLimit: 9,
  });
  const removed = await run(['accounts', 'remove', 'a/b', '--dry-run'], { answer: () => applied });
  const { method, path } = removed.received[0] ?? {};
  assert.deepEqual([method, path], ['DELETE', '/configuration/accounts/a%2Fb?dryRun=true']);
});

test('OPS-01 entries are listed in pages, narrowed and sorted, and one is shown whole', async () => {
  const entry = { name: 'c', type: 'static', addresses: ['a', 'b', 'c', 'd'], lineLimit: 9 };
  const listed = await run(
    ['routing-gateways', '--group', 'g', '--sort', '-name', '--limit', '1'],
    {
      answer: () => ({ entries: [entry], nextCursor: 'c', total: 4 }),
    },
  );
  assert.equal(
    listed.received[0]?.path,
    '/configuration/routing-gateways?sort=-name&group=g&limit=1',
  );
  assert.match(listed.stdout, /c +static +a b c … \(4\)/);
  assert.match(listed.stdout, /There are 4: --limit shows more/);
  const one = await run(['phones', '1001'], { answer: () => ({ username: '1001' }) });
  assert.deepEqual(JSON.parse(one.stdout), { username: '1001' });
});

test('OPS-05 parameters are listed, told, set and put back', async () => {
  const parameter = {
    name: 'P',
    value: 2,
    default: 3,
    range: '1 to 3',
    isSet: true,
    description: 'How.',
  };
  const told = await run(['parameters', 'P'], { answer: () => parameter });
  assert.match(told.stdout, /P +2 +3 +1 to 3 +yes\n\nHow\.\n/);
  const listed = await run(['parameters', '--set', '--search', 'x'], {
    answer: () => ({ parameters: [parameter] }),
  });
  assert.equal(listed.received[0]?.path, '/parameters?search=x&set=true');
  const set = await run(['parameters', 'set', 'P', '2'], { answer: () => applied });
  assert.deepEqual([set.received[0]?.method, set.received[0]?.body], ['PUT', '{"value":2}']);
  const word = await run(['parameters', 'set', 'P', 'On'], { answer: () => applied });
  assert.equal(word.received[0]?.body, '{"value":"On"}');
  const reset = await run(['parameters', 'reset', 'P'], { answer: () => applied });
  assert.equal(reset.received[0]?.method, 'DELETE');
});
