import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startTestCluster } from '../src/cluster/test-cluster.ts';
import { everyKind, planCalls } from '../src/load/call-plan.ts';
import { startConfiguredLoad } from '../src/load/configured-load.ts';
import type { Load } from '../src/load/start-load.ts';
import { judgeSwitch, verdictText } from '../src/verdict/judge-switch.ts';

/** Calls a second: the product's promise is 100 on a machine of its own (`make soak`). */
const RATE = Number(process.env['TANDEM_E2E_ROLLING_RATE'] ?? '30');
const OPENING_BALANCE = '1000000';
/** Calls are placed in batches of so many seconds. */
const BATCH_S = 2;
/** edge.md §5: a draining edge exits within 20 s. */
const DRAIN_MS = 20_000;
const PAUSE_MS = 1500;

describe('rolling restart', { timeout: 240_000 }, () => {
  for (const [mode, layout] of [
    ['random', 'pod'],
    ['front', 'split'],
  ] as const) {
    test(`CALL-06 edges are stopped and started one after the other, each with another key, and no call notices (${mode}, ${layout})`, async (t) => {
      const keys = await KeyFile.make();
      const { folder: dataDir } = keys;
      const running = await startTestCluster({
        layout,
        pods: 3,
        mode,
        isRespawning: false,
        dataDir,
      });
      t.after(async () => {
        await running.stop();
        await keys.remove();
      });
      const load = await startConfiguredLoad(running, { openingBalance: OPENING_BALANCE });
      t.after(() => load.stop());
      const state = { isRolling: true };
      const placed = placeWhile(load, () => state.isRolling);
      await keys.turn();
      for (const name of running.cluster.edges) {
        await pause();
        const startedAt = performance.now();
        assert.equal(await running.cluster.end(name, 'SIGTERM'), 0, name);
        const drainMs = Math.round(performance.now() - startedAt);
        assert.ok(drainMs < DRAIN_MS, `${name} drains within 20 s`);
        t.diagnostic(`${name} was drained within ${String(drainMs)} ms`);
        await running.cluster.startAgain(name);
      }
      await pause();
      state.isRolling = false;
      await placed;
      const report = await load.finish({ timeoutMs: 60_000 });
      const verdict = await judgeSwitch({
        report,
        api: running.api,
        openingBalance: OPENING_BALANCE,
      });
      assert.equal(verdictText(verdict), '');
      const repeated = report.calls.filter(({ worstRetransmission }) => worstRetransmission > 1);
      assert.deepEqual(
        repeated.map(({ plan }) => plan.number),
        [],
        'nothing was repeated more than once',
      );
    });
  }
});

/** The key of a cluster, in the second of the three upgrades of docs/kubernetes.md that change it: all pods have both, and those that start anew seal with the other. */
class KeyFile {
  readonly folder: string;
  readonly #keys = [0, 1].map(() => randomBytes(32).toString('base64'));

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<KeyFile> {
    const file = new KeyFile(await mkdtemp(join(tmpdir(), 'tandem-keys-')));
    await file.#write();
    return file;
  }

  async turn(): Promise<void> {
    this.#keys.reverse();
    await this.#write();
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  #write(): Promise<void> {
    return writeFile(join(this.folder, 'secret-key'), this.#keys.join('\n'), { mode: 0o600 });
  }
}

/** Places calls without a break for as long as `isWanted`. */
async function placeWhile(load: Load, isWanted: () => boolean): Promise<void> {
  for (let batch = 10; isWanted(); batch++) {
    const count = RATE * BATCH_S;
    const plans = planCalls({ count, seed: batch, mix: everyKind, prefix: `44${String(batch)}` });
    await load.place(plans, { perSecond: RATE });
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PAUSE_MS);
  });
}
