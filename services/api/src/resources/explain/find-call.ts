import type { Call } from '@tandem/proto/edge';
import { type JournalEntry, ListEntriesRequest } from '@tandem/proto/journal';
import type { ExplainSubject } from '../../core/explain.ts';
import type { ServicePorts } from '../../ports.ts';

/** What is known by an id. */
export interface Found {
  /** Undefined: no call, but a request that was refused, or a registration; or a call of which nothing could be asked. */
  readonly subject: ExplainSubject | undefined;
  /** Of the journal, the latest first. */
  readonly entries: readonly JournalEntry[];
  /** Other calls by the same Call-ID. */
  readonly others: readonly string[];
  /** What could not be asked, and why: what was sought may be there. */
  readonly missing: readonly string[];
}

/**
 * The CDR says more than the record of a call that has just ended, so it goes first.
 * @returns undefined where all were asked, and none knows of it
 * @throws where none could be asked
 */
export async function findCall(ports: ServicePorts, callId: string): Promise<Found | undefined> {
  const asked = [
    ports.billing.getCdr({ callId }),
    liveCall(ports, callId),
    ports.journal?.listEntries(ListEntriesRequest.create({ callId, limit: ENTRIES })) ??
      Promise.resolve({ entries: [] }),
  ] as const;
  const [stored, live, noted] = await Promise.allSettled(asked);
  const failed = [stored, live, noted].map((each) =>
    each.status === 'rejected' ? each : undefined,
  );
  const missing = failed.flatMap((each, at) => each === undefined ? [] : [`${sources[at] ?? ''} (${wordsOf(each.reason)})`]); // prettier-ignore
  if (missing.length === asked.length) throw failed[0]?.reason as Error;
  const cdrs = stored.status === 'fulfilled' ? stored.value.cdrs : [];
  const call = live.status === 'fulfilled' ? live.value : undefined;
  const entries = noted.status === 'fulfilled' ? noted.value.entries : [];
  const [newest, ...older] = cdrs;
  if (newest !== undefined && (call === undefined || newest.callId === call.callId)) {
    const others = older.map((cdr) => cdr.callId);
    return { subject: { kind: 'cdr', cdr: newest }, others, entries, missing };
  }
  if (call !== undefined) {
    const others = cdrs.map((cdr) => cdr.callId);
    return { subject: { kind: 'call', call }, others, entries, missing };
  }
  // One of them could not be asked: "not found" would be a lie.
  if (entries.length === 0 && missing.length === 0) return undefined;
  return { subject: undefined, others: [], entries, missing };
}

/** In the order in which they are asked. */
const sources = ['calls that ended', 'calls in progress', 'the journal'] as const;

/** "PostgreSQL does not answer", without the code before it. */
function wordsOf(reason: unknown): string {
  return reason instanceof Error ? reason.message.replace(/^.*SWITCH_[A-Z_]+: /, '') : 'no answer';
}

/** By our own id, or by the SIP Call-ID of the caller's leg. */
async function liveCall(ports: ServicePorts, callId: string): Promise<Call | undefined> {
  const { call } = await ports.edge.getCall({ callId });
  if (call !== undefined) return call;
  const { calls } = await ports.edge.listCalls({ ...anyCall, callId });
  return calls[0];
}

const anyCall = {
  account: '',
  gateway: '',
  caller: '',
  callee: '',
  address: '',
  fromMs: 0,
  untilMs: 0,
  limit: 1,
  brief: false,
} as const;

const ENTRIES = 20;
