import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { endLeftovers, findLeftovers, RUN_VARIABLE } from './leftovers.ts';
import { chooseLocalPorts, environmentOf } from './local-ports.ts';
import { endCommands, runCommand } from './run-command.ts';
import { guarded, runDays } from './test-days.ts';
import { runKind } from './test-kinds.ts';
import type { Kind } from './test-kinds.ts';

interface Step {
  readonly name: string;
  readonly run: () => Promise<boolean>;
}

interface Result {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
}

const OUTPUT = 'coverage';

/**
 * The whole run: installs, starts the stores, checks, runs every kind of test, and stops the stores,
 * whatever happened before. A failed step does not keep the later ones from running, a failed set-up does.
 */
export async function run(): Promise<number> {
  const runId = `${String(process.pid)}-${String(Date.now())}`;
  const wereUp = areStoresUp(process.env);
  const ports = await chooseLocalPorts(process.env, wereUp);
  const env = { ...process.env, ...environmentOf(ports), [RUN_VARIABLE]: runId };
  mkdirSync(OUTPUT, { recursive: true });
  stopOnSignal(env, wereUp, runId);

  const results: Result[] = [];
  try {
    const isSetUp = await runSteps(setUp(env), results, true);
    if (isSetUp) await runSteps([...checks(env), ...tests(env)], results, false);
  } finally {
    if (!wereUp) await runSteps([stopStores(env)], results, false);
    results.push(noLeftovers(runId));
  }
  report(results);
  return results.every((result) => result.passed) ? 0 : 1;
}

function areStoresUp(env: NodeJS.ProcessEnv): boolean {
  return spawnSync('deploy/local/stores', ['status'], { env, stdio: 'ignore' }).status === 0;
}

function setUp(env: NodeJS.ProcessEnv): Step[] {
  return [
    command('install', ['deploy/local/install', 'days'], { limitMs: 600_000, env }),
    command('start the stores', ['deploy/local/stores', 'start'], { limitMs: 180_000, env }),
  ];
}

function checks(env: NodeJS.ProcessEnv): Step[] {
  return ['types', 'lint', 'format-check', 'generated-check'].map((target) =>
    command(target, ['make', '--no-print-directory', target], { limitMs: 240_000, env }),
  );
}

function tests(env: NodeJS.ProcessEnv): Step[] {
  const names: Kind[] = ['unit', 'int', 'e2e'];
  return [
    ...names.map((kind) => ({
      name: `${kind} tests`,
      run: () => runKind(kind, { env, countsFile: countsFileOf(kind) }),
    })),
    { name: 'tests another day', run: () => runDays(guarded, env) },
  ];
}

function stopStores(env: NodeJS.ProcessEnv): Step {
  return command('stop the stores', ['deploy/local/stores', 'stop'], { limitMs: 90_000, env });
}

function command(
  name: string,
  [program = '', ...parameters]: readonly string[],
  options: { readonly limitMs: number; readonly env: NodeJS.ProcessEnv },
): Step {
  return { name, run: () => runCommand(program, parameters, options) };
}

async function runSteps(
  steps: readonly Step[],
  results: Result[],
  stopsAtFailure: boolean,
): Promise<boolean> {
  for (const step of steps) {
    console.log(`\n── ${step.name}`);
    const startedAt = performance.now();
    const passed = await step.run();
    results.push({ name: step.name, passed, seconds: (performance.now() - startedAt) / 1000 });
    if (!passed && stopsAtFailure) return false;
  }
  return true;
}

function noLeftovers(runId: string): Result {
  const leftovers = findLeftovers(runId);
  for (const { pid, command: line } of leftovers) {
    console.error(`left behind: ${String(pid)} ${line}`);
  }
  endLeftovers(leftovers);
  return { name: 'no process left', passed: leftovers.length === 0, seconds: 0 };
}

function stopOnSignal(env: NodeJS.ProcessEnv, wereUp: boolean, runId: string): void {
  const stop = (): void => {
    endCommands();
    if (!wereUp) spawnSync('deploy/local/stores', ['stop'], { env, stdio: 'inherit' });
    endLeftovers(findLeftovers(runId));
    process.exit(130);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function report(results: readonly Result[]): void {
  console.log('\n── summary');
  for (const { name, passed, seconds } of results) {
    console.log(`${passed ? '✔' : '✖'} ${name.padEnd(18)} ${seconds.toFixed(1).padStart(7)} s`);
  }
  const total = { tests: 0, suites: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 };
  for (const kind of ['unit', 'int', 'e2e'] as const) {
    const counts = readCounts(kind);
    for (const name of Object.keys(total) as (keyof typeof total)[])
      total[name] += counts[name] ?? 0;
  }
  const labels: Partial<Record<string, string>> = { passed: 'pass', failed: 'fail' };
  for (const [name, count] of Object.entries(total)) {
    console.log(`ℹ ${labels[name] ?? name} ${String(count)}`);
  }
  const milliseconds = results.reduce((sum, result) => sum + result.seconds * 1000, 0);
  console.log(`ℹ duration_ms ${milliseconds.toFixed(0)}`);
}

function countsFileOf(kind: Kind): string {
  return `${OUTPUT}/counts-${kind}.json`;
}

function readCounts(kind: Kind): Partial<Record<string, number>> {
  try {
    return JSON.parse(readFileSync(countsFileOf(kind), 'utf8')) as Partial<Record<string, number>>;
  } catch {
    return {};
  }
}
