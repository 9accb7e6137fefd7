import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isUdpPortBound } from './free-ports.ts';
import { ManagedProcess } from './managed-process.ts';
import { type TracedMessage, parseTrace } from './sip-trace.ts';
import { until } from './until.ts';

const SCENARIOS = join(import.meta.dirname, '../sipp');

/** What both sides of a SIPp run have. */
interface SippOptions {
  /** Name of a file in e2e/sipp, without `.xml`, or a path that begins with `/`. */
  readonly scenario: string;
  /** @default '127.0.0.1' */
  readonly address?: string;
  readonly port: number;
  /** Length of each `<pause/>`. @default 0 */
  readonly pauseMs?: number;
  /** Keep every message for `messages()`; for runs of a few calls. @default false */
  readonly trace?: boolean;
}

/** A SIPp that places calls. */
export interface CallerOptions extends SippOptions {
  readonly target: { readonly address: string; readonly port: number };
  readonly callee: string;
  /** User of the From header. @default '1001' */
  readonly caller?: string;
  /** What stands for `[extra]` in the scenario: a header. @default none */
  readonly extra?: string;
  readonly username?: string;
  readonly password?: string;
  /** @default 1 */
  readonly calls?: number;
  /** Calls a second. @default 10 */
  readonly rate?: number;
  /** @default 60_000 */
  readonly timeoutMs?: number;
  /** Keep how long each answer took. @default false */
  readonly times?: boolean;
}

/** Counts of a finished SIPp run. */
export interface SippCounts {
  readonly created: number;
  readonly successful: number;
  readonly failed: number;
  readonly retransmissions: number;
}

/** What a caller saw. */
export interface SippResult extends SippCounts {
  readonly exitCode: number;
  /** Messages that it sent and received, repeated ones too. */
  readonly passed: number;
  /** From the first INVITE of a call to its 200, in milliseconds; empty without `times`. */
  readonly answerTimesMs: readonly number[];
  readonly messages: readonly TracedMessage[];
  readonly output: string;
}

/** Places calls until all are done or the time is up. */
export async function placeCalls(options: CallerOptions): Promise<SippResult> {
  const { target, calls = 1, rate = 10, timeoutMs = 60_000 } = options;
  const folder = await mkdtemp(join(tmpdir(), 'tandem-sipp-'));
  const sipp = startSipp(options, folder, [
    `${target.address}:${String(target.port)}`,
    ...['-s', options.callee, '-key', 'caller', options.caller ?? '1001'],
    ...['-r', String(rate), '-m', String(calls), '-l', String(Math.max(calls, 1))],
    ...['-timeout', `${String(Math.ceil(timeoutMs / 1000))}s`],
    ...(options.extra === undefined ? [] : ['-key', 'extra', options.extra]),
    ...(options.username === undefined ? [] : ['-au', options.username]),
    ...(options.password === undefined ? [] : ['-ap', options.password]),
    ...(options.times === true ? ['-trace_rtt', '-rtt_freq', '1'] : []),
  ]);
  // SIPp ends itself at -timeout; the margin is for its last look at calls that are up.
  const exitCode = await sipp.exit(timeoutMs + 10_000).catch(() => sipp.stop({ graceMs: 500 }));
  const counts = parseStatistics(await readFile(join(folder, 'stat.csv'), 'utf8').catch(() => ''));
  const messages = await readTrace(folder);
  const passed = await readPassed(folder);
  const answerTimesMs = await readTimes(folder);
  const output = (await readFile(join(folder, 'errors'), 'utf8').catch(() => '')).slice(0, 3000);
  await rm(folder, { recursive: true, force: true });
  return { ...counts, exitCode, passed, answerTimesMs, messages, output };
}

/** A SIPp that takes calls, running until stopped. */
export class Carrier {
  readonly port: number;
  readonly #process: ManagedProcess;
  readonly #folder: string;

  private constructor(process: ManagedProcess, folder: string, port: number) {
    this.#process = process;
    this.#folder = folder;
    this.port = port;
  }

