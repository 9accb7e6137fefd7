import type { AuthenticateRequest, AuthenticateResponse } from '@tandem/proto/auth';
import { Decision } from '@tandem/proto/decision';
import { encoded } from '@tandem/proto/encoded';
import type {
  NextCandidateRequest,
  NextCandidateResponse,
  RouteRequest,
  RouteResponse,
} from '@tandem/proto/routing';
import type { AuthClient, RoutingClient } from '../ports.ts';

/** The auth service of this process. */
export function localAuthClient(service: {
  authenticate(request: AuthenticateRequest): Promise<AuthenticateResponse>;
}): AuthClient {
  return { authenticate: async (request) => passedOn(await service.authenticate(request)) };
}

/** The routing service of this process. */
export function localRoutingClient(service: {
  route(request: RouteRequest): Promise<RouteResponse>;
  nextCandidate(request: NextCandidateRequest): Promise<NextCandidateResponse>;
}): RoutingClient {
  return {
    route: async (request) => passedOn(await service.route(request)),
    nextCandidate: async (request) => passedOn(await service.nextCandidate(request)),
  };
}

/** A reply with its decisions as they come over the network. */
function passedOn<Reply extends { readonly decisions: readonly Decision[] }>(
  reply: Reply,
): Omit<Reply, 'decisions'> & { decisions: Uint8Array[] } {
  return { ...reply, decisions: reply.decisions.map((decision) => encoded(Decision, decision)) };
}
