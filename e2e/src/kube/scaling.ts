import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../until.ts';
import type { Pace } from './events.ts';
import type { Release } from './release.ts';

const MOST_EDGES = 8;
/** One more than there are: the chart takes one edge away each 30 s. */
const MOST_SCALED_EDGES = 3;
/** How long a number of edges stays. */
const BETWEEN_MS = 2000;
/** Of the request: less than each of two edges takes at 50 calls/s, and half as much again as each of three that have little to do. */
const SCALED_PERCENT = 50;
const SCALING_MS = 180_000;
const SCALE_DOWN_SECONDS = 15;
/** Of the calls, where edges are to become fewer. */
const QUIET_SHARE = 0.1;

/** Many more edges, and then as many as before. */
export async function scaleThereAndBack(release: Release): Promise<void> {
  const before = await release.wantedEdges();
  for (const replicas of [MOST_EDGES, before]) {
    await release.scaleEdges(replicas);
    await release.settled();
    await sleep(BETWEEN_MS);
  }
}

/** Edges become more by what they have to do, and fewer when that is little. */
export async function edgesFollowLoad(release: Release, pace: Pace): Promise<void> {
  const { perSecond } = pace;
  const before = await release.wantedEdges();
  await release.autoscaleEdges({
    enabled: true,
    minReplicas: before,
    maxReplicas: MOST_SCALED_EDGES,
    cpuPercent: SCALED_PERCENT,
    scaleDownSeconds: SCALE_DOWN_SECONDS,
  });
  try {
    await untilEdges(release, `more than ${String(before)}`, (edges) => edges > before);
    await release.settled();
    pace.perSecond = Math.ceil(perSecond * QUIET_SHARE);
    await untilEdges(release, `${String(before)} again`, (edges) => edges === before);
    await release.settled();
  } finally {
    pace.perSecond = perSecond;
    await release.autoscaleEdges({ enabled: false });
    await release.settled();
  }
}

async function untilEdges(
  release: Release,
  what: string,
  isReached: (edges: number) => boolean,
): Promise<void> {
  const isThere = async (): Promise<boolean> => isReached(await release.wantedEdges());
  await until(`edges are ${what}`, isThere, { timeoutMs: SCALING_MS, everyMs: 1000 });
}
