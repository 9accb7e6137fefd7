import { SwitchError } from '@tandem/domain';
import { RoutingServiceClient } from '@tandem/proto/routing';
import type { RouteRequestItem, RouteResponseItem } from '@tandem/proto/routing';
import { openBatchStream, openGrpcClient } from '@tandem/service';
import type { RoutingClient } from '../ports.ts';
import type { ServiceClientSettings } from './grpc-auth-client.ts';

type Asked = NonNullable<RouteRequestItem['request']>;
type Answered = NonNullable<RouteResponseItem['response']>;

/** The routing service over one batched stream. */
export function grpcRoutingClient(
  settings: ServiceClientSettings,
): RoutingClient & { close(): void } {
  const client = openGrpcClient(RoutingServiceClient, settings.address, { tls: settings.tls });
  const stream = openBatchStream({
    name: 'routing',
    open: () => client.routeStream(),
    toItem: (id, request: Asked): RouteRequestItem => ({ id, request }),
    fromItem: (reply): Answered => {
      if (reply.response === undefined) throw unanswered('no answer');
      if (reply.response.$case === 'error') throw unanswered(reply.response.value);
      return reply.response;
    },
    logger: settings.logger,
    deadlineMs: settings.deadlineMs,
  });
  return {
    async route(value) {
      const answer = await stream.request({ $case: 'route', value });
      if (answer.$case !== 'route') throw unanswered('the answer is of another kind');
      return answer.value;
    },
    async nextCandidate(value) {
      const answer = await stream.request({ $case: 'next', value });
      if (answer.$case !== 'next') throw unanswered('the answer is of another kind');
      return answer.value;
    },
    close: () => {
      stream.close();
      client.close();
    },
  };
}

function unanswered(error: string): SwitchError {
  return new SwitchError('SWITCH_SERVICE_UNAVAILABLE', `routing: ${error}`);
}
