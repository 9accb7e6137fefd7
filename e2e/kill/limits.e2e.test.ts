import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AnsweringCarrier } from '../src/answering-carrier.ts';
import { startTestCluster } from '../src/cluster/test-cluster.ts';
import type { TestCluster } from '../src/cluster/test-cluster.ts';
import { carrier, configuration } from '../src/configuration.ts';
import { freePort } from '../src/free-ports.ts';
import { layoutOfRun } from '../src/shape.ts';
import { placeCalls } from '../src/sipp.ts';
import type { SippResult } from '../src/sipp.ts';
import { until } from '../src/until.ts';

const LIMITS = [1, 7, 100] as const;
/** Of each limit, at the same time. */
const CALLERS = { end: 32, fail: 16, cancel: 16 } as const;
const NUMBERS = { end: '442010', fail: '442020', cancel: '442030' } as const;

interface Line {
  readonly subject: string;
  readonly inUse: number;
}

const nameOf = (limit: number): string => `lines-${String(limit)}`;
const addressOf = (limit: number): string => `127.0.1.${String(limit)}`;

describe('64 callers on 1, 7 and 100 lines while pods are killed', { timeout: 600_000 }, () => {
  const layout = layoutOfRun(1, 'pod');
  test(`ROUTE-05 DENY-07 ${layout}: calls that end, fail and are cancelled: never one too many, none refused while a line is free, nothing held in the end`, async (t) => {
    const carriers = await AnsweringCarrier.start(
      new Map([
        [NUMBERS.end, [{ code: 180 }, { code: 200 }]],
        [NUMBERS.fail, [{ code: 503 }]],
        [NUMBERS.cancel, [{ code: 180 }]],
      ]),
    );
    const cluster = await startTestCluster({ layout, pods: 3 });
    t.after(async () => {
      await cluster.stop();
      carriers.close();
    });
    await cluster.configure(document(carriers.port));

    const most = new Map<string, number>();
    const sampling = sample(cluster, most);
    const pod = layout === 'pod' ? 'pod' : 'edge';
    const results: SippResult[] = [];
    for (const killed of [`${pod}-1`, `${pod}-2`]) {
      const placed = Promise.all(LIMITS.flatMap((limit) => callsOf(cluster, limit)));
      const before = carriers.calls;
      await until('calls are up', () => carriers.calls > before + 10, { timeoutMs: 60_000 });
      cluster.cluster.kill(killed);
      results.push(...(await placed));
      await cluster.cluster.ready();
    }
    await sampling.stop();
    await until('nothing is held', async () => (await cluster.api.linesHeld()) === 0, {
      timeoutMs: 90_000,
      everyMs: 500,
    });

    for (const limit of LIMITS) {
      const inUse = most.get(`account ${nameOf(limit)}`) ?? 0;
      assert.ok(inUse > 0 && inUse <= limit, `${String(inUse)} of ${String(limit)} lines`);
    }
    // What refused a call is that all lines were in use, at that moment.
    const cdrs = await cluster.api.cdrs();
    const refused = cdrs.filter(({ reason }) => reason === 'LineLimitExceeded');
    const by = Map.groupBy(refused, ({ origin }) => origin?.account ?? '');
    assert.equal(by.get(nameOf(100)), undefined);
    for (const limit of [1, 7]) {
      const some = by.get(nameOf(limit)) ?? [];
      assert.ok(some.length > 0, `${String(limit)} lines were never full`);
      for (const { a } of some.slice(0, 10)) {
        const { text } = await cluster.api.explain(a?.sipCallId ?? '');
        assert.match(text, new RegExp(`"limit":"${String(limit)}".*"inUse":"${String(limit)}"`));
      }
    }
    t.diagnostic(JSON.stringify({ most: [...most], refused: refused.length, calls: carriers.calls, cdrs: cdrs.length, successful: results.map(({ successful }) => successful) })); // prettier-ignore
  });
});

function callsOf(cluster: TestCluster, limit: number): Promise<SippResult>[] {
  return (['end', 'fail', 'cancel'] as const).map(async (kind) =>
    placeCalls({
      scenario: kind === 'cancel' ? 'caller-cancels' : 'caller-ip',
      address: addressOf(limit),
      port: await freePort(),
      target: cluster.sip,
      callee: NUMBERS[kind],
      calls: CALLERS[kind],
      rate: 64,
      pauseMs: 700,
      timeoutMs: 60_000,
    }),
  );
}

/** The most lines that were ever seen in use, by account. */
function sample(cluster: TestCluster, most: Map<string, number>) {
  const ended = new AbortController();
  const looking = (async () => {
    while (!ended.signal.aborted) {
      const answer = await cluster.api.get('/api/v1/lines').catch(() => ({ lines: [] }));
      for (const { inUse, subject } of (answer as { lines: Line[] }).lines) {
        most.set(subject, Math.max(most.get(subject) ?? 0, inUse));
      }
      // The API takes a hundred requests a second of one user.
      await sleep(30);
    }
  })();
  return {
    stop: () => {
      ended.abort();
      return looking;
    },
  };
}

function document(port: number): object {
  const plain = configuration(port, port);
  const [account] = plain.accounts;
  return {
    ...plain,
    accounts: LIMITS.map((limit) => ({ ...account, name: nameOf(limit), lineLimit: limit })),
    phones: [],
    mappingGateways: LIMITS.map((limit) => ({
      name: `trunk-${String(limit)}`,
      account: nameOf(limit),
      authentication: { mode: 'ip', addresses: [`${addressOf(limit)}/32`] },
    })),
    routingGateways: [{ ...carrier('only', port, 1), throttle: { failureShare: 0 } }],
  };
}