  /** Starts a carrier and waits until it has its port. */
  static async start(options: SippOptions): Promise<Carrier> {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-carrier-'));
    const process = startSipp(options, folder, []);
    await until(
      `${options.scenario} listens on ${String(options.port)}: ${process.output}`,
      () => process.isRunning && isUdpPortBound(options.port),
    );
    return new Carrier(process, folder, options.port);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** What passed so far; empty without `trace`. */
  messages(): Promise<readonly TracedMessage[]> {
    return readTrace(this.#folder);
  }

  /** Counts as of the last second. */
  async counts(): Promise<SippCounts> {
    return parseStatistics(await readFile(join(this.#folder, 'stat.csv'), 'utf8'));
  }

  /** Messages that it sent and received until the last second, repeated ones too. */
  passed(): Promise<number> {
    return readPassed(this.#folder);
  }

  /** What SIPp complained of: messages that its scenario did not expect. */
  errors(): Promise<string> {
    return readFile(join(this.#folder, 'errors'), 'utf8').catch(() => '');
  }

  async stop(): Promise<void> {
    await this.#process.stop({ signal: 'SIGKILL', graceMs: 2000 });
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function startSipp(options: SippOptions, folder: string, more: readonly string[]): ManagedProcess {
  const { scenario, address = '127.0.0.1', port, pauseMs = 0, trace = false } = options;
  const file = scenario.startsWith('/') ? scenario : join(SCENARIOS, `${scenario}.xml`);
  return new ManagedProcess({
    name: `sipp ${scenario}`,
    command: 'sipp',
    args: [
      ...['-sf', file, '-i', address, '-p', String(port), '-d', String(pauseMs), '-nostdin'],
      ...['-buff_size', '4194304', '-trace_stat', '-fd', '1', '-stf', join(folder, 'stat.csv')],
      ...['-trace_err', '-error_file', join(folder, 'errors'), '-trace_counts'],
      ...(trace ? ['-trace_msg', '-message_file', join(folder, 'messages')] : []),
      ...more,
    ],
    cwd: folder,
    env: { TERM: 'dumb' },
  });
}

async function readTrace(folder: string): Promise<readonly TracedMessage[]> {
  return parseTrace(await readFile(join(folder, 'messages'), 'latin1').catch(() => ''));
}

/** The second column of SIPp's own file of response times; its first row is a title. */
async function readTimes(folder: string): Promise<readonly number[]> {
  const name = (await readdir(folder)).find((file) => file.endsWith('_rtt.csv'));
  if (name === undefined) return [];
  const rows = (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n').slice(1);
  return rows.map((row) => Number(row.split(';')[1])).filter((ms) => !Number.isNaN(ms));
}

/** What `sipp -trace_counts` wrote: a column for each message of the scenario and what became of it. */
async function readPassed(folder: string): Promise<number> {
  const name = (await readdir(folder)).find((file) => file.endsWith('_counts.csv'));
  if (name === undefined) return 0;
  return [...lastRow(await readFile(join(folder, name), 'utf8'))]
    .filter(([column]) => /^\d+_(?!Pause).*_(Sent|Recv|Retrans|Unexp)$/.test(column))
    .reduce((sum, [, count]) => sum + count, 0);
}

/** What `sipp -trace_stat` wrote. */
function parseStatistics(csv: string): SippCounts {
  const row = lastRow(csv);
  const value = (name: string): number => row.get(name) ?? 0;
  return {
    created: value('TotalCallCreated'),
    successful: value('SuccessfulCall(C)'),
    failed: value('FailedCall(C)'),
    retransmissions: value('Retransmissions(C)'),
  };
}

/** The columns of the last row, by the names in the first. */
function lastRow(csv: string): ReadonlyMap<string, number> {
  const rows = csv.trimEnd().split('\n');
  const names = (rows[0] ?? '').split(';');
  const values = (rows.at(-1) ?? '').split(';');
  return new Map(names.map((name, at) => [name, Number(values[at] ?? 0) || 0]));
}
