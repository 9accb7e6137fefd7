/**
 * What `make kube` runs on the host outside the cluster of deploy/cluster: installs the chart in each shape, makes the first call, has
 * happen what befalls pods, nodes and stores while calls are placed, and removes the chart. Prints one table; fails where a call is lost.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { demo } from '../configuration.ts';
import type { ClusterLayout } from '../cluster/cluster-plan.ts';
import { Carrier, placeCalls } from '../sipp.ts';
import { eventsOf, upgradeEvent } from './events.ts';
import { isWhole, kubeTable } from './kube-table.ts';
import { type KubeSettings, readKubeSettings } from './kube-settings.ts';
import { outside } from './outside.ts';
import { Release } from './release.ts';
import { type TrialResult, tryEvent } from './trial.ts';

const FIRST_CALL_PORT = 5077;
/** A crowded machine may take its time. */
const MOST_FIRST_CALLS = 10;
const BETWEEN_FIRST_CALLS_MS = 3000;

try {
  process.exitCode = (await run(readKubeSettings(process.env))) ? 0 : 1;
} catch (error) {
  process.stderr.write(`kube: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function run(settings: KubeSettings): Promise<boolean> {
  const tables: string[] = [];
  let isAllWhole = true;
  for (const shape of settings.shapes) {
    const results = await tryShape(shape, settings);
    isAllWhole &&= results.every(isWhole);
    tables.push(`${shape}, ${String(settings.rate)} calls/s\n${kubeTable(results)}`);
  }
  process.stdout.write(`\n${tables.join('\n\n')}\n`);
  return isAllWhole;
}

async function tryShape(
  shape: ClusterLayout,
  { rate, only, seed }: KubeSettings,
): Promise<readonly TrialResult[]> {
  const events = eventsOf(shape).filter(
    ({ name }) => only.length === 0 || only.some((part) => name.includes(part)),
  );
  say(`installing the chart, shape ${shape}`);
  const release = await Release.install(shape, events[0] === upgradeEvent ? 'before' : 'trial');
  await firstCall(release);
  const results: TrialResult[] = [];
  for (const [index, event] of events.entries()) {
    const id = String(index + 10);
    const result = await tryEvent(event, release, { perSecond: rate, seed, id });
    results.push(result);
    say(`${event.name}: gap ${String(result.gapMs)} ms, ${String(result.failed)} calls failed`);
    if (result.told !== '') process.stdout.write(`${result.told}\n`);
  }
  const left = await release.uninstall();
  say(`helm uninstall leaves ${left.length === 0 ? 'nothing' : left.join(', ')}`);
  await release.remove();
  return results;
}

/** SIP in from outside the cluster, CDR out. */
async function firstCall({ api, sip }: Release): Promise<void> {
  const carrier = await Carrier.start({
    scenario: 'carrier-answers',
    address: outside.peer,
    port: outside.carrierPorts[0],
  });
  try {
    for (let attempt = 1; ; attempt++) {
      await placeCalls({
        scenario: 'caller-digest',
        address: outside.peer,
        port: FIRST_CALL_PORT,
        target: sip,
        callee: '442079460000',
        username: demo.phone,
        password: demo.password,
      });
      // Newest first.
      const [cdr] = await api.cdrCount(attempt);
      if (cdr !== undefined && cdr.answeredAt !== null) {
        say(`call ${String(attempt)} was answered and has its CDR`);
        return;
      }
      say(`call ${String(attempt)} was not answered: ${String(cdr?.reason)}`);
      if (attempt === MOST_FIRST_CALLS) throw new Error('no call was answered');
      await sleep(BETWEEN_FIRST_CALLS_MS);
    }
  } finally {
    await carrier.stop();
  }
}

function say(text: string): void {
  process.stdout.write(`[${new Date().toISOString().slice(11, 19)}] ${text}\n`);
}
