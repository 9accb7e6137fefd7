import { journalCausesOf } from '@tandem/domain';
import type {
  ListEntriesRequest,
  ListEntriesResponse,
  RegistrationAnalysisRequest,
  RegistrationAnalysisResponse,
  RegistrationHistoryRequest,
  RegistrationHistoryResponse,
} from '@tandem/proto/journal';
import { readCursor, writeCursor } from '../core/entry-cursor.ts';
import type { JournalStore } from '../ports.ts';

const DEFAULT_ENTRIES = 100;
const MOST_ENTRIES = 1000;
const MOST_ROWS = 1000;

/** The operations of the journal as promises: behind the gRPC server, and called directly in one process. */
export interface JournalHandlers {
  /** OPS-10. */
  listEntries(request: ListEntriesRequest): Promise<ListEntriesResponse>;
  /** REG-06. */
  registrationHistory(request: RegistrationHistoryRequest): Promise<RegistrationHistoryResponse>;
  /** REG-06. */
  registrationAnalysis(request: RegistrationAnalysisRequest): Promise<RegistrationAnalysisResponse>;
}

export function createHandlers(store: JournalStore): JournalHandlers {
  return {
    listEntries: async (request) => {
      const { account, callId, callee, caller, cursor, source, terminal } = request;
      const limit = request.limit === 0 ? DEFAULT_ENTRIES : Math.min(request.limit, MOST_ENTRIES);
      const found = await store.list({
        fromMs: given(request.fromMs),
        untilMs: given(request.untilMs),
        causes: causesOf(request),
        terminal,
        account,
        source,
        callId,
        caller,
        callee,
        after: cursor === '' ? undefined : readCursor(cursor),
        // One more than a page tells whether there is another one.
        limit: limit + 1,
      });
      const entries = found.slice(0, limit);
      const last = entries.at(-1);
      const hasMore = found.length > limit && last !== undefined;
      return { entries: [...entries], nextCursor: hasMore ? writeCursor(last) : '' };
    },
    registrationHistory: async (request) => ({ points: [...(await store.history(request))] }),
    registrationAnalysis: async (request) => {
      const limit = Math.min(request.limit === 0 ? MOST_ROWS : request.limit, MOST_ROWS);
      const { fromMs, untilMs } = request;
      return { rows: [...(await store.analysis({ ...request, limit }))], fromMs, untilMs };
    },
  };
}

function given(ms: number): number | undefined {
  return ms === 0 ? undefined : ms;
}

/** Undefined: all, also those that this version does not know. */
function causesOf({ cause, kind, outcome }: ListEntriesRequest): readonly string[] | undefined {
  if (kind === '' && outcome === '') return cause === '' ? undefined : [cause];
  const causes: readonly string[] = journalCausesOf(kind, outcome);
  return cause === '' ? causes : causes.filter((name) => name === cause);
}
