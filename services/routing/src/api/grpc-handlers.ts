import { SwitchError } from '@tandem/domain';
import type { Precondition } from '@tandem/limits';
import type {
  ListCheckTargetsRequest,
  ListCheckTargetsResponse,
  ListGatewaysRequest,
  ListGatewaysResponse,
  TakeChecksRequest,
  TakeChecksResponse,
} from '@tandem/proto/health';
import { RoutingServiceService } from '@tandem/proto/routing';
import type {
  AnalyseRequest,
  EndRestRequest,
  EndRestResponse,
  AnalyseResponse,
  ListLinesRequest,
  ListLinesResponse,
  ListRestsRequest,
  ListRestsResponse,
  NextCandidateRequest,
  NextCandidateResponse,
  ReplayRequest,
  ReplayResponse,
  RestRequest,
  RestResponse,
  RouteRequest,
  RouteRequestItem,
  RouteResponse,
  RouteResponseItem,
} from '@tandem/proto/routing';
import { grpcService, serveBatchStream, type GrpcService, type Logger } from '@tandem/service';
import type { Router } from '../router.ts';
import { observeNext, observeRoute } from '../telemetry.ts';

/** The operations of routing as promises: behind the gRPC server, and called directly in one process. */
export interface RoutingHandlers {
  /** Decides where a call goes. Rejects with SwitchError where a store is away: the caller answers 503. */
  route(request: RouteRequest, onlyIf?: Precondition): Promise<RouteResponse>;
  /** ROUTE-06: the next gateway of a call whose gateway failed. */
  nextCandidate(request: NextCandidateRequest): Promise<NextCandidateResponse>;
  /** ROUTE-06: leaves a gateway out for as long as its carrier has asked. */
  rest(request: RestRequest): Promise<RestResponse>;
  /** Who rests, and until when. */
  listRests(request: ListRestsRequest): Promise<ListRestsResponse>;
  /** Uses a gateway again before its time. */
  endRest(request: EndRestRequest): Promise<EndRestResponse>;
  /** ROUTE-12: what `route` would say, without side effect. */
  analyse(request: AnalyseRequest): Promise<AnalyseResponse>;
  /** OPS-08: where calls of the past would go by the configuration and by a draft. */
  replay(request: ReplayRequest): Promise<ReplayResponse>;
  /** ROUTE-05: who holds each line, and since when. */
  listLines(request: ListLinesRequest): Promise<ListLinesResponse>;
  /** ROUTE-07: an edge tells what its checks came to, and asks which are due. */
  takeChecks(request: TakeChecksRequest): Promise<TakeChecksResponse>;
  /** OPS-02: how gateways are. */
  listGateways(request: ListGatewaysRequest): Promise<ListGatewaysResponse>;
  /** OPS-04: where a gateway is. */
  listCheckTargets(request: ListCheckTargetsRequest): Promise<ListCheckTargetsResponse>;
}

/** What deals with the health of gateways (ROUTE-07). */
export type HealthHandlers = Pick<
  RoutingHandlers,
  'takeChecks' | 'listGateways' | 'listCheckTargets'
>;

/** What routes calls of the past (OPS-08). */
export type ReplayHandlers = Pick<RoutingHandlers, 'replay'>;

export function createHandlers(
  router: Router,
  health: HealthHandlers,
  { replay }: ReplayHandlers,
): RoutingHandlers {
  return {
    ...health,
    replay,
    route: (request, onlyIf) => observeRoute(request, () => router.route(request, onlyIf)),
    nextCandidate: (request) => observeNext(request, () => router.nextCandidate(request)),
    rest: (request) => router.rest(request),
    listRests: () => router.listRests(),
    endRest: (request) => router.endRest(request),
    analyse: (request) => router.analyse(request),
    listLines: ({ brief, subject }) => router.listLines(subject, brief),
  };
}

/** The service of `proto/tandem/routing/v1` over the handlers. */
export function routingGrpcService(handlers: RoutingHandlers, logger: Logger): GrpcService {
  const unary = { ...handlers, route: (request: RouteRequest) => handlers.route(request) };
  return grpcService(RoutingServiceService, unary, {
    routeStream: (call) =>
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
  });
}

async function answerItem(
  handlers: RoutingHandlers,
  { request }: RouteRequestItem,
): Promise<RouteResponseItem> {
  switch (request?.$case) {
    case 'route': {
      const value = await handlers.route(request.value);
      return { id: 0, response: { $case: 'route', value } };
    }
    case 'next': {
      const value = await handlers.nextCandidate(request.value);
      return { id: 0, response: { $case: 'next', value } };
    }
    case 'rest': {
      const value = await handlers.rest(request.value);
      return { id: 0, response: { $case: 'rest', value } };
    }
    case undefined:
      return failed('the item holds no request');
  }
}

function failed(error: string): RouteResponseItem {
  return { id: 0, response: { $case: 'error', value: error } };
}
