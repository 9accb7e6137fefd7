/**
 * CDRs per second into PostgreSQL, rated and charged (architecture: at least 10,000), and the CPU that one
 * call costs billing and PostgreSQL, at batches as small as a quiet hour's and as large as a backlog's.
 */
import { createBillingApp } from '@tandem/billing';
import { memorySnapshots } from '@tandem/config';
import { MemoryEventLog, createMemoryConsumer, encodeCallEvent } from '@tandem/events';
import { memoryLimits } from '@tandem/limits';
import { Terms } from '@tandem/proto/billing';
import { CallEvent } from '@tandem/proto/events';
import { silentLogger } from '@tandem/service';
import { databaseForTest, testPostgresUrl } from '@tandem/testing';
import { measureCopy } from './copy-baseline.ts';
import { cpuTimeMs, listenerOf } from './cpu-time.ts';

/** What one run measured. */
export interface CdrWriteResult {
  readonly batch: number;
  readonly cdrsPerSecond: number;
  /** CPU of one call (its two events) in this process, in µs. */
  readonly billingMicros: number;
  readonly postgresMicros: number;
  /** Plain COPY of the same rows, into a table with the same indexes. */
  readonly copiedPerSecond: number;
}

const ACCOUNTS = 50;

/** Writes `calls` calls in batches of so many events and measures it. */
export async function measureCdrWrite(calls: number, batch: number): Promise<CdrWriteResult> {
  const database = await databaseForTest();
  const postgres = listenerOf(Number(new URL(testPostgresUrl()).port));
  const logger = silentLogger();
  const log = new MemoryEventLog();
  const app = await createBillingApp(
    { postgresUrl: database.url },
    {
      logger,
      events: createMemoryConsumer({ log, group: 'benchmark', logger, maxBatch: batch }),
      balances: memoryLimits().balances,
      snapshots: memorySnapshots(),
    },
  );
  await app.start();
  // Statements are planned and code is compiled before the clock starts.
  await write(log, encoded('warm', Math.min(calls, 2000)), app.lag.bind(app));
  const events = encoded('call', calls);
  const [cpu, postgresCpu, start] = [process.cpuUsage(), cpuTimeMs(postgres), performance.now()];
  await write(log, events, app.lag.bind(app));
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  const postgresMicros = ((cpuTimeMs(postgres) - postgresCpu) * 1000) / calls;
  await app.stop();
  const copiedPerSecond = Math.round(await measureCopy(database.pool, database.url));
  await database.close();
  return {
    batch,
    cdrsPerSecond: Math.round(calls / seconds),
    billingMicros: (used.user + used.system) / calls,
    postgresMicros,
    copiedPerSecond,
  };
}

async function write(log: MemoryEventLog, events: Buffer[], lag: () => number): Promise<void> {
  log.append(events);
  while (lag() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Each call's answer and end, as the edge writes them; an end follows its answer a thousand calls later. */
function encoded(name: string, calls: number): Buffer[] {
  const events: Buffer[] = [];
  for (let index = 0; index < calls + 1000; index += 1) {
    if (index < calls) events.push(encodeCallEvent(callEvent(name, index, 'answered')));
    if (index >= 1000) events.push(encodeCallEvent(callEvent(name, index - 1000, 'ended')));
  }
  return events;
}

function callEvent(name: string, index: number, type: 'answered' | 'ended'): CallEvent {
  const callId = `${name}-${String(index).padStart(8, '0')}-benchmark`;
  const startedMs = Date.UTC(2026, 10, 21, 12) + index;
  const answeredMs = startedMs + 3000;
  const account = `account-${String(index % ACCOUNTS)}`;
  const terms = Terms.create({
    account,
    rateGroup: 'standard',
    prefix: '44',
    currency: 'USD',
    pricePerMinute: '0.0123',
    firstIncrementSeconds: 60,
    nextIncrementSeconds: 60,
    connectionFee: '0',
  });
  const callee = `4420794${String(index % 100_000).padStart(5, '0')}`;
  const caller = `1${String(index % 1000).padStart(3, '0')}`;
  const leg = { transport: 'udp', caller, callee, userAgent: 'benchmark', codecs: ['PCMA/8000'] };
  return CallEvent.fromPartial({
    eventId: `${callId}.${type}.1`,
    callId,
    type,
    startedMs,
    ringingMs: startedMs + 500,
    answeredMs,
    endedMs: type === 'ended' ? answeredMs + 10_000 : 0,
    origin: { kind: 'mapping-gateway', name: `trunk-${String(index % ACCOUNTS)}`, account },
    a: { ...leg, sipCallId: `${callId}@127.0.0.2`, peerAddress: '127.0.0.2:5060' },
    b: { ...leg, sipCallId: callId, peerAddress: '127.0.0.1:5070' },
    attempts: [{ gateway: 'carrier-a', account: '', startedMs, endedMs: answeredMs, code: 200 }],
    termination: { reason: 'NormalClearing', code: 200, by: 'caller' },
    customerTerms: Terms.encode(terms).finish(),
    decisions: [
      'authentication-mode',
      'account-status',
      'rate',
      'balance',
      'lines',
      'candidate',
    ].map((check) => ({
      service: 'routing',
      check,
      result: 'passed',
      subject: `account ${account}`,
      facts: [
        { name: 'limit', value: '100' },
        { name: 'holders', value: '17' },
      ],
      atMs: startedMs,
    })),
    edge: 'edge-0',
  });
}

if (import.meta.main) {
  const [calls = '20000', batches = '50,200,1000'] = process.argv.slice(2);
  for (const batch of batches.split(',').map(Number)) {
    const result = await measureCdrWrite(Number(calls), batch);
    process.stdout.write(
      `batches of ${String(result.batch)} events: ${String(result.cdrsPerSecond)} CDRs/s, billing ${result.billingMicros.toFixed(0)} µs and PostgreSQL ${result.postgresMicros.toFixed(0)} µs of CPU a call; plain COPY ${String(result.copiedPerSecond)} rows/s, ratio ${(result.cdrsPerSecond / result.copiedPerSecond).toFixed(2)}\n`,
    );
  }
}
