import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run, type Received } from './command-line.ts';

/** Numbers with 44 have a gateway. */
function answer({ body }: Received): object {
  const { calls } = JSON.parse(body) as { calls: { callee: string; caller: string }[] };
  return {
    analyses: calls.map((call) =>
      call.callee.startsWith('44')
        ? {
            ...call,
            outcome: 'routed',
            reason: '',
            code: 0,
            gateways: ['a', 'b'],
            price: '0.01 USD',
          }
        : { ...call, outcome: 'refused', reason: 'NoRoute', code: 503, gateways: [], price: null },
    ),
  };
}

test('ROUTE-12 route --file analyses each number of a CSV, with its caller, and sums up', async () => {
  const stdin = 'number,caller\r\n442079,1001\r\n"33","1002"\r\n\r\n441;\r\n';
  const { code, received, stdout } = await run(
    ['route', '--from', 'gw', '--caller', '9', '--at', '2026-12-01', '--file', '-'],
    { answer, stdin },
  );
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(received[0]?.body ?? ''), {
    from: 'gw',
    at: '2026-12-01',
    calls: [
      { callee: '442079', caller: '1001' },
      { callee: '33', caller: '1002' },
      { callee: '441', caller: '9' },
    ],
  });
  assert.match(stdout, /^442079 +1001 +routed +a b +0\.01 USD$/m);
  assert.match(stdout, /^33 +1002 +refused +503 +NoRoute *$/m);
  assert.match(stdout, /\n2 would be routed, 1 refused: 1 NoRoute\.\n$/);
});

test('ROUTE-12 a long file is asked for in parts, with a bar for who looks, and written as CSV in its order', async () => {
  const numbers = Array.from({ length: 10_000 }, (_, at) => String(440_000 + at));
  const options = { answer, stdin: numbers.join('\n'), isWatched: true };
  const ran = await run(['route', '--from', 'gw', '--file', '-', '--csv'], options);
  assert.equal(ran.received.length, 50);
  const lines = ran.stdout.trim().split('\r\n');
  assert.equal(lines[0], 'callee,caller,outcome,code,reason,gateways,price,change');
  assert.deepEqual(
    lines.slice(1).map((line) => line.split(',')[0]),
    numbers,
  );
  assert.match(ran.stderr, /\r\[ {30}\] {3}0 % {2}0 of 10000/);
  assert.match(ran.stderr, /\r\[={30}\] 100 % {2}10000 of 10000\n$/);
  const json = await run(['route', '--from', 'gw', '--file', '-', '--json'], {
    answer,
    stdin: '44',
  });
  assert.equal(json.stderr, '');
  assert.equal((JSON.parse(json.stdout) as { callee: string }).callee, '44');
});

test('ROUTE-12 neither a number nor a file, both, or an empty file is wrong usage', async () => {
  for (const [args, stdin] of [
    [['route', '--from', 'gw'], ''],
    [['route', '44', '--from', 'gw', '--file', '-'], '44'],
    [['route', '--from', 'gw', '--file', '-'], 'number\n'],
  ] as const) {
    const { code, received } = await run(args, { answer, stdin });
    assert.deepEqual([code, received.length], [2, 0]);
  }
});
