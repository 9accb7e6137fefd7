import type {
  Call,
  EdgeServiceService,
  GetCallRequest,
  GetCallResponse,
  ListCallsRequest,
  ListCallsResponse,
} from '@tandem/proto/edge';
import type { UnaryHandlers } from '@tandem/service';
import type { HangUpResult } from '../pods/pods.ts';
import type { CallStore } from '../ports.ts';
import { callOf, isAskedFor, isRestricted } from './call-view.ts';
import type { EdgeStatus } from './edge-status.ts';

/** The unary methods of tandem.edge.v1. */
export type EdgeHandlers = UnaryHandlers<EdgeServiceService>;

const DEFAULT_LIMIT = 100;
const MOST = 1000;
/** Of what is said of an end; it goes into a datagram, and into the CDR. */
const LONGEST_TEXT = 500;
/** Calls that are looked through, the newest first, so many at once: a page more waits for its turn behind calls. */
const MOST_SEARCHED = 20_000;
const PAGE = 250;

/** What any edge can tell of the calls in progress, of itself and of the other pods. */
export function edgeHandlers(
  store: CallStore,
  status: Pick<EdgeStatus, 'status' | 'pods' | 'testNetwork'>,
  hangUp: (callId: string, operator: string) => Promise<HangUpResult>,
  tests: Pick<EdgeHandlers, 'testAddresses'>,
): EdgeHandlers {
  return {
    testAddresses: (request) => tests.testAddresses(request),
    hangUp: async ({ callId, operator }) => ({
      result: await hangUp(callId, operator.replaceAll(/\s+/g, ' ').slice(0, LONGEST_TEXT)),
    }),
    getStatus: () => status.status(),
    listPods: () => Promise.resolve(status.pods()),
    testNetwork: () => status.testNetwork(),
    async listCalls(request: ListCallsRequest): Promise<ListCallsResponse> {
      const limit = Math.min(request.limit === 0 ? DEFAULT_LIMIT : request.limit, MOST);
      if (isRestricted(request)) {
        const matching = await search(store, request);
        return { calls: matching.slice(0, limit), total: matching.length };
      }
      const { calls, total } = await store.list(limit);
      return { calls: calls.map(callOf), total };
    },
    async getCall(request: GetCallRequest): Promise<GetCallResponse> {
      const stored = await store.get(request.callId);
      return { call: stored === undefined ? undefined : callOf(stored) };
    },
  };
}

async function search(store: CallStore, request: ListCallsRequest): Promise<Call[]> {
  const matching: Call[] = [];
  for (let offset = 0; offset < MOST_SEARCHED; offset += PAGE) {
    const { calls, total } = await store.list(PAGE, offset);
    for (const stored of calls) {
      const call = callOf(stored);
      if (isAskedFor(call, request)) matching.push(call);
    }
    if (offset + PAGE >= total) break;
  }
  return matching;
}
