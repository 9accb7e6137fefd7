import { SwitchError } from '@tandem/domain';
import type {
  ListOutboundRequest,
  ListOutboundResponse,
  ListUnregisteredRequest,
  ListUnregisteredResponse,
  ReportOutboundRequest,
  ReportOutboundResponse,
  RetryOutboundRequest,
  RetryOutboundResponse,
  TakeOutboundRequest,
  TakeOutboundResponse,
} from '@tandem/proto/outbound';
import { RegistrarServiceService } from '@tandem/proto/registrar';
import type {
  EndFlowsRequest,
  EndFlowsResponse,
  KeepalivesRequest,
  KeepalivesResponse,
  ListRegistrationsRequest,
  ListRegistrationsResponse,
  LocateRequest,
  LocateResponse,
  RegisterRequest,
  RegisterResponse,
  RegistrarRequestItem,
  RegistrarResponseItem,
  RemoveRegistrationsRequest,
  RemoveRegistrationsResponse,
} from '@tandem/proto/registrar';
import { grpcService, serveBatchStream } from '@tandem/service';
import type { GrpcService, Logger } from '@tandem/service';
import type { EndedFlows } from '../ended-flows.ts';
import type { Keepalives } from '../keepalives.ts';
import type { OutboundRegistrations } from '../outbound/outbound-registrations.ts';
import type { Registrar } from '../registrar.ts';
import type { RegistrationLists } from '../registration-lists.ts';

/** The operations of the registrar as promises: behind the gRPC server, and called directly in one process. */
export interface RegistrarHandlers {
  /** REG-01. Rejects with SwitchError where the store is away: the caller answers 503. */
  register(request: RegisterRequest): Promise<RegisterResponse>;
  /** ROUTE-01: where a phone is. */
  locate(request: LocateRequest): Promise<LocateResponse>;
  /** REG-04: takes what is due, tells what became of it. */
  keepalives(request: KeepalivesRequest): Promise<KeepalivesResponse>;
  /** RFC 5626 §5.3: connections are gone. */
  endFlows(request: EndFlowsRequest): Promise<EndFlowsResponse>;
  /** REG-05. */
  listRegistrations(request: ListRegistrationsRequest): Promise<ListRegistrationsResponse>;
  /** REG-05: takes those that match away. */
  removeRegistrations(request: RemoveRegistrationsRequest): Promise<RemoveRegistrationsResponse>;
  /** REG-08: an edge asks what is due at carriers. */
  takeOutbound(request: TakeOutboundRequest): Promise<TakeOutboundResponse>;
  /** REG-08: what came of it. */
  reportOutbound(request: ReportOutboundRequest): Promise<ReportOutboundResponse>;
  listOutbound(request: ListOutboundRequest): Promise<ListOutboundResponse>;
  /** REG-08: carriers that do not have our registration now. */
  listUnregistered(request: ListUnregisteredRequest): Promise<ListUnregisteredResponse>;
  retryOutbound(request: RetryOutboundRequest): Promise<RetryOutboundResponse>;
}

/** What the operations are done by. */
interface HandlerParts {
  readonly registrar: Registrar;
  readonly lists: RegistrationLists;
  readonly keepalives: Keepalives;
  readonly flows: EndedFlows;
  readonly outbound: OutboundRegistrations;
}

export function createHandlers({
  flows,
  keepalives,
  lists,
  outbound,
  registrar,
}: HandlerParts): RegistrarHandlers {
  return {
    keepalives: (request) => keepalives.exchange(request),
    endFlows: (request) => flows.end(request),
    takeOutbound: (request) => outbound.take(request),
    reportOutbound: (request) => outbound.report(request),
    listOutbound: () => outbound.list(),
    listUnregistered: () => outbound.unregistered(),
    retryOutbound: (request) => outbound.retry(request),
    register: (request) => registrar.register(request),
    locate: (request) => registrar.locate(request),
    listRegistrations: (request) => lists.list(request),
    removeRegistrations: (request) => lists.remove(request),
  };
}

/** The service of `proto/tandem/registrar/v1` over the handlers. */
export function registrarGrpcService(handlers: RegistrarHandlers, logger: Logger): GrpcService {
  return grpcService(
    RegistrarServiceService,
    { ...handlers },
    {
      registrarStream: (call) =>
        serveBatchStream(call, {
          handle: (item) => answerItem(handlers, item),
          toError: (message, error) => {
            if (!(error instanceof SwitchError)) logger.error({ err: error }, 'request failed');
            return failed(
              error instanceof SwitchError
                ? `${error.code}: ${message}`
                : 'SWITCH_SERVICE_UNAVAILABLE',
            );
          },
        }),
    },
  );
}

async function answerItem(
  handlers: RegistrarHandlers,
  { request }: RegistrarRequestItem,
): Promise<RegistrarResponseItem> {
  switch (request?.$case) {
    case 'register': {
      const value = await handlers.register(request.value);
      return { id: 0, response: { $case: 'register', value } };
    }
    case 'locate': {
      const value = await handlers.locate(request.value);
      return { id: 0, response: { $case: 'locate', value } };
    }
    case 'keepalives': {
      const value = await handlers.keepalives(request.value);
      return { id: 0, response: { $case: 'keepalives', value } };
    }
    case 'endFlows': {
      const value = await handlers.endFlows(request.value);
      return { id: 0, response: { $case: 'endFlows', value } };
    }
    case 'listUnregistered': {
      const value = await handlers.listUnregistered(request.value);
      return { id: 0, response: { $case: 'listUnregistered', value } };
    }
    case undefined:
      return failed('the item holds no request');
  }
}

function failed(error: string): RegistrarResponseItem {
  return { id: 0, response: { $case: 'error', value: error } };
}
