import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import type { Outcome } from './counting-reporter.ts';
import { endLeftovers, findLeftovers, RUN_VARIABLE } from './leftovers.ts';
import { chooseLocalPorts, environmentOf } from './local-ports.ts';
import { endCommands, runCommand } from './run-command.ts';
import type { CommandOptions } from './run-command.ts';
import { runLanes, runSteps, runUntilFailure } from './run-steps.ts';
import type { Kept, Result, Step } from './run-steps.ts';
import { runAgain } from './second-run.ts';
import { guarded, runDays } from './test-days.ts';
import { runKind } from './test-kinds.ts';
import type { Kind } from './test-kinds.ts';

/** The kinds that are counted, and what their steps are called. */
const testNames = {
  unit: 'unit tests',
  int: 'int tests',
  beside: 'e2e tests',
  pairs: 'e2e tests, in pairs',
  alone: 'e2e tests, alone',
} as const satisfies Partial<Record<Kind, string>>;

type Counted = keyof typeof testNames;

/** What meets real clocks, stores and processes, which a crowded machine makes late: docs/adr/0102. */
const repeatable = ['int', 'beside', 'pairs', 'alone'] as const satisfies readonly Counted[];

const OUTPUT = 'coverage';
/** How many checks run at a time; beside them, as many kinds of tests that need the stores. */
const LANES = 2;
const kept: Kept = { folder: OUTPUT, print: (text) => void process.stdout.write(text) };

/**
 * The whole run: installs, starts the stores, checks, runs every kind of test, and stops the stores, whatever happened before.
 * A failed step does not keep the later ones from running; a failed set-up does so with what needs the stores. What needs
 * none of it, checks and unit tests, computes all the time: it runs beside the set-up and the tests that wait for the stores, in the CPU
 * that these leave. Whole calls have the machine to themselves.
 */
export async function run(): Promise<number> {
  const runId = `${String(process.pid)}-${String(Date.now())}`;
  const wereUp = areStoresUp(process.env);
  const ports = await chooseLocalPorts(process.env, wereUp);
  const env = { ...process.env, ...environmentOf(ports), [RUN_VARIABLE]: runId };
  mkdirSync(OUTPUT, { recursive: true });
  stopOnSignal(env, wereUp, runId);

  const startedAt = performance.now();
  const results: Result[] = [];
  try {
    const checks = runLanes(withoutStores(env), LANES, kept);
    results.push(...(await runUntilFailure(setUp(env), kept)));
    const isSetUp = results.every(({ passed }) => passed);
    if (isSetUp) results.push(...(await runLanes(withStores(env), LANES, kept)));
    results.push(...(await checks));
    if (isSetUp) results.push(...(await runSteps(wholeCalls(env))));
    await repeatFailed(results, env);
  } finally {
    if (!wereUp) results.push(...(await runSteps([stopStores(env)])));
    results.push(noLeftovers(runId));
  }
  report(results, performance.now() - startedAt);
  return results.every((result) => result.passed) ? 0 : 1;
}

function areStoresUp(env: NodeJS.ProcessEnv): boolean {
  return spawnSync('deploy/local/stores', ['status'], { env, stdio: 'ignore' }).status === 0;
}

function setUp(env: NodeJS.ProcessEnv): Step[] {
  return [
    command('install', ['deploy/local/install', 'days'], { limitMs: 600_000, env }),
    command('build the console', ['make', '--no-print-directory', 'console'], {
      limitMs: 180_000,
      env,
    }),
    command('start the stores', ['deploy/local/stores', 'start'], { limitMs: 180_000, env }),
  ];
}

/** Of checks, which may have to wait for the others. */
const patient = { limitMs: 900_000, isPatient: true } as const;

/** The longest ones first, so that both lanes end at about the same time. */
function withoutStores(env: NodeJS.ProcessEnv): Step[] {
  const check = (target: string): Step =>
    command(target, ['make', '--no-print-directory', target], { ...patient, env });
  const others = ['types', 'format-check', 'generated-check'].map(check);
  return [check('lint'), testsOf('unit', env, { isPatient: true }), ...others];
}

