import { globSync, rmSync } from 'node:fs';
import { runCommand } from './run-command.ts';

/** The kinds of tests, told apart by the end of their file names and their place. */
const kinds = {
  unit: {
    folders: '{libs,services,cli,e2e,tools}',
    includes: (file: string) => !isSlow(file),
    options: ['--test-isolation=none', '--test-timeout=60000'],
    limitMs: 900_000,
  },
  int: {
    folders: '{libs,services,cli,deploy,tools}',
    includes: isSlow,
    // A failed test may leave something open: its file must end all the same.
    // Some start brokers of their own, which takes a crowded machine half a minute each time.
    options: ['--test-concurrency=2', '--test-timeout=180000', '--test-force-exit'],
    limitMs: 720_000,
  },
  /** Whole calls that wait most of the time: for processes, timers and CDRs. */
  beside: {
    folders: 'e2e',
    includes: (file: string) => roomOf(file) === 'beside',
    options: ['--test-concurrency=4', '--test-timeout=300000', '--test-force-exit'],
    limitMs: 600_000,
  },
  /** What takes half a core each: kills at named steps and of stores, audio. */
  pairs: {
    folders: 'e2e',
    includes: (file: string) => roomOf(file) === 'pairs',
    options: ['--test-concurrency=2', '--test-timeout=300000', '--test-force-exit'],
    limitMs: 720_000,
  },
  /** What goes by the clock or fills the machine: calls at a rate that is held, floods, kills at random. */
  alone: {
    folders: 'e2e',
    includes: (file: string) => roomOf(file) === 'alone',
    options: ['--test-concurrency=1', '--test-timeout=300000', '--test-force-exit'],
    limitMs: 600_000,
  },
  /** Browsers and telephones that are too large to be installed for each run: on demand, `make clients`. */
  clients: {
    folders: 'e2e',
    includes: isOfClients,
    options: ['--test-concurrency=1', '--test-timeout=300000', '--test-force-exit'],
    limitMs: 1_200_000,
  },
  /** Dashboards through the collector of TANDEM_COLLECTOR, and alerts whose causes are made true: on demand, `make dashboards`. */
  dashboards: {
    folders: 'e2e',
    includes: (file: string) => isOfTelemetry(file) || file.endsWith('/dashboards.e2e.test.ts'),
    options: ['--test-concurrency=1', '--test-timeout=1200000', '--test-force-exit'],
    limitMs: 1_800_000,
  },
  /** The long form of what kills: hours, so never part of `make test`. */
  soak: {
    folders: 'e2e',
    includes: (file: string) =>
      file.startsWith('e2e/kill/') || /rolling-restart|overload|media-linphone/.test(file),
    options: ['--test-concurrency=1', '--test-timeout=7200000', '--test-force-exit'],
    limitMs: 3 * 3_600_000,
  },
} as const;

/** A kind of tests. */
export type Kind = keyof typeof kinds;

/** What is asked for by a name of its own: e2e tests beside each other, then those that need more and more of the machine. */
const groups: Readonly<Record<string, readonly Kind[]>> = { e2e: ['beside', 'pairs', 'alone'] };

/** What is asked of the lines and branches that the unit tests run through. */
const LINES = 95;
const BRANCHES = 90;

/** What talks to the world outside is covered by the tests against the real stores, not by unit tests. */
const outside = [
  'libs/events/src/kafka/**',
  'libs/limits/src/redis/**',
  'libs/limits/src/redis-*.ts',
  'libs/config/src/snapshots/**',
  'libs/config/src/*-snapshots.ts',
  'libs/service/src/**',
  'libs/sip/src/transport/udp-transport.ts',
  'libs/sip-names/src/{dns-client,name-servers,system-clock}.ts',
  'libs/telemetry/src/otlp-export.ts',
  'libs/telemetry/src/start-telemetry.ts',
  'libs/testing/**',
  'libs/proto/**',
  '**/test/**',
];

/** The names that kinds are asked for by. */
export const kindNames: readonly string[] = [...Object.keys(kinds), ...Object.keys(groups)];

/** The kinds of a name, in the order in which they run; none where it is no such name. */
export function kindsNamed(name: string): readonly Kind[] {
  if (Object.hasOwn(kinds, name)) return [name as Kind];
  return groups[name] ?? [];
}

