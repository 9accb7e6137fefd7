import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chooseLocalPorts, environmentOf } from './local-ports.ts';
import { clockOf, moments } from './moments.ts';
import type { Moment } from './moments.ts';
import { endCommands, runCommand } from './run-command.ts';
import { runKind } from './test-kinds.ts';

const OUTPUT = 'coverage';
/** The stores are up by then, on a busy machine too. */
const LEAD_MS = 90_000;

/** One moment, for what keeps days, validity dates and suspensions: what `make test` runs of all this. */
export const guarded: readonly string[] = [
  'leap-day',
  'services/billing/test/adapters/pg-',
  'services/billing/test/api',
  'services/billing/test/core',
  'services/billing/test/reconciliation',
  'services/billing/test/call-closer',
  'services/auth/test',
  'services/api/test/adapters',
  'services/api/test/core',
  'services/api/test/operators',
  ...[
    'accounts',
    'audit',
    'call-analysis',
    'cdrs',
    'invoices',
    'journal',
    'rates',
    'reratings',
    'sessions',
    'sign-in',
    'suspensions',
    'tokens',
    'users',
  ].map((resource) => `services/api/test/resources/${resource}`),
  'libs/config/test',
];

/** The moments that are named, else all of them; and the other words, which choose files. */
export function chooseMoments(words: readonly string[]): {
  readonly chosen: readonly Moment[];
  readonly rest: readonly string[];
} {
  const named = moments.filter(({ name }) => words.includes(name));
  const rest = words.filter((word) => !named.some(({ name }) => name === word));
  return { chosen: named.length === 0 ? moments : named, rest };
}

/**
 * Runs the kinds `unit` and `int` at other moments: processes, Redis and PostgreSQL have one clock, which libfaketime shifts
 * (CONTRIBUTING.md says what it cannot shift). Prints a line per moment; what failed is named, all else is in a file.
 */
export async function runDays(
  words: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  const { chosen, rest } = chooseMoments(words);
  mkdirSync(OUTPUT, { recursive: true });
  let passed = true;
  process.on('SIGINT', stop).on('SIGTERM', stop);
  for (const moment of chosen) passed = (await runAt(moment, { words: rest, env })) && passed;
  process.off('SIGINT', stop).off('SIGTERM', stop);
  return passed;
}

/** Stops the stores of the moment, while there are any. */
let stopStores = (): void => undefined;

function stop(): void {
  endCommands();
  stopStores();
  process.exit(130);
}

interface Run {
  readonly words: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

async function runAt(moment: Moment, { words, env: machine }: Run): Promise<boolean> {
  const startedAt = performance.now();
  const { name, after, timeZone } = moment;
  const reports = { unit: join(OUTPUT, `${name}-unit.log`), int: join(OUTPUT, `${name}-int.log`) };
  const nowMs = Date.now();
  const atMs = after(nowMs);
  const env = { ...machine, ...clockOf(atMs, nowMs, timeZone) };
  checkClock(atMs, env);
  const isUnitRight = await runKind('unit', { words, env, reportFile: reports.unit });
  const isIntRight = await runWithStores(moment, machine, (shifted) =>
    runKind('int', { words, env: shifted, reportFile: reports.int }),
  );
  const passed = isUnitRight && isIntRight;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  const at = new Date(atMs).toISOString().slice(0, 19);
  console.log(
    `${passed ? '✔' : '✖'} ${name.padEnd(10)} ${at}Z ${timeZone.padEnd(14)} ${seconds} s`,
  );
  if (!isUnitRight) tellFailures(reports.unit);
  if (!isIntRight) tellFailures(reports.int);
  return passed;
}

/** @throws where libfaketime is missing or shifts nothing: every test would pass then, and prove nothing. */
function checkClock(atMs: number, env: NodeJS.ProcessEnv): void {
  const shown = spawnSync(process.execPath, ['-p', 'Date.now()'], { env, encoding: 'utf8' });
  if (Math.abs(Number(shown.stdout) - atMs) < 10_000) return;
  throw new Error(
    `the clock cannot be shifted: run deploy/local/install days\n${shown.stdout}${shown.stderr}`,
  );
}

/** Stores of this moment's own, empty, in a folder and on ports of their own. */
async function runWithStores(
  { name, after, timeZone, isEdge = false }: Moment,
  machine: NodeJS.ProcessEnv,
  work: (env: NodeJS.ProcessEnv) => Promise<boolean>,
): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-days-'));
  const installed = machine['TANDEM_LOCAL_DIR'] ?? '.local';
  mkdirSync(join(folder, 'kafka'));
  for (const part of ['chart', 'kafka/lib'])
    symlinkSync(resolve(installed, part), join(folder, part));
  const ports = environmentOf(await chooseLocalPorts({}, false));
  const beginMs = Date.now() + (isEdge ? LEAD_MS : 0);
  const own = { ...machine, ...ports, TANDEM_LOCAL_DIR: folder };
  const env = { ...own, ...clockOf(after(beginMs), beginMs, timeZone) };
  stopStores = () => {
    spawnSync('deploy/local/stores', ['wipe'], {
      env: own,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    if (!(await runCommand('deploy/local/stores', ['start'], { limitMs: 180_000, env })))
      return false;
    if (isEdge) {
      const waitMs = beginMs - Date.now();
      if (waitMs < 0)
        throw new Error(`${name} is over: the stores took longer than ${String(LEAD_MS / 1000)} s`);
      await sleep(waitMs);
    }
    return await work(env);
  } finally {
    stopStores();
    stopStores = () => undefined;
  }
}

function tellFailures(reportFile: string): void {
  const lines = readFileSync(reportFile, { encoding: 'utf8', flag: 'a+' }).split('\n');
  const failures = lines
    .filter((line) => /^\s*✖ .*\(.*ms\)$/.test(line))
    .map((line) => line.trim());
  for (const failure of new Set(failures)) console.log(`    ${failure}`);
  console.log(`    all of it: ${reportFile}`);
}