/** Tests that wait for the stores more than they compute: these of today, those of another day in stores of their own. */
function withStores(env: NodeJS.ProcessEnv): Step[] {
  return [testsOf('int', env), { name: 'tests another day', run: () => runDays(guarded, env) }];
}

function wholeCalls(env: NodeJS.ProcessEnv): Step[] {
  return [testsOf('beside', env), testsOf('pairs', env), testsOf('alone', env)];
}

function testsOf(
  kind: Counted,
  env: NodeJS.ProcessEnv,
  options: { readonly isPatient?: boolean } = {},
): Step {
  const countsFile = countsFileOf(kind);
  return {
    name: testNames[kind],
    run: (outputFile) => runKind(kind, { ...options, env, countsFile, outputFile }),
  };
}

/** The kinds whose failures have not come again count as passed. */
async function repeatFailed(results: Result[], env: NodeJS.ProcessEnv): Promise<void> {
  const failed = repeatable.flatMap((kind) =>
    outcomeOf(kind).failedFiles.map((file) => ({ kind, file })),
  );
  passedAgain = await runAgain(failed, async ({ kind, file }) => {
    console.log(`\n── again: ${file}`);
    return runKind(kind, { words: [file], env });
  });
  for (const [index, result] of results.entries()) {
    const isMended = [...passedAgain].some((kind) => testNames[kind] === result.name);
    if (isMended) results[index] = { ...result, passed: true };
  }
}

let passedAgain: ReadonlySet<Counted> = new Set();

function stopStores(env: NodeJS.ProcessEnv): Step {
  return command('stop the stores', ['deploy/local/stores', 'stop'], { limitMs: 90_000, env });
}

function command(
  name: string,
  [program = '', ...parameters]: readonly string[],
  options: Omit<CommandOptions, 'outputFile'>,
): Step {
  return {
    name,
    run: (outputFile) => runCommand(program, parameters, { ...options, outputFile }),
  };
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

function report(results: readonly Result[], durationMs: number): void {
  console.log('\n── summary');
  for (const { name, passed, seconds } of results) {
    console.log(`${passed ? '✔' : '✖'} ${name.padEnd(19)} ${seconds.toFixed(1).padStart(7)} s`);
  }
  const total = { tests: 0, suites: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 };
  for (const kind of Object.keys(testNames) as Counted[]) {
    const counts = finalCounts(kind);
    for (const name of Object.keys(total) as (keyof typeof total)[])
      total[name] += counts[name] ?? 0;
  }
  const labels: Partial<Record<string, string>> = { passed: 'pass', failed: 'fail' };
  for (const [name, count] of Object.entries(total)) {
    console.log(`ℹ ${labels[name] ?? name} ${String(count)}`);
  }
  console.log(`ℹ duration_ms ${durationMs.toFixed(0)}`);
  for (const kind of Object.keys(testNames) as Counted[]) {
    const mark = passedAgain.has(kind) ? '↻ passed when it was run again:' : '✖';
    for (const { name, message } of outcomeOf(kind).failedTests)
      console.log(`${mark} ${kind}: ${name}: ${message}`);
  }
}

function finalCounts(kind: Counted): Outcome['counts'] {
  const { counts } = outcomeOf(kind);
  if (!passedAgain.has(kind)) return counts;
  const { passed = 0, failed = 0, cancelled = 0 } = counts;
  return { ...counts, passed: passed + failed + cancelled, failed: 0, cancelled: 0 };
}

function countsFileOf(kind: Kind): string {
  return `${OUTPUT}/counts-${kind}.json`;
}

function outcomeOf(kind: Counted): Outcome {
  try {
    return JSON.parse(readFileSync(countsFileOf(kind), 'utf8')) as Outcome;
  } catch {
    return { counts: {}, durationMs: 0, failedFiles: [], failedTests: [] };
  }
}
