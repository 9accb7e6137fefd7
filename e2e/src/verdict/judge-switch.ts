import { formatMoney, parseMoney } from '@tandem/domain';
import { demo } from '../configuration.ts';
import type { CallRecord, LoadReport } from '../load/call-record.ts';
import type { CdrView, SwitchApi } from '../switch-api.ts';
import { until } from '../until.ts';
import { callFaults } from './call-faults.ts';
import { cdrFaults } from './cdr-faults.ts';

/** What is judged. */
export interface JudgeOptions {
  readonly report: LoadReport;
  readonly api: SwitchApi;
  /** Calls before this load have CDRs of their own. @default 0 */
  readonly earlierCdrs?: number;
  /** How long events may take to become CDRs. @default 30_000 */
  readonly cdrsWithinMs?: number;
  /** Pods or stores were killed: what one of them knew last may be lost, so that a BYE is sent that was not needed. @default false */
  readonly wereKilled?: boolean;
  /** Opening balance of the account, to hold what was charged against; left out, it is not looked at. */
  readonly openingBalance?: string;
}

/** A call that went wrong, or whose CDR says something else than its ends saw. */
interface FaultyCall {
  readonly number: string;
  readonly callId: string | undefined;
  readonly faults: readonly string[];
}

/** What came of a load. */
export interface Verdict {
  readonly calls: number;
  readonly answered: number;
  readonly cdrs: number;
  readonly retransmissions: number;
  readonly faultyCalls: readonly FaultyCall[];
  /** Of messages that belong to no call, and of what the switch keeps: lines, calls, outbox, money. */
  readonly faults: readonly string[];
}

/** ROUTE-05: a line is free so long after the call's end. */
const LEASES_MS = 30_000;

/** Holds a load's report against CDRs, lines, calls in progress, the outbox and the ledger (edge.md §9). */
export async function judgeSwitch(options: JudgeOptions): Promise<Verdict> {
  const { report, api, earlierCdrs = 0, wereKilled = false } = options;
  const faults = report.strayFaults.map((text) => `stray: ${text}`);
  const state = await stateFaults(api);
  const cdrs = await settledCdrs(options);
  const byCall = Map.groupBy(cdrs, ({ a }) => a?.sipCallId ?? '');
  const faultyCalls: FaultyCall[] = [];
  for (const call of report.calls) {
    const own = byCall.get(call.caller.sipCallId) ?? [];
    byCall.delete(call.caller.sipCallId);
    const found = [...callFaults(call), ...cdrFaults(call, own).map((text) => `the CDR ${text}`)];
    if (!wereKilled && call.needlessByes > 0) found.push('an end got a BYE that nobody needed');
    if (found.length > 0) {
      faultyCalls.push({ number: call.plan.number, callId: own[0]?.callId, faults: found });
    }
  }
  const foreign = [...byCall.values()].reduce((sum, { length }) => sum + length, 0);
  if (foreign !== earlierCdrs) faults.push(`${String(foreign - earlierCdrs)} CDRs of no call`);
  faults.push(...state, ...(await ledgerFaults(options, cdrs)));
  return {
    calls: report.calls.length,
    answered: report.snapshot.answered,
    cdrs: cdrs.length - foreign,
    retransmissions: report.snapshot.retransmissions,
    faultyCalls,
    faults,
  };
}

/** A verdict in words; empty where nothing is wrong. */
export function verdictText({ faultyCalls, faults }: Verdict, most = 10): string {
  const calls = faultyCalls
    .slice(0, most)
    .map((call) => `${call.number} (${call.callId ?? 'no CDR'}): ${call.faults.join('; ')}`);
  const rest = faultyCalls.length - calls.length;
  return [
    ...faults.slice(0, most),
    ...calls,
    ...(rest > 0 ? [`and ${String(rest)} more calls`] : []),
  ].join('\n');
}

/** The faults of a verdict by their first words, most frequent first. */
export function faultCounts({
  faultyCalls,
  faults,
}: Verdict): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const text of [...faults, ...faultyCalls.flatMap((call) => call.faults)]) {
    const kind = (text.split('\n')[0] ?? '').replace(/[+-]?\d[\d.]*/g, 'n');
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].sort(([, one], [, other]) => other - one);
}

/** Everything that must be empty once all calls are over. */
async function stateFaults(api: SwitchApi): Promise<readonly string[]> {
  const faults: string[] = [];
  await until('no line is held', async () => (await api.linesHeld()) === 0, {
    timeoutMs: LEASES_MS,
    everyMs: 250,
  }).catch(async () => {
    faults.push(`lines are held 30 s later: ${(await api.lineHolders()).join(', ')}`);
  });
  await until('the outbox is empty', async () => (await api.status()).outbox === 0, {
    timeoutMs: LEASES_MS,
    everyMs: 250,
  }).catch(async () => {
    faults.push(`${String((await api.status()).outbox)} events wait in the outbox`);
  });
  await until('no call is in progress', async () => (await api.callsInProgress()) === 0, {
    everyMs: 250,
  }).catch(async () => {
    faults.push(`${String(await api.callsInProgress())} calls are in progress`);
  });
  return faults;
}

/** All CDRs, as soon as there is one for each call, or when the time is up; and a moment for one too many. */
async function settledCdrs(options: JudgeOptions): Promise<readonly CdrView[]> {
  const { report, api, earlierCdrs = 0, cdrsWithinMs = 30_000 } = options;
  const due = report.calls.filter(isDue).length + earlierCdrs;
  await api.cdrCount(due, cdrsWithinMs).catch(() => undefined);
  await new Promise((resolve) => {
    setTimeout(resolve, 1500);
  });
  return api.cdrs();
}

function isDue({ caller }: CallRecord): boolean {
  return caller.heardMs !== undefined;
}

/** Each answered call was charged once: the balance is what it was less the sum of all prices. */
async function ledgerFaults(
  { api, openingBalance }: JudgeOptions,
  cdrs: readonly CdrView[],
): Promise<readonly string[]> {
  if (openingBalance === undefined) return [];
  const charged = cdrs.reduce((sum, { price }) => sum + parseMoney(price), 0n);
  const due = formatMoney(parseMoney(openingBalance) - charged);
  const balance = await api.balance(demo.account);
  return balance === due ? [] : [`the balance is ${balance} instead of ${due}`];
}
