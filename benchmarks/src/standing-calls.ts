import { setTimeout as sleep } from 'node:timers/promises';
import { load } from './call-load.ts';
import type { Subject } from './call-subjects.ts';
import { residentBytes } from './cpu-time.ts';

/** Bytes of memory, what processes share counted once. */
interface Held {
  readonly own: number;
  readonly stores: number;
}

/** What a switch holds in memory. */
export interface MemoryUse {
  readonly title: string;
  readonly idle: Held;
  readonly standing: Held;
  /** How many calls stood. */
  readonly calls: number;
}

const RATE = 250;
/** What was needed to set calls up is given back, or not. */
const REST_MS = 40_000;

/** Has `calls` calls stand, and looks at memory before, and while all of them do. */
export async function standingCalls(
  subject: Subject,
  { callerPort, calls }: { readonly callerPort: number; readonly calls: number },
): Promise<MemoryUse> {
  const idle = held(subject);
  const setUpMs = (calls / RATE) * 1000;
  const placed = load(subject, {
    callerPort,
    rate: RATE,
    calls,
    pauseMs: setUpMs + REST_MS + 5000,
  });
  await sleep(setUpMs + REST_MS);
  const standing = held(subject);
  const { successful } = await placed;
  return { title: subject.title, idle, standing, calls: successful };
}

function held({ own, stores }: Subject): Held {
  const sum = (pids: ReadonlyMap<string, number>): number =>
    [...pids.values()].reduce((bytes, pid) => bytes + residentBytes(pid), 0);
  return { own: sum(own), stores: sum(stores) };
}
