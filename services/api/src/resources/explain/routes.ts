import type { Call } from '@tandem/proto/edge';
import type { CallEvent } from '@tandem/proto/events';
import type { JournalEntry } from '@tandem/proto/journal';
import type { FastifyInstance } from 'fastify';
import type { RouteParts } from '../../api/route-parts.ts';
import { routeSchema } from '../../api/route-schema.ts';
import { explain, type ExplainSubject } from '../../core/explain.ts';
import { explainEntries } from '../../core/explain-entries.ts';
import type { ServicePorts } from '../../ports.ts';
import { callParams, noSuchCall, type CallParams } from '../call-parts/call-id.ts';
import { gatherEvidence } from './evidence.ts';
import { findRoute } from './find-route.ts';
import { presentExplanation } from './presentation.ts';
import { explainRegistrationRoute } from './registration-route.ts';

/** Why a call went as it did, and a registration. */
export function explainRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { ports } = parts;
  explainRegistrationRoute(app, parts);
  findRoute(app, parts);
  app.get<{ Params: CallParams }>(
    '/explain/:callId',
    {
      schema: routeSchema({
        id: 'explainCall',
        tag: 'calls',
        summary: 'Why a call or request went as it did, in words, and what would change it',
        params: callParams,
        answer: 'Explanation',
        errors: [404],
      }),
    },
    async ({ params: { callId } }) => {
      const found = await findCall(ports, callId);
      if (found === undefined) throw noSuchCall(callId);
      const { entries, others, subject } = found;
      if (subject === undefined) {
        const atMs = entries[0].lastMs;
        const evidence = await gatherEvidence(parts, { decisions: [], entries, atMs });
        return presentExplanation(explainEntries(callId, entries), { others, entries, evidence });
      }
      const evidence = await gatherEvidence(parts, { ...whatDecided(subject), entries });
      return presentExplanation(explain(subject), { others, entries, evidence });
    },
  );
}

function whatDecided(
  subject: ExplainSubject,
): Pick<Call, 'decisions'> & { atMs: number; event?: CallEvent | undefined } {
  if (subject.kind === 'call') {
    return { decisions: subject.call.decisions, atMs: subject.call.startedMs };
  }
  const { event } = subject.cdr;
  return { decisions: event?.decisions ?? [], atMs: event?.endedMs ?? 0, event };
}

/** What is known by an id: a call, or entries of the journal alone. */
export type Found = { readonly others: readonly string[] } & (
  | { readonly subject: ExplainSubject; readonly entries: readonly JournalEntry[] }
  /** No call: a request that was refused, or a registration. */
  | { readonly subject: undefined; readonly entries: readonly [JournalEntry, ...JournalEntry[]] }
);

/** The CDR says more than the record of a call that has just ended, so it goes first. */
export async function findCall(ports: ServicePorts, callId: string): Promise<Found | undefined> {
  const [stored, live, noted] = await Promise.allSettled([
    ports.billing.getCdr({ callId }),
    liveCall(ports, callId),
    ports.journal?.listEntries({ ...anyEntry, callId }) ?? { entries: [] },
  ]);
  const cdrs = stored.status === 'fulfilled' ? stored.value.cdrs : [];
  const call = live.status === 'fulfilled' ? live.value : undefined;
  const entries = noted.status === 'fulfilled' ? noted.value.entries : [];
  const [newest, ...older] = cdrs;
  if (newest !== undefined && (call === undefined || newest.callId === call.callId)) {
    const others = older.map((cdr) => cdr.callId);
    return { subject: { kind: 'cdr', cdr: newest }, others, entries };
  }
  if (call !== undefined) {
    const others = cdrs.map((cdr) => cdr.callId);
    return { subject: { kind: 'call', call }, others, entries };
  }
  const [last, ...before] = entries;
  if (last !== undefined) return { subject: undefined, others: [], entries: [last, ...before] };
  // One of them could not be asked: "not found" would be a lie.
  for (const each of [stored, live, noted]) {
    if (each.status === 'rejected') throw each.reason as Error;
  }
  return undefined;
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
const anyEntry = {
  fromMs: 0,
  untilMs: 0,
  kind: '',
  cause: '',
  outcome: '',
  terminal: '',
  account: '',
  source: '',
  caller: '',
  callee: '',
  limit: ENTRIES,
  cursor: '',
} as const;
