/**
 * Asks routing at an even pace, in a process of its own: whoever makes documents of a million rates stands still for its garbage, and would
 * measure that. usage, as a child with IPC: route-load.ts ADDRESS FILE-OF-CODES
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Origin } from '@tandem/proto/auth';
import { RouteRequest, RoutingServiceService } from '@tandem/proto/routing';
import { unaryClient } from '@tandem/service';
import { digits, generator } from './rules.ts';

/** Calls a second. */
const RATE = 100;

/** One question. Moments are milliseconds of the epoch. */
export interface Asked {
  readonly atMs: number;
  readonly ms: number;
  /** Of the configuration, as the first of its timers tells it, in seconds. */
  readonly version: number;
}

export type ToRouteLoad = 'begin' | 'end';

export type FromRouteLoad =
  | { readonly kind: 'ready' }
  /** The first answer by this version. */
  | { readonly kind: 'seen'; readonly asked: Asked }
  | {
      readonly kind: 'asked';
      readonly all: readonly Asked[];
      readonly failures: readonly string[];
    };

const [address = '', file = ''] = process.argv.slice(2);
const codes = readFileSync(file, 'utf8').split('\n');
const random = generator(20_260_602);
const run = randomUUID();
const client = unaryClient(RoutingServiceService, address, { deadlineMs: 30_000 });
const origin = Origin.create({ kind: 'phone', name: '1', account: 'customer' });
let sent = 0;
let timer: NodeJS.Timeout | undefined;
let all: Asked[] = [];
let failures: string[] = [];
let versions = new Set<number>();
const open = new Set<Promise<void>>();

function tell(message: FromRouteLoad): void {
  process.send?.(message);
}

/** @throws where there is no answer, or one of two versions */
async function ask(): Promise<number> {
  sent += 1;
  const code = codes[random(codes.length)] ?? '';
  const callee = code + digits(random, Math.max(0, 12 - code.length));
  const request = RouteRequest.create({ callId: `${run}-${String(sent)}`, origin, callee });
  const { outcome } = await client.route(request);
  if (outcome?.$case !== 'routed') throw new Error(`not routed: ${JSON.stringify(outcome)}`);
  const told = new Set(outcome.value.candidates.map(({ timers }) => timers?.inviteMs ?? 0));
  if (told.size !== 1) throw new Error(`an answer of versions ${[...told].join(' and ')}`);
  return Math.round(([...told][0] ?? 0) / 1000);
}

async function note(): Promise<void> {
  const startMs = performance.now();
  try {
    const version = await ask();
    const asked = { atMs: performance.timeOrigin + startMs, ms: performance.now() - startMs, version }; // prettier-ignore
    all.push(asked);
    if (!versions.has(version)) tell({ kind: 'seen', asked });
    versions.add(version);
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error));
  }
}

function begin(): void {
  all = [];
  failures = [];
  versions = new Set();
  const beganMs = performance.now();
  let due = 0;
  timer = setInterval(() => {
    for (; due < ((performance.now() - beganMs) * RATE) / 1000; due++) {
      const asked = note().finally(() => open.delete(asked));
      open.add(asked);
    }
  }, 1);
}

process.on('message', (message: ToRouteLoad) => {
  if (message === 'begin') begin();
  else {
    clearInterval(timer);
    void Promise.all(open).then(() => {
      tell({ kind: 'asked', all, failures });
    });
  }
});

// What is compiled with the first calls is no delay of theirs.
let warm = 0;
while (warm < 500) {
  try {
    await ask();
    warm += 1;
  } catch {
    // Routing has no tables yet.
    await sleep(100);
  }
}
tell({ kind: 'ready' });
