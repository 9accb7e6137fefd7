import { setTimeout as sleep } from 'node:timers/promises';
import { demo } from '../configuration.ts';
import { everyKind, planCalls } from '../load/call-plan.ts';
import { Load } from '../load/start-load.ts';
import type { CpuUse, Pod } from './kubernetes.ts';
import { outside } from './outside.ts';
import type { Release } from './release.ts';

/** CPU that a call takes where so many workers share the calls. */
export interface CpuOfCalls {
  readonly workers: number;
  readonly perSecond: number;
  readonly msPerCall: number;
}

/** Most first: all of them are warm when they become fewer. */
const WORKERS = [4, 2, 1] as const;
/** Calls a second of each worker; four must find room beside all else on a small machine. */
const PER_WORKER = 20;
/** Of each worker before it is measured: until V8 has compiled what a call uses, one costs twice as much. */
const WARM_CALLS = 1500;
const WARM_PER_WORKER = 25;
/** Until calls begin, ring, are up and end at once. */
const LEAD_SECONDS = 6;
const MEASURED_SECONDS = 20;

/** Measures the CPU of a call at equal rate a worker, and leaves as many edges as there were. */
export async function cpuOfCalls(release: Release, seed: number): Promise<readonly CpuOfCalls[]> {
  const before = await release.wantedEdges();
  const found: CpuOfCalls[] = [];
  for (const [index, workers] of WORKERS.entries()) {
    await release.scaleEdges(workers);
    await release.settled();
    if (index === 0) await warm(release, { workers, seed, prefix: '4489' });
    found.push(await measure(release, { workers, seed, prefix: `4490${String(index)}` }));
  }
  await release.scaleEdges(before);
  await release.settled();
  return found.reverse();
}

interface Measured {
  readonly workers: number;
  readonly seed: number;
  readonly prefix: string;
}

async function warm(release: Release, { workers, seed, prefix }: Measured): Promise<void> {
  const load = await startLoad(release);
  try {
    const plans = planCalls({ count: WARM_CALLS * workers, seed, mix: everyKind, prefix });
    await load.place(plans, { perSecond: WARM_PER_WORKER * workers });
    await load.finish({ timeoutMs: 30_000 });
  } finally {
    await load.stop();
  }
}

async function measure(release: Release, { workers, seed, prefix }: Measured): Promise<CpuOfCalls> {
  const perSecond = PER_WORKER * workers;
  const load = await startLoad(release);
  try {
    // Some more than are looked at: the nodes take their time to say what was used.
    const count = perSecond * (LEAD_SECONDS + MEASURED_SECONDS + 2);
    const placed = load.place(planCalls({ count, seed, mix: everyKind, prefix }), { perSecond });
    await sleep(LEAD_SECONDS * 1000);
    const edges = await release.pods('edge');
    const first = await usesOf(release, edges);
    await sleep(MEASURED_SECONDS * 1000);
    const last = await usesOf(release, edges);
    await placed;
    await load.finish({ timeoutMs: 30_000 });
    // Each node says when it looked.
    const shares = edges.map(({ uid }) => {
      const [from, to] = [first.get(uid), last.get(uid)];
      if (from === undefined || to === undefined || to.atMs <= from.atMs) {
        throw new Error('the nodes do not say what CPU edges use');
      }
      return (to.cpuMs - from.cpuMs) / ((to.atMs - from.atMs) / 1000);
    });
    const msPerSecond = shares.reduce((sum, each) => sum + each, 0);
    return { workers, perSecond, msPerCall: msPerSecond / perSecond };
  } finally {
    await load.stop();
  }
}

function startLoad({ sip }: Release): Promise<Load> {
  return Load.start({
    target: sip,
    address: outside.peer,
    trunkAddress: outside.trunk,
    carrierPorts: outside.carrierPorts,
    phone: { username: demo.phone, password: demo.password },
  });
}

/** What each pod has used so far, by its UID. */
async function usesOf(
  { kubernetes }: Release,
  pods: readonly Pod[],
): Promise<ReadonlyMap<string, CpuUse>> {
  const nodes = [...new Set(pods.map(({ node }) => node))];
  const uses = await Promise.all(nodes.map((node) => kubernetes.cpuOf(node)));
  return new Map(uses.flatMap((each) => [...each]));
}

/** The largest difference from the mean, in percent. */
export function spreadOf(found: readonly CpuOfCalls[]): number {
  const mean = found.reduce((sum, { msPerCall }) => sum + msPerCall, 0) / found.length;
  return Math.max(...found.map(({ msPerCall }) => Math.abs(msPerCall / mean - 1) * 100));
}
