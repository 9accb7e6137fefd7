import { Decision } from '@tandem/proto/decision';
import { Call, CallRecord } from '@tandem/proto/edge';
import type {
  EdgeServiceService,
  GetCallRequest,
  GetCallResponse,
  ListCallsRequest,
  ListCallsResponse,
} from '@tandem/proto/edge';
import type { CallEvent } from '@tandem/proto/events';
import type { UnaryHandlers } from '@tandem/service';
import type { CallStore, StoredCall } from '../ports.ts';
import type { EdgeStatus } from './edge-status.ts';

/** The unary methods of tandem.edge.v1. */
export type EdgeHandlers = UnaryHandlers<EdgeServiceService>;

const DEFAULT_LIMIT = 100;
const MOST = 1000;

/** What any edge can tell of the calls in progress, of itself and of the other pods. */
export function edgeHandlers(
  store: CallStore,
  status: Pick<EdgeStatus, 'status' | 'pods' | 'testNetwork'>,
  tests: Pick<EdgeHandlers, 'testAddresses'>,
): EdgeHandlers {
  return {
    testAddresses: (request) => tests.testAddresses(request),
    getStatus: () => status.status(),
    listPods: () => Promise.resolve(status.pods()),
    testNetwork: () => status.testNetwork(),
    async listCalls(request: ListCallsRequest): Promise<ListCallsResponse> {
      const isFiltered = request.account !== '' || request.gateway !== '';
      const limit = Math.min(request.limit === 0 ? DEFAULT_LIMIT : request.limit, MOST);
      const { calls, total } = await store.list(isFiltered ? MOST : limit);
      const matching = calls.map(callOf).filter((call) => matches(call, request));
      return { calls: matching.slice(0, limit), total: isFiltered ? matching.length : total };
    },
    async getCall(request: GetCallRequest): Promise<GetCallResponse> {
      const stored = await store.get(request.callId);
      return { call: stored === undefined ? undefined : callOf(stored) };
    },
  };
}

function matches(call: Call, request: ListCallsRequest): boolean {
  if (request.account !== '' && call.origin?.account !== request.account) return false;
  return (
    request.gateway === '' ||
    call.gateway === request.gateway ||
    call.origin?.name === request.gateway
  );
}

function callOf(stored: StoredCall): Call {
  if (stored.event !== undefined) return answeredCall(stored, stored.event);
  const record = CallRecord.decode(stored.record ?? new Uint8Array());
  const attempt = record.attempts.at(-1);
  const candidate = record.candidates.find(({ gateway }) => gateway === attempt?.gateway);
  return Call.fromPartial({
    callId: stored.callId,
    state: record.candidates.length === 0 ? 'routing' : 'calling',
    startedMs: record.startedMs,
    origin: record.origin,
    caller: candidate?.caller ?? '',
    callee: candidate?.callee ?? '',
    gateway: attempt?.gateway ?? '',
    edge: stored.owner,
    decisions: record.decisions.map((decision) => Decision.decode(decision)),
    attempts: record.attempts,
  });
}

function answeredCall(stored: StoredCall, event: CallEvent): Call {
  return Call.fromPartial({
    callId: stored.callId,
    state: 'answered',
    startedMs: event.startedMs,
    answeredMs: event.answeredMs,
    origin: event.origin,
    caller: event.a?.caller ?? '',
    callee: event.a?.callee ?? '',
    gateway: event.attempts.at(-1)?.gateway ?? '',
    edge: event.edge,
    decisions: event.decisions,
    attempts: event.attempts,
  });
}
