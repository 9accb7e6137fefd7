import type { Precondition } from '@tandem/limits';
import type { AuthenticateRequest, AuthenticateResponse } from '@tandem/proto/auth';
import { Decision } from '@tandem/proto/decision';
import { encoded } from '@tandem/proto/encoded';
import type {
  NextCandidateRequest,
  NextCandidateResponse,
  RestRequest,
  RestResponse,
  RouteRequest,
  RouteResponse,
} from '@tandem/proto/routing';
import type { Accepting, AuthClient, RoutingClient } from '../ports.ts';

/** The auth service of this process. */
export function localAuthClient(service: {
  authenticate(
    request: AuthenticateRequest,
    onAccepting?: (accepting: Accepting) => void,
  ): Promise<AuthenticateResponse>;
}): AuthClient {
  return {
    authenticate: async (request, onAccepting) =>
      passedOn(await service.authenticate(request, onAccepting)),
  };
}

/**
 * The routing service of this process.
 * @param isOverSamePipe its lines and the edge's calls are in one Redis, over one connection. @default false
 */
export function localRoutingClient(
  service: {
    route(request: RouteRequest, onlyIf?: Precondition): Promise<RouteResponse>;
    nextCandidate(request: NextCandidateRequest): Promise<NextCandidateResponse>;
    rest(request: RestRequest): Promise<RestResponse>;
  },
  isOverSamePipe = false,
): RoutingClient {
  return {
    isOverSamePipe,
    route: async (request, onlyIf) => passedOn(await service.route(request, onlyIf)),
    nextCandidate: async (request) => passedOn(await service.nextCandidate(request)),
    rest: async (request) => {
      await service.rest(request);
    },
  };
}

/** A reply with its decisions as they come over the network. */
function passedOn<Reply extends { readonly decisions: readonly Decision[] }>(
  reply: Reply,
): Omit<Reply, 'decisions'> & { decisions: Uint8Array[] } {
  return { ...reply, decisions: reply.decisions.map((decision) => encoded(Decision, decision)) };
}
