/**
 * What `make kube` runs on the host outside the cluster of deploy/cluster: installs the chart in each shape, makes the first call, has
 * happen what befalls pods, nodes and stores while calls are placed, and removes the chart. Prints one table; fails where a call is lost.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { demo } from '../configuration.ts';
import type { ClusterLayout } from '../cluster/cluster-plan.ts';
import { Carrier, placeCalls } from '../sipp.ts';
import { eventsOf, isUpgrade } from './events.ts';
import { type CpuOfCalls, cpuOfCalls, spreadOf } from './cpu-of-calls.ts';
import { cpuTable, isWhole, kubeTable } from './kube-table.ts';
import { type KubeSettings, readKubeSettings } from './kube-settings.ts';
import { outside } from './outside.ts';
import { Release } from './release.ts';
import { type TrialResult, tryEvent } from './trial.ts';

const FIRST_CALL_PORT = 5077;
/** Without the key that is in it no stored password can be read again. */
const KEPT = 'secret/tandem-keys';
/** What `ONLY` has to name, like an event. */
const CPU_OF_CALLS = 'CPU of a call';
/** From the mean, in percent. */
const MOST_SPREAD = 10;
/** A crowded machine may take its time. */
const MOST_FIRST_CALLS = 10;
const BETWEEN_FIRST_CALLS_MS = 3000;

try {
  process.exitCode = (await run(readKubeSettings(process.env))) ? 0 : 1;
} catch (error) {
  process.stderr.write(`kube: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

interface Tried {
  readonly results: readonly TrialResult[];
  readonly cpu: readonly CpuOfCalls[];
  /** Objects that are there once the chart is gone. */
  readonly left: readonly string[];
}

async function run(settings: KubeSettings): Promise<boolean> {
  const tables: string[] = [];
  let isAllWhole = true;
  for (const [index, shape] of settings.shapes.entries()) {
    const { results, cpu, left } = await tryShape(shape, { ...settings, isFirst: index === 0 });
    isAllWhole &&= results.every(isWhole) && (cpu.length === 0 || spreadOf(cpu) <= MOST_SPREAD);
    isAllWhole &&= left.every((name) => name === KEPT);
    tables.push(`${shape}, ${String(settings.rate)} calls/s\n${kubeTable(results)}`);
    if (cpu.length > 0) tables.push(`${shape}, CPU of edges\n${cpuTable(cpu)}`);
  }
  process.stdout.write(`\n${tables.join('\n\n')}\n`);
  return isAllWhole;
}

async function tryShape(
  shape: ClusterLayout,
  { isFirst, rate, only, seed }: KubeSettings & { readonly isFirst: boolean },
): Promise<Tried> {
  const isAskedFor = (name: string): boolean =>
    only.length === 0 || only.some((part) => name.includes(part));
  const events = eventsOf(shape).filter(
    ({ isOfBoth = false, name }) => isAskedFor(name) && (isFirst || !isOfBoth),
  );
  say(`installing the chart, shape ${shape}`);
  const release = await Release.install(shape, isUpgrade(events[0]) ? 'before' : 'trial');
  await firstCall(release);
  const results: TrialResult[] = [];
  for (const [index, event] of events.entries()) {
    const id = String(index + 10);
    const result = await tryEvent(event, release, { perSecond: rate, seed, id });
    results.push(result);
    say(told(result));
    if (result.told !== '') process.stdout.write(`${result.told}\n`);
  }
  const cpu = isAskedFor(CPU_OF_CALLS) ? await cpuOfCalls(release, seed) : [];
  if (cpu.length > 0) say(`CPU of a call: at most ${spreadOf(cpu).toFixed(1)} % from the mean`);
  const left = await release.uninstall();
  say(`helm uninstall leaves ${left.length === 0 ? 'nothing' : left.join(', ')}`);
  await release.remove();
  return { results, cpu, left };
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

function told({
  event,
  gapMs,
  gapAtMs,
  gapStreams,
  failed,
  refused,
  ...rest
}: TrialResult): string {
  const gap = `gap ${String(gapMs)} ms after ${String(gapAtMs)} ms in ${String(gapStreams)} of 8 streams`;
  const wrong = failed + rest.wrongCdrs + rest.faults;
  return `${event}: ${gap}, of ${String(rest.calls)} calls ${String(refused)} refused, ${String(wrong)} wrong`;
}

function say(text: string): void {
  process.stdout.write(`[${new Date().toISOString().slice(11, 19)}] ${text}\n`);
}
