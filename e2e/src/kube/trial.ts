import { setTimeout as sleep } from 'node:timers/promises';
import { demo } from '../configuration.ts';
import { everyKind, planCalls } from '../load/call-plan.ts';
import type { LoadReport } from '../load/call-record.ts';
import { Load } from '../load/start-load.ts';
import type { CdrView, SwitchApi } from '../switch-api.ts';
import { faultCounts, judgeSwitch, type Verdict } from '../verdict/judge-switch.ts';
import type { Pace, TrialEvent } from './events.ts';
import { outside } from './outside.ts';
import type { Release } from './release.ts';
import { SilenceWatch } from './silence.ts';

/** What came of a switch to which something happened under load. */
export interface TrialResult {
  readonly event: string;
  /** The longest that a peer with one fixed 5-tuple heard nothing, ms. */
  readonly gapMs: number;
  /** When it began, after the event. */
  readonly gapAtMs: number;
  /** Of eight Call-IDs, how many were without an answer then: all where no front answered, fewer where a worker did not. */
  readonly gapStreams: number;
  /** The same of a plain Service; unknown where nobody measured it. */
  readonly plainGapMs: number | undefined;
  readonly calls: number;
  readonly answered: number;
  /** CDRs of calls that were answered. */
  readonly answeredCdrs: number;
  /** Calls that the switch refused with 503 and that nothing else is wrong with. */
  readonly refused: number;
  /** Whether they may be: new calls are refused while Redis is away. */
  readonly mayRefuse: boolean;
  /** Calls that went wrong at an end. */
  readonly failed: number;
  /** Calls that went as planned, and whose CDR says something else than the ends saw. */
  readonly wrongCdrs: number;
  /** What else is not as it must be: lines held after 30 s, an outbox that is not empty, messages of no call. */
  readonly faults: number;
  /** The first of all that, in words; empty where nothing is wrong. */
  readonly told: string;
}

/** How a trial is run. */
export interface TrialOptions {
  readonly perSecond: number;
  readonly seed: number;
  /** Two digits that no other trial of this switch has. */
  readonly id: string;
}

/** Calls before the event and after it. */
const AROUND_MS = 3000;
/** Long enough for what is sent while a call is up, short enough for half a hundred trials in half an hour. */
const HOLD_MS = [1500, 4000] as const;
const BATCH_SECONDS = 2;
const FINISH_MS = 75_000;
const TOLD_KINDS = 10;
const TOLD_CALLS = 5;
const SERVICE_UNAVAILABLE = 503;
/** What a caller gets for the 503 of a carrier where nobody can say which carrier is next (docs/stores.md). */
const CARRIER_UNAVAILABLE = 500;

/** Has something happen while calls are placed, ring, are up and end, and holds what both ends saw against what the switch kept. */
export async function tryEvent(
  event: TrialEvent,
  release: Release,
  { perSecond, seed, id }: TrialOptions,
): Promise<TrialResult> {
  const { sip } = release;
  const api = release.api.fromNow();
  const load = await Load.start({
    target: sip,
    address: outside.peer,
    trunkAddress: outside.trunk,
    carrierPorts: outside.carrierPorts,
    phone: { username: demo.phone, password: demo.password },
  });
  try {
    let isOver = false;
    const pace: Pace = { perSecond };
    const place = async (): Promise<void> => {
      for (let batch = 0; !isOver; batch++) {
        const prefix = `44${id}${String(batch).padStart(3, '0')}`;
        const count = pace.perSecond * BATCH_SECONDS;
        const plans = planCalls({
          ...{ count, seed: seed + batch, mix: everyKind, prefix },
          holdMs: HOLD_MS,
        });
        await load.place(plans, pace);
      }
    };
    const placed = place();
    await sleep(AROUND_MS);
    const watch = await SilenceWatch.start(sip, outside.peer);
    const fault = await event.run(release, pace).then(
      () => [],
      (error: unknown) => [`the event: ${error instanceof Error ? error.message : String(error)}`],
    );
    isOver = true;
    await sleep(AROUND_MS);
    const { gapMs, gapAtMs, streams } = watch.stop();
    await placed;
    const report = await load.finish({ timeoutMs: FINISH_MS });
    const { wrong, reasons, ...judged } = await judge(api, report, { fault, event });
    return {
      event: event.name,
      gapMs,
      gapAtMs,
      gapStreams: streams,
      plainGapMs: event.plainGapMs,
      mayRefuse: event.mayRefuse ?? false,
      ...judged,
      told: [...(event.mayRefuse === true ? [] : reasons), ...(await told(wrong, load))].join('\n'),
    };
  } finally {
    await load.stop();
  }
}

type Judged = Omit<
  TrialResult,
  'event' | 'gapMs' | 'gapAtMs' | 'gapStreams' | 'plainGapMs' | 'mayRefuse' | 'told'
> & {
  /** What is wrong, without the calls that were refused. */
  readonly wrong: Verdict;
  /** Why those were, as their CDRs say. */
  readonly reasons: readonly string[];
};

async function judge(
  api: SwitchApi,
  report: LoadReport,
  { event, fault }: { event: TrialEvent; fault: readonly string[] },
): Promise<Judged> {
  const found = await judgeSwitch({ report, api, wereKilled: true });
  const verdict = { ...found, faults: [...fault, ...found.faults] };
  const finals = new Map(report.calls.map(({ plan, caller }) => [plan.number, caller.finalCode]));
  const { mayRefuse = false } = event;
  const refusals = [SERVICE_UNAVAILABLE, ...(mayRefuse ? [CARRIER_UNAVAILABLE] : [])];
  const isRefused = ({ number }: { readonly number: string }): boolean =>
    refusals.includes(finals.get(number) ?? 0);
  const refused = verdict.faultyCalls.filter(isRefused).length;
  const own = new Set(report.calls.map(({ caller }) => caller.sipCallId));
  const cdrs = (await api.cdrs()).filter(({ a }) => own.has(a?.sipCallId ?? ''));
  const answeredCdrs = cdrs.filter(({ answeredAt }) => answeredAt !== null).length;
  const wrong = { ...verdict, faultyCalls: verdict.faultyCalls.filter((call) => !isRefused(call)) };
  const failed = wrong.faultyCalls.filter(({ faults }) =>
    faults.some((text) => !text.startsWith('the CDR ')),
  );
  return {
    calls: verdict.calls,
    answered: verdict.answered,
    answeredCdrs,
    refused,
    failed: failed.length,
    wrongCdrs: wrong.faultyCalls.length - failed.length,
    faults: verdict.faults.length,
    wrong,
    reasons: reasonsOf(cdrs.filter(({ code }) => code === SERVICE_UNAVAILABLE)),
  };
}

function reasonsOf(cdrs: readonly CdrView[]): readonly string[] {
  return [...Map.groupBy(cdrs, ({ reason }) => reason)].map(
    ([reason, { length }]) => `${String(length)} × refused: ${reason}`,
  );
}

/** The kinds of faults with how often each was seen, and the first calls that have some, each with its messages. */
async function told(verdict: Verdict, load: Load): Promise<readonly string[]> {
  const lines = faultCounts(verdict)
    .slice(0, TOLD_KINDS)
    .map(([kind, count]) => `${String(count)} × ${kind}`);
  for (const { number, callId, faults } of verdict.faultyCalls.slice(0, TOLD_CALLS)) {
    const firstLines = faults.map((text) => text.split('\n')[0]);
    lines.push(`${number} (${callId ?? 'no CDR'}): ${firstLines.join('; ')}`);
    lines.push(...(await load.ladder(number)).map((message) => `  ${message}`));
  }
  return lines;
}