/** How a kind is run. */
export interface KindOptions {
  /** Parts of paths; a file is taken when one of them is in it. Empty = all files. */
  readonly words?: readonly string[];
  /** Where the counts are written, for the closing summary. */
  readonly countsFile?: string;
  /** Where the report goes instead of standard output; how much is covered is not asked then. */
  readonly reportFile?: string;
  /** Where all output goes, that of the coverage too. @default our own */
  readonly outputFile?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether they take only what CPU the others leave. @default false */
  readonly isPatient?: boolean;
}

/** Runs the tests of kinds one after the other; true when there were any, all passed and enough was covered. */
export async function runKinds(
  chosen: readonly Kind[],
  words: readonly string[],
): Promise<boolean> {
  const some = chosen.filter((kind) => filesOf(kind, words).length > 0);
  if (some.length === 0) console.error(`no ${chosen.join(' or ')} tests match ${words.join(' ')}`);
  let passed = some.length > 0;
  for (const kind of some) passed = (await runKind(kind, { words })) && passed;
  return passed;
}

/** Runs the tests of one kind; true when all passed and enough was covered. */
export async function runKind(kind: Kind, options: KindOptions = {}): Promise<boolean> {
  const { words = [], countsFile, reportFile, outputFile, env = process.env, isPatient } = options;
  const files = filesOf(kind, words);
  if (files.length === 0) {
    console.error(`no ${kind} tests${words.length > 0 ? ` match ${words.join(' ')}` : ''}`);
    return words.length === 0;
  }
  const command = [
    '--test',
    ...kinds[kind].options,
    '--test-reporter=spec',
    `--test-reporter-destination=${reportFile ?? 'stdout'}`,
    ...(countsFile === undefined ? [] : countingReporter(countsFile)),
    ...(kind === 'unit' && words.length === 0 && reportFile === undefined ? coverageOptions() : []),
    ...files,
  ];
  const { limitMs } = kinds[kind];
  return runCommand(process.execPath, command, { limitMs, env, isPatient, outputFile });
}

/** The files of a kind, in the order in which they begin. */
function filesOf(kind: Kind, words: readonly string[] = []): string[] {
  const { folders, includes } = kinds[kind];
  return globSync(`${folders}/**/*.test.ts`, { exclude: (name) => name === 'node_modules' })
    .filter((file) => includes(file))
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
    .sort()
    .sort((one, other) => Number(isLongest(other)) - Number(isLongest(one)));
}

function isSlow(file: string): boolean {
  return (
    /\.(int|leak)\.test\.ts$/.test(file) || (file.startsWith('e2e/') && !file.includes('/unit/'))
  );
}

/** How much of the machine a test of whole calls needs; undefined for the other tests. */
function roomOf(file: string): 'beside' | 'pairs' | 'alone' | undefined {
  if (!file.startsWith('e2e/') || !isSlow(file) || isOnDemand(file)) return undefined;
  if (/\/(changes-under-load|load|overload|random-kills|rolling-restart)\.e2e[^/]*$/.test(file))
    return 'alone';
  const isPaired = /^e2e\/kill\/|\/(make-cluster|media|mutants)[^/]*$/.test(file);
  return isPaired ? 'pairs' : 'beside';
}

function isOfClients(file: string): boolean {
  return file.startsWith('e2e/clients/');
}

function isOfTelemetry(file: string): boolean {
  return file.startsWith('e2e/telemetry/');
}

function isOnDemand(file: string): boolean {
  // Minutes, also in its short form.
  return isOfClients(file) || isOfTelemetry(file) || file === 'e2e/kill/prepaid.e2e.test.ts';
}

/** Begun first, these are over when the files beside them are: one waits for a suspension, a minute long; one kills pods for minutes. */
function isLongest(file: string): boolean {
  return /\/(refusals-of-customers|kill\/steps)\.e2e\.test\.ts$/.test(file);
}

function countingReporter(countsFile: string): string[] {
  rmSync(countsFile, { force: true });
  return [
    '--test-reporter=./tools/counting-reporter.ts',
    `--test-reporter-destination=${countsFile}`,
  ];
}

function coverageOptions(): string[] {
  return [
    '--experimental-test-coverage',
    `--test-coverage-lines=${String(LINES)}`,
    `--test-coverage-branches=${String(BRANCHES)}`,
    '--test-coverage-include=libs/*/src/**',
    '--test-coverage-include=services/*/src/core/**',
    ...outside.map((pattern) => `--test-coverage-exclude=${pattern}`),
  ];
}
