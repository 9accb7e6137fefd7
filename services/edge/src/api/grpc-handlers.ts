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
import { callOf, isRestricted } from './call-view.ts';
import type { EdgeStatus } from './edge-status.ts';
import { ListedCalls } from './listed-calls.ts';

/** The unary methods of tandem.edge.v1. */
export type EdgeHandlers = UnaryHandlers<EdgeServiceService>;

const DEFAULT_LIMIT = 100;
const MOST = 1000;
/** Of what is said of an end; it goes into a datagram, and into the CDR. */
const LONGEST_TEXT = 500;

/** What any edge can tell of the calls in progress, of itself and of the other pods. */
export function edgeHandlers(
  store: CallStore,
  status: Pick<EdgeStatus, 'status' | 'pods' | 'testNetwork'>,
  hangUp: (callId: string, operator: string) => Promise<HangUpResult>,
  tests: Pick<EdgeHandlers, 'testAddresses'>,
): EdgeHandlers {
  const listed = new ListedCalls(store);
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
      const { calls, total } = isRestricted(request)
        ? await listed.search(request, limit)
        : await listed.page(limit);
      return { calls: request.brief ? calls.map(brief) : await whole(store, calls), total };
    },
    async getCall(request: GetCallRequest): Promise<GetCallResponse> {
      const stored = await store.get(request.callId);
      return { call: stored === undefined ? undefined : callOf(stored) };
    },
  };
}

function brief(call: Call): Call {
  return { ...call, attempts: [], decisions: [] };
}

/** With what was decided; a call that has ended meanwhile is left out. */
async function whole(store: CallStore, calls: readonly Call[]): Promise<Call[]> {
  const stored = await Promise.all(calls.map(({ callId }) => store.get(callId)));
  return stored.flatMap((each) => (each === undefined ? [] : [callOf(each)]));
}
