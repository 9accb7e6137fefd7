import { globSync, rmSync } from 'node:fs';
import { runCommand } from './run-command.ts';

/** The kinds of tests, told apart by the end of their file names and their place. */
export const kinds = {
  unit: {
    folders: '{libs,services,cli,e2e,tools}',
    includes: (file: string) => !isSlow(file),
    options: ['--test-isolation=none', '--test-timeout=60000'],
    limitMs: 240_000,
  },
  int: {
    folders: '{libs,services,cli,tools}',
    includes: isSlow,
    // A failed test may leave something open: its file must end all the same.
    options: ['--test-concurrency=2', '--test-timeout=60000', '--test-force-exit'],
    limitMs: 360_000,
  },
  e2e: {
    folders: 'e2e',
    includes: isSlow,
    options: ['--test-concurrency=1', '--test-timeout=300000', '--test-force-exit'],
    limitMs: 1_260_000,
  },
  /** The long form of what kills: hours, so never part of `make test`. */
  soak: {
    folders: 'e2e',
    includes: (file: string) =>
      file.startsWith('e2e/kill/') || /rolling-restart|overload/.test(file),
    options: ['--test-concurrency=1', '--test-timeout=3600000', '--test-force-exit'],
    limitMs: 3 * 3_600_000,
  },
} as const;

/** A kind of tests. */
export type Kind = keyof typeof kinds;

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
  'libs/telemetry/src/otlp-export.ts',
  'libs/telemetry/src/start-telemetry.ts',
  'libs/testing/**',
  'libs/proto/**',
  '**/test/**',
];

export function isKind(text: string): text is Kind {
  return Object.hasOwn(kinds, text);
}

/** How a kind is run. */
export interface KindOptions {
  /** Parts of paths; a file is taken when one of them is in it. Empty = all files. */
  readonly words?: readonly string[];
  /** Where the counts are written, for the closing summary. */
  readonly countsFile?: string;
  /** Where the report goes instead of standard output; how much is covered is not asked then. */
  readonly reportFile?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs the tests of one kind; true when all passed and enough was covered. */
export async function runKind(kind: Kind, options: KindOptions = {}): Promise<boolean> {
  const { words = [], countsFile, reportFile, env = process.env } = options;
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
  return runCommand(process.execPath, command, { limitMs: kinds[kind].limitMs, env });
}

/** The files of a kind, sorted. */
function filesOf(kind: Kind, words: readonly string[] = []): string[] {
  const { folders, includes } = kinds[kind];
  return globSync(`${folders}/**/*.test.ts`, { exclude: (name) => name === 'node_modules' })
    .filter((file) => includes(file))
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
    .sort();
}

function isSlow(file: string): boolean {
  return (
    /\.(int|leak)\.test\.ts$/.test(file) || (file.startsWith('e2e/') && !file.includes('/unit/'))
  );
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
