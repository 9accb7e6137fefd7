/**
 * What it costs the call pod to anchor a call in a media relay: CPU a call of calls that are anchored and of calls that are not, by
 * turns, in one pod with one rtpengine, on real Redis, Kafka and PostgreSQL. Signalling alone: SIPp sends no media.
 * usage: node src/media-call.ts [CALLS_PER_SECOND] [SECONDS] [ROUNDS]
 *   PROFILE=folder    has the pod write CPU profiles there at its end
 */
import { Carrier, freePorts } from '@tandem/e2e';
import { OwnRtpengine } from '@tandem/testing';
import { load, measure, quantile, total, type CallRun } from './call-load.ts';
import { endlessConfiguration, startTandem, type Subject } from './call-subjects.ts';
import { cpuTimeMs } from './cpu-time.ts';

const [rate = 150, seconds = 10, rounds = 3] = process.argv.slice(2).map(Number);
const kinds = [
  { title: 'passed on', callee: '442079460000' },
  { title: 'anchored', callee: '452079460000' },
] as const;

/**
 * Both ways of a call have to be compiled by V8 before they are measured. Slower than what is measured: a pod that is cold costs
 * several times as much, and what is not answered in time is asked again.
 */
const WARM_UP = { rate: 100, calls: 2500 };

interface Turn {
  readonly title: string;
  readonly run: CallRun;
  /** CPU of the relay, ms a call. */
  readonly relayMs: number;
}

const [carrierPort = 0, other = 0, callerPort = 0] = await freePorts(3);
const carrier = await Carrier.start({ scenario: 'carrier-answers', port: carrierPort });
const relay = await OwnRtpengine.start({ ports: [10_000, 19_999] });
let subject: Subject | undefined;
try {
  subject = await startTandem(
    'pod',
    { carrier: carrierPort, other },
    {
      env: { TANDEM_RTPENGINES: `udp:127.0.0.1:${String(relay.port)}` },
      ...profiled(),
    },
    anchoring(endlessConfiguration({ carrier: carrierPort, other })),
  );
  for (const { callee } of kinds) await load(subject, { callerPort, callee, ...WARM_UP });
  const turns: Turn[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const { title, callee } of kinds) {
      const before = cpuTimeMs(relay.pid ?? 0);
      const calls = rate * seconds;
      const run = await measure(subject, { callerPort, rate, calls, callee });
      turns.push({ title, run, relayMs: (cpuTimeMs(relay.pid ?? 0) - before) / run.answered });
    }
  }
  process.stdout.write(`${tableOf(turns)}\n`);
} finally {
  await subject?.stop();
  await relay.kill();
  await carrier.stop();
}

/** The same carrier once more, for another prefix, with its media anchored. */
function anchoring(document: ReturnType<typeof endlessConfiguration>): object {
  const [gateway] = document.routingGateways;
  const [group] = document.rateGroups as { rates: Record<string, unknown>[] }[];
  group?.rates.push({ ...group.rates[0], prefix: '45' });
  document.routingGateways.push({
    ...gateway,
    name: 'carrier-anchored',
    prefixes: ['45'],
    media: { mode: 'anchor' },
  });
  return document;
}

function profiled(): { readonly nodeArgs?: Record<string, readonly string[]> } {
  const folder = process.env['PROFILE'];
  if (folder === undefined) return {};
  return { nodeArgs: { pod: ['--cpu-prof', `--cpu-prof-dir=${folder}`] } };
}

function tableOf(turns: readonly Turn[]): string {
  const columns = kinds.map(({ title }) => turns.filter((turn) => turn.title === title));
  const row = (name: string, cell: (own: readonly Turn[]) => string): string =>
    `| ${name} | ${columns.map(cell).join(' | ')} |`;
  const median = (own: readonly Turn[], value: (turn: Turn) => number): number =>
    quantile(own.map(value), 0.5);
  const pod = ({ run }: Turn): number =>
    run.own.find(({ name }) => name.startsWith('pod'))?.cpuMs ?? 0;
  const figure = (name: string, value: (turn: Turn) => number, digits = 3): string =>
    row(name, (own) => median(own, value).toFixed(digits));
  const sum = (own: readonly Turn[], value: (run: CallRun) => number): string =>
    String(own.reduce((all, { run }) => all + value(run), 0));
  const all = ({ run }: Turn): number => total(run.own) + total(run.stores);
  const base = columns[0] ?? [];
  const ratio = (name: string, value: (turn: Turn) => number): string =>
    row(`**${name}**`, (own) => (median(own, value) / median(base, value)).toFixed(2));
  return [
    row(
      `CPU at ${String(rate)} calls/s, ms a call, median of ${String(rounds)}`,
      ([turn]) => turn?.title ?? '',
    ),
    `| --- |${' ---: |'.repeat(columns.length)}`,
    figure('pod', pod),
    row('pod, each turn', (own) => own.map((turn) => pod(turn).toFixed(3)).join(', ')),
    ratio('pod ÷ passed on', pod),
    figure('own processes and stores', all),
    ratio('own processes and stores ÷ passed on', all),
    figure('rtpengine', ({ relayMs }) => relayMs),
    figure('INVITE to 200, median, ms', ({ run }) => quantile(run.answerTimesMs, 0.5), 0),
    figure('INVITE to 200, 99 %, ms', ({ run }) => quantile(run.answerTimesMs, 0.99), 0),
    row(
      'answered of placed',
      (own) => `${sum(own, (run) => run.answered)} of ${sum(own, (run) => run.placed)}`,
    ),
    row('CDRs', (own) => sum(own, ({ cdrs }) => cdrs)),
    figure('cores busy with other things', ({ run }) => run.otherCores, 1),
  ].join('\n');
}
