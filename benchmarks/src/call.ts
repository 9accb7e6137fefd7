/**
 * CPU a call of every process: Tandem as separate processes and as a call pod, on real Redis, Kafka and PostgreSQL, and beside them
 * Kamailio with PostgreSQL doing the same job, under the same SIPp scenarios on the same machine. All are up at the same time and
 * take turns.
 * usage: node src/call.ts [CALLS_PER_SECOND,…] [SECONDS] [STANDING_CALLS]
 *   SHAPES=pod        leaves the other shape out
 *   PROFILE=folder    has the services of Tandem write CPU profiles there at their end
 */
import { Carrier, freePorts } from '@tandem/e2e';
import { measure, warmUp, type CallRun } from './call-load.ts';
import { startKamailio, startTandem, type Layout, type Subject } from './call-subjects.ts';
import { callTable, memoryTable } from './call-table.ts';
import { standingCalls, type MemoryUse } from './standing-calls.ts';

const rates = (process.argv[2] ?? '200,500,1000').split(',').map(Number);
const seconds = Number(process.argv[3] ?? '12');
const standing = Number(process.argv[4] ?? '10000');
const layouts = (process.env['SHAPES'] ?? 'split,pod').split(',') as Layout[];

const [carrierPort = 0, other = 0, callerPort = 0] = await freePorts(3);
const carrier = await Carrier.start({ scenario: 'carrier-answers', port: carrierPort });
const subjects: Subject[] = [];
try {
  for (const layout of layouts) {
    subjects.push(await startTandem(layout, { carrier: carrierPort, other }, profiled(layout)));
  }
  subjects.push(await startKamailio(carrierPort));
  for (const subject of subjects) await warmUp(subject, callerPort);
  for (const rate of rates) {
    const runs: CallRun[] = [];
    for (const subject of subjects) {
      runs.push(await measure(subject, { callerPort, rate, calls: rate * seconds }));
    }
    process.stdout.write(`${callTable(rate, runs)}\n\n`);
  }
  if (standing > 0) {
    const uses: MemoryUse[] = [];
    for (const subject of subjects) {
      uses.push(await standingCalls(subject, { callerPort, calls: standing }));
    }
    process.stdout.write(`${memoryTable(uses)}\n`);
  }
} finally {
  for (const subject of subjects.toReversed()) await subject.stop();
  await carrier.stop();
}

function profiled(layout: Layout): { readonly nodeArgs?: Record<string, readonly string[]> } {
  const folder = process.env['PROFILE'];
  if (folder === undefined) return {};
  const args = ['--cpu-prof', `--cpu-prof-dir=${folder}`];
  const names = layout === 'pod' ? ['pod'] : ['edge', 'auth', 'routing'];
  return { nodeArgs: Object.fromEntries([...names, 'billing'].map((name) => [name, args])) };
}
