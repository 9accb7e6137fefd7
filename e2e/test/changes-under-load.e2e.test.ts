import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AnsweringCarrier } from '../src/answering-carrier.ts';
import { startTestCluster } from '../src/cluster/test-cluster.ts';
import { carrier, configuration, demo } from '../src/configuration.ts';
import { freePort } from '../src/free-ports.ts';
import { layouts } from '../src/shape.ts';
import { placeCalls } from '../src/sipp.ts';
import type { CdrView } from '../src/switch-api.ts';

const PER_SECOND = 100;
const SECONDS = 12;
const CHANGES = 4;
const PODS = 3;
const BETWEEN_MS = 2500;

/** What each version says in three places: whom calls go to, at what price, and who has none. */
const versions = [
  { gateway: 'carrier-a', other: 'carrier-b', price: '0.01' },
  { gateway: 'carrier-b', other: 'carrier-a', price: '0.02' },
] as const;
type Version = (typeof versions)[number];

describe('configurations change under load', { timeout: 600_000 }, () => {
  for (const layout of layouts) {
    test(`ROUTE-13 ${layout}, ${String(PODS)} pods, ${String(PER_SECOND)} calls/s: each change is in force on every pod, and no call sees half of one`, async (t) => {
      const carriers = await AnsweringCarrier.start(new Map([['44', [{ code: 200 }]]]));
      const cluster = await startTestCluster({ layout, pods: PODS });
      t.after(async () => {
        await cluster.stop();
        carriers.close();
      });
      await cluster.configure(document(versions[0], carriers.port));
      const placed = placeCalls({
        scenario: 'caller-ip',
        address: demo.trunkAddress,
        port: await freePort(),
        target: cluster.sip,
        callee: '442079460000',
        calls: PER_SECOND * SECONDS,
        rate: PER_SECOND,
        pauseMs: 1500,
        timeoutMs: 120_000,
      });
      const changes: { readonly to: Version; readonly atMs: number }[] = [];
      for (let change = 1; change <= CHANGES; change++) {
        await sleep(BETWEEN_MS);
        const to = versions[change % versions.length] ?? versions[0];
        await cluster.api.apply(document(to, carriers.port));
        changes.push({ to, atMs: Date.now() });
      }
      const { successful } = await placed;
      const cdrs = await cluster.api.cdrCount(successful, 60_000);
      const answered = cdrs.filter(({ code }) => code === 200);
      for (const cdr of answered) assert.ok(versionOf(cdr), JSON.stringify(cdr));
      const seen = versions.map((each) => answered.filter((cdr) => versionOf(cdr) === each).length);
      assert.ok(
        seen.every((count) => count > 0),
        `of each version: ${seen.join(', ')}`,
      );
      const lags = changes.map((change, at) => lagOf(answered, change, changes[at + 1]?.atMs));
      t.diagnostic(JSON.stringify({ layout, answered: answered.length, seen, lastOldCallAfterMs: lags })); // prettier-ignore
      const last = await callAfterAll(cluster.sip);
      assert.equal(last.successful, 1, last.output);
      const newest = (await cluster.api.cdrCount(cdrs.length + 1, 60_000)).find(
        ({ callId }) => !cdrs.some((cdr) => cdr.callId === callId),
      );
      assert.equal(newest && versionOf(newest), changes.at(-1)?.to);
    });
  }
});

async function callAfterAll(target: { readonly address: string; readonly port: number }) {
  return placeCalls({
    scenario: 'caller-ip',
    address: demo.trunkAddress,
    port: await freePort(),
    target,
    callee: '442079460000',
    pauseMs: 1500,
  });
}

/** The version that a call was decided by; undefined where it was decided by parts of two. */
function versionOf({ attempts, price }: CdrView): Version | undefined {
  return versions.find(
    (version) =>
      attempts.every(({ gateway }) => gateway === version.gateway) &&
      Number(price) === Number(version.price),
  );
}

/** Until the last call that was decided by another version, ms from the answer of the API; 0 where there was none. */
function lagOf(
  answered: readonly CdrView[],
  { atMs, to }: { readonly to: Version; readonly atMs: number },
  untilMs = Infinity,
): number {
  const late = answered
    .filter((cdr) => versionOf(cdr) !== to)
    .map(({ startedAt }) => Date.parse(startedAt ?? ''))
    .filter((startedMs) => startedMs > atMs && startedMs < untilMs);
  return Math.max(0, ...late.map((startedMs) => startedMs - atMs));
}

function document({ gateway, other, price }: Version, port: number): object {
  const plain = configuration(port, port);
  const [group] = plain.rateGroups;
  return {
    ...plain,
    rateGroups: [
      {
        ...group,
        rates: [{ prefix: '44', pricePerMinute: price, firstIncrement: 60, nextIncrement: 60 }],
      },
    ],
    routingGateways: [carrier(gateway, port, 1), { ...carrier(other, port, 2), lock: 'bar-all' }],
  };
}
