import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ScriptedPeer, seededRandom } from '@tandem/testing';
import { startTestCluster } from '../src/cluster/test-cluster.ts';
import { configuration, demo } from '../src/configuration.ts';
import { RandomKiller } from '../src/kill/random-killer.ts';
import { RegisteringPhones } from '../src/kill/registering-phones.ts';
import { isSoak, runs } from '../src/kill/trial-table.ts';
import { layoutOfRun } from '../src/shape.ts';
import { until } from '../src/until.ts';

const load = isSoak
  ? { phones: 5000, perSecond: 500, seconds: 60, killEveryMs: 2000, called: 200 }
  : { phones: 500, perSecond: 80, seconds: 6, killEveryMs: 1800, called: 10 };
/** Of an INVITE that a pod took with it: it is repeated, and another pod has it. */
const CALL_MS = 20_000;

describe('pods are killed while phones register', { timeout: 3_600_000 }, () => {
  for (let run = 1; run <= (isSoak ? Math.max(runs, 2) : 1); run++) {
    const layout = layoutOfRun(run, 'split');
    test(`REG-01 CALL-06 ${layout}, run ${String(run)}: who got a 200 is registered and can be called, and nobody else`, async (t) => {
      const seed = (Date.now() + run) % 1_000_000;
      const users = Array.from({ length: load.phones }, (_, index) => String(10_000 + index));
      const cluster = await startTestCluster({ layout, pods: 3, mode: 'random' });
      t.after(() => cluster.stop());
      const document = configuration(0, 0);
      document.routingGateways = [];
      (document.rateGroups[0]?.['rates'] as unknown[]).push({ prefix: '1', pricePerMinute: '0' });
      for (const each of [...document.accounts, ...document.mappingGateways]) {
        each['lineLimit'] = load.phones;
      }
      const { account, password } = demo;
      document.phones = users.map((username) => ({ username, password, account }));
      await cluster.configure(document);
      const random = seededRandom(seed);
      const { sip } = cluster;
      const phones = await RegisteringPhones.open({ users, password, to: sip, random });
      const trunk = await ScriptedPeer.onUdp({ address: demo.trunkAddress, timeoutMs: CALL_MS });
      t.after(async () => {
        phones.close();
        await trunk.close();
      });
      const names = (['edge', 'auth', 'registrar'] as const).flatMap((service) =>
        cluster.cluster.processesOf(service),
      );
      // Some are there before anything dies.
      await phones.run({ ...load, seconds: 1 });
      const killer = new RandomKiller({
        names: [...new Set(names)],
        everyMs: load.killEveryMs,
        seed,
        kill: (name) => {
          cluster.cluster.kill(name);
        },
      });
      const calls = callWhile(trunk, phones, sip);
      await phones.run(load).finally(() => {
        killer.stop();
      });
      const duringKills = await calls.stop();
      await cluster.cluster.ready();
      // Edges try to reach again what was away, within three seconds.
      await until('calls are routed again', async () => {
        return (await statusOf(trunk, users[0] ?? '', sip)) !== 503;
      });

      const registered = phones.usersThat('registered');
      const open = new Set(phones.usersThat('unknown'));
      const seen = await allRegistered(cluster.api);
      const figures = JSON.stringify({ seed, killed: killer.killed, counts: phones.counts, duringKills, open: open.size }); // prettier-ignore
      t.diagnostic(figures);
      const certain = seen.filter((user) => !open.has(user));
      assert.deepEqual(certain.toSorted(), registered.toSorted(), figures);
      assert.ok(registered.length > load.phones / 10, figures);
      assert.equal(duringKills['480'] ?? 0, 0, figures);
      for (const [users_, status] of [
        [registered, 486],
        [phones.usersThat('unregistered'), 480],
      ] as const) {
        for (const user of users_.slice(0, load.called)) {
          assert.equal(await statusOf(trunk, user, sip), status, `${user} ${figures}`);
        }
      }
    });
  }
});

type Sip = Parameters<typeof statusOf>[2];

async function statusOf(
  trunk: ScriptedPeer,
  user: string,
  to: { readonly address: string; readonly port: number },
): Promise<number> {
  return (await trunk.invite({ to, called: user }).final(CALL_MS)).status;
}

/** Calls phones that are registered, one after the other, and counts what comes of it while that does not change. */
function callWhile(trunk: ScriptedPeer, phones: RegisteringPhones, to: Sip) {
  const counts: Record<string, number> = {};
  let isStopped = false;
  const run = async (): Promise<void> => {
    while (!isStopped) {
      const [user] = phones.usersThat('registered').slice(-1);
      if (user === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        continue;
      }
      const status = await statusOf(trunk, user, to).catch(() => 'none');
      // It may have gone meanwhile.
      const isStill = phones.usersThat('registered').includes(user);
      const name = isStill ? String(status) : 'changed';
      counts[name] = (counts[name] ?? 0) + 1;
    }
  };
  const running = run();
  return {
    stop: async () => {
      isStopped = true;
      await running;
      return counts;
    },
  };
}

interface Page {
  readonly registrations: readonly { readonly phone: string }[];
  readonly nextCursor: string | null;
}

async function allRegistered(api: { get(path: string): Promise<unknown> }): Promise<string[]> {
  const found: string[] = [];
  for (let cursor = ''; ;) {
    const path = `/api/v1/registrations?limit=1000${cursor}`;
    const { registrations, nextCursor } = (await api.get(path)) as Page;
    found.push(...registrations.map(({ phone }) => phone));
    if (nextCursor === null || nextCursor === '') return found;
    cursor = `&cursor=${encodeURIComponent(nextCursor)}`;
  }
}
