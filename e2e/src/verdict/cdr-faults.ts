import type { CallRecord } from '../load/call-record.ts';
import type { CdrView } from '../switch-api.ts';

/** How far a time in a CDR may be from what the ends saw. */
const TOLERANCE_MS = 1000;

/** What is wrong with the CDRs of one call, held against what both its ends saw (BILL-03, edge.md §9). */
export function cdrFaults(record: CallRecord, cdrs: readonly CdrView[]): readonly string[] {
  const [cdr, ...more] = cdrs;
  if (cdr === undefined) return wasHeard(record) ? ['has no CDR'] : [];
  if (more.length > 0) return [`has ${String(cdrs.length)} CDRs`];
  return [
    ...startFaults(record, cdr),
    ...(record.caller.answeredMs === undefined
      ? unansweredFaults(record, cdr)
      : answeredFaults(record, cdr)),
    ...attemptFaults(record, cdr),
  ];
}

/** Whether the switch has shown that it had this call: a 100 is a promise. */
function wasHeard({ caller, carriers }: CallRecord): boolean {
  return caller.heardMs !== undefined || carriers.length > 0;
}

// The switch may have taken up any of the INVITE's sendings, for the ones before may have died with a pod.
function startFaults({ caller }: CallRecord, cdr: CdrView): readonly string[] {
  const startedMs = msOf(cdr.startedAt);
  const isNear = caller.invitedMs.some((ms) => Math.abs(ms - startedMs) <= TOLERANCE_MS);
  if (isNear) return [];
  const sent = caller.invitedMs.map((ms) => apart(startedMs, ms)).join(', ');
  return [`starts ${sent} from the sendings of the INVITE`];
}

function answeredFaults(record: CallRecord, cdr: CdrView): readonly string[] {
  const { caller, carriers, plan } = record;
  const carrier = carriers.at(-1);
  const faults: string[] = [];
  const answer: Span = [carrier?.answeredMs ?? 0, caller.answeredMs ?? 0];
  faults.push(...spanFaults('is answered', msOf(cdr.answeredAt), answer));
  if (plan.vanishAfterMs === undefined) {
    faults.push(...endFaults(record, cdr));
  } else {
    faults.push(...expiryFaults(record, cdr));
  }
  if (cdr.code !== 200) faults.push(`has code ${String(cdr.code)}`);
  // BILL-11: half a second counts. The examples charge by the minute, the first one always.
  const seconds = Math.round(cdr.durationMs / 1000);
  const billed = Math.max(60, Math.ceil(seconds / 60) * 60);
  if (cdr.billedSeconds !== billed) faults.push(`bills ${String(cdr.billedSeconds)} s`);
  if (Number(cdr.price) === 0) faults.push('costs nothing');
  return faults;
}

// CALL-05: billed to the last moment at which the call was known to be alive, for neither end accepts a BYE any more.
function expiryFaults({ aliveMs }: CallRecord, cdr: CdrView): readonly string[] {
  const chargedToMs = msOf(cdr.answeredAt) + cdr.durationMs;
  const faults = [...spanFaults('is charged', chargedToMs, [aliveMs, aliveMs])];
  if (msOf(cdr.endedAt) < chargedToMs) faults.push('ends before it is charged to');
  if (cdr.reason === 'SessionExpired') return faults;
  return [...faults, `ends with ${cdr.reason} instead of SessionExpired`];
}

function endFaults({ caller, carriers }: CallRecord, cdr: CdrView): readonly string[] {
  const carrier = carriers.at(-1);
  const sent = [caller.byeSentMs, carrier?.byeSentMs].filter(isKnown);
  const over = [
    caller.byeReceivedMs,
    carrier?.byeReceivedMs,
    caller.endedMs,
    carrier?.endedMs,
  ].filter(isKnown);
  const faults: string[] = [];
  if (cdr.durationMs !== msOf(cdr.endedAt) - msOf(cdr.answeredAt)) {
    faults.push(`lasts ${String(cdr.durationMs)} ms`);
  }
  if (sent.length === 0) faults.push('ends without a BYE of either end');
  else {
    const span: Span = [Math.min(...sent), Math.max(...over)];
    faults.push(...spanFaults('ends', msOf(cdr.endedAt), span));
  }
  if (cdr.reason !== 'NormalClearing') faults.push(`ends with ${cdr.reason}`);
  const by = [
    ...(caller.byeSentMs === undefined ? [] : ['caller']),
    ...(carrier?.byeSentMs === undefined ? [] : ['callee']),
  ];
  if (sent.length > 0 && !by.includes(cdr.endedBy)) {
    faults.push(`is ended by ${cdr.endedBy} instead of ${by.join(' or ')}`);
  }
  return faults;
}

function unansweredFaults({ caller, carriers, plan }: CallRecord, cdr: CdrView): readonly string[] {
  const faults: string[] = [];
  if (cdr.answeredAt !== null) faults.push('is answered in its CDR alone');
  if (cdr.billedSeconds !== 0 || Number(cdr.price) !== 0) faults.push('was not answered and costs');
  const { finalCode } = caller;
  if (finalCode !== undefined && cdr.code !== finalCode) {
    faults.push(`has code ${String(cdr.code)} instead of ${String(finalCode)}`);
  }
  const reason =
    plan.refused?.reason ?? expectedReason(plan.cancelAfterMs !== undefined, finalCode);
  if (reason !== undefined && cdr.reason !== reason) {
    faults.push(`fails with ${cdr.reason} instead of ${reason}`);
  }
  const last = carriers.at(-1);
  const over = [caller.endedMs, last?.endedMs].filter(isKnown);
  const began = [caller.cancelledMs, last?.endedMs, caller.endedMs].filter(isKnown);
  if (over.length > 0 && began.length > 0) {
    const span: Span = [Math.min(...began), Math.max(...over)];
    faults.push(...spanFaults('ends', msOf(cdr.endedAt), span));
  }
  return faults;
}

function expectedReason(isCancelled: boolean, code: number | undefined): string | undefined {
  if (isCancelled && code === 487) return 'CallerCancelled';
  return code === 486 ? 'Rejected' : undefined;
}

// The attempts are the INVITEs that carriers saw, in their order. A carrier whose only INVITE was lost saw none.
function attemptFaults({ carriers, plan }: CallRecord, cdr: CdrView): readonly string[] {
  const seen = carriers.map(({ gateway }) => plan.gateway ?? gateway).join(', ');
  const told = cdr.attempts.map(({ gateway }) => gateway).join(', ');
  return seen === told
    ? []
    : [`has attempts at ${told || 'nobody'} instead of ${seen || 'nobody'}`];
}

type Span = readonly [number, number];

function spanFaults(what: string, ms: number, [from, until]: Span): readonly string[] {
  if (ms >= from - TOLERANCE_MS && ms <= until + TOLERANCE_MS) return [];
  return [`${what} ${apart(ms, ms < from ? from : until)} from what the ends saw`];
}

function apart(ms: number, other: number): string {
  const difference = ms - other;
  return `${difference > 0 ? '+' : ''}${String(Math.round(difference))} ms`;
}

function msOf(time: string | null): number {
  return time === null ? 0 : Date.parse(time);
}

function isKnown(ms: number | undefined): ms is number {
  return ms !== undefined;
}
