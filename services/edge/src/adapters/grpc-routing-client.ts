import { SwitchError } from '@tandem/domain';
import { RouteReplyBatch } from '@tandem/proto/edge-replies';
import type { RouteReplyItem } from '@tandem/proto/edge-replies';
import { encoded } from '@tandem/proto/encoded';
import { RouteRequestBatch, RoutingServiceService } from '@tandem/proto/routing';
import type { RouteRequestItem } from '@tandem/proto/routing';
import { grpcStreams, openBatchStream } from '@tandem/service';
import type { RoutingClient } from '../ports.ts';
import type { ServiceClientSettings } from './grpc-auth-client.ts';

type Asked = NonNullable<RouteRequestItem['request']>;
type Answered = NonNullable<RouteReplyItem['response']>;

/** The method as the edge reads it: decisions stay encoded. */
const route = {
  ...RoutingServiceService.routeStream,
  requestSerialize: (batch: RouteRequestBatch) => encoded(RouteRequestBatch, batch),
  responseDeserialize: (bytes: Buffer) => RouteReplyBatch.decode(bytes),
};

/** The routing service over one batched stream. */
export function grpcRoutingClient(
  settings: ServiceClientSettings,
): RoutingClient & { close(): void } {
  const { address, tls } = settings;
  const open = grpcStreams(route, address, { tls });
  const stream = openBatchStream({
    name: 'routing',
    open,
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
    async rest(value) {
      const answer = await stream.request({ $case: 'rest', value });
      if (answer.$case !== 'rest') throw unanswered('the answer is of another kind');
    },
    close: () => {
      stream.close();
    },
  };
}

function unanswered(error: string): SwitchError {
  return new SwitchError('SWITCH_SERVICE_UNAVAILABLE', `routing: ${error}`);
}
