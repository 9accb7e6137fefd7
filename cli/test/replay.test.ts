import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { run, type Received } from './command-line.ts';

const money = (amount: string) => [{ currency: 'USD', amount }];
const figures = { calls: 3, answered: 2, failed: 1, refused: 0, open: 0, seconds: 121, revenue: money('0.03'), cost: money('0.01'), margin: money('0.02'), attempts: 4 }; // prettier-ignore
const side = { ...figures, reasons: [{ reason: 'Busy', calls: 1 }] };
const more = { calls: 1, answered: -1, margin: money('-0.008') };
const use = { lines: 2, linesAt: '2026-11-21T12:00:00.000Z', lineLimit: 0, perSecond: 1, perSecondAt: null, perSecondLimit: 5, full: 0 }; // prettier-ignore
const done = {
  id: 'r1',
  state: 'done',
  error: '',
  version: 7,
  calls: 3,
  share: 1,
  result: {
    unread: 0,
    then: side,
    now: side,
    draft: { ...side, margin: money('0.012') },
    more,
    gateways: [{ gateway: 'carrier-a', then: figures, now: figures, draft: figures, more }],
    accounts: [{ account: 'demo', then: figures, now: figures, draft: figures, more }],
    lines: [{ subject: 'switch', now: use, draft: use }],
    moves: [{ from: 'carrier-a', to: 'carrier-b', calls: 1, margin: money('-0.001') }],
  },
};

function files(context: TestContext, contents: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-replay-'));
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  for (const [name, text] of Object.entries(contents)) writeFileSync(join(folder, name), text);
  return (name: string) => join(folder, name);
}

/** Half done when it is looked at first. */
function answers(): (request: Received) => object {
  let looks = 0;
  return ({ method, path }) => {
    if (method !== 'GET') return { id: 'r1', state: 'waiting' };
    looks += 1;
    if (path.startsWith('/replays?'))
      return { replays: [{ ...done, share: 0.5, draftVersion: 3 }] };
    return looks === 1 ? { ...done, state: 'running', share: 0.5 } : done;
  };
}

test('OPS-08 replay sends the draft, waits with a bar, and tells what was found', async (context) => {
  const at = files(context, { 'draft.yaml': 'realm: tandem\n' });
  const args = ['replay', '--from', '24h', '-d', at('draft.yaml'), '--note', 'cheaper'];
  const { code, received, stderr, stdout } = await run(args, {
    answer: answers(),
    isWatched: true,
  });
  assert.equal(code, 0, stderr);
  assert.deepEqual([received[0]?.method, received[0]?.path, received[0]?.body], ['POST', '/replays?from=24h&note=cheaper', 'realm: tandem\n']); // prettier-ignore
  assert.match(stderr, /50 % {2}500 of 1000.*100 %/s);
  assert.match(stdout, /^Replay r1 is done; 3 calls, draft against version 7\.$/m);
  assert.match(stdout, /^margin +0\.02 USD +0\.02 USD +0\.012 USD *$/m);
  assert.match(stdout, /The draft answers 1 fewer calls and earns -0\.008 USD more\./);
  assert.match(stdout, /^carrier-a .*-0\.008 USD *$/m);
  assert.match(stdout, /^switch +2 +2 +1 +1 +5 +0/m);
  assert.match(stdout, /^Busy +1 +1 +1 *$/m);
});

test('OPS-08 a file of calls is sent as it is, or by a mapping, before anything is begun where it does not fit', async (context) => {
  const at = files(context, {
    'calls.csv': 'from,callee\n1001,44\n',
    'theirs.csv': 'Trunk;Number;Carrier\ntrunk;44;a\n',
    'map.yaml': 'cdrs: { columns: { from: Trunk, callee: Number, gateway: Carrier } }',
    'bad.csv': 'Trunk;Number;Carrier\n;44;a\n',
  });
  const begun = async (...calls: readonly string[]) =>
    run(['replay', '--draft-version', '3', '--no-wait', ...calls], { answer: answers() });
  const plain = await begun('--calls', at('calls.csv'), '--ignore-limits');
  assert.equal(plain.code, 0, plain.stderr);
  assert.deepEqual(
    plain.received.map(({ body, method, path }) => [method, path, body]),
    [
      ['POST', '/replays?version=3&calls=file&limits=ignore', ''],
      ['PUT', '/replays/r1/calls', 'from,callee\n1001,44\n'],
    ],
  );
  assert.match(plain.stdout, /Replay r1 is begun: tandem replay show r1/);
  const mapped = await begun('--calls', at('theirs.csv'), '-m', at('map.yaml'));
  assert.match(mapped.received[1]?.body ?? '', /^id,from,.*\nline 2,trunk,,44,,a,0,0,$/);
  const bad = await begun('--calls', at('bad.csv'), '-m', at('map.yaml'));
  assert.deepEqual([bad.code, bad.received.length], [1, 0]);
  assert.match(bad.stdout, /Trunk/);
});

test('OPS-08 replays are listed, shown as CSV and removed; wrong usage and failures are told', async () => {
  const { stdout } = await run(['replay', 'list'], { answer: answers() });
  assert.match(stdout, /^r1 +done .* 3 +50 % +version 3 against 7/m);
  const csv = await run(['replay', 'show', 'r1', '--csv', 'moves', '--wait'], {
    answer: answers(),
  });
  assert.equal(csv.stdout, 'from,to,calls,margin\r\ncarrier-a,carrier-b,1,-0.001 USD\n');
  assert.equal(
    (await run(['replay', 'show', 'r1', '--csv', 'nix'], { answer: answers() })).code,
    2,
  );
  const removed = await run(['replay', 'remove', 'r1'], { answer: answers() });
  assert.deepEqual([removed.received[0]?.method, removed.received[0]?.path], ['DELETE', '/replays/r1']); // prettier-ignore
  assert.equal((await run(['replay', '--from', '1h'])).code, 2);
  assert.equal((await run(['replay', '--draft-version', '3'])).code, 2);
  const failed = await run(['replay', 'show', 'r1', '--wait'], { answer: () => ({ ...done, state: 'failed', error: 'no tables' }) }); // prettier-ignore
  assert.deepEqual([failed.code, failed.stderr], [1, 'tandem: Replay r1 has failed: no tables.\n']);
});
