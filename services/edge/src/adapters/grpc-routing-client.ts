import { RouteReplyBatch } from '@tandem/proto/edge-replies';
import { encoded } from '@tandem/proto/encoded';
import { RouteRequestBatch, RoutingServiceService } from '@tandem/proto/routing';
import { grpcStreams, openCaseStream } from '@tandem/service';
import type { RoutingClient } from '../ports.ts';
import type { ServiceClientSettings } from './grpc-auth-client.ts';

/** The method as the edge reads it: decisions stay encoded. */
const route = {
  ...RoutingServiceService.routeStream,
  requestSerialize: (batch: RouteRequestBatch) => encoded(RouteRequestBatch, batch),
  responseDeserialize: (bytes: Buffer) => RouteReplyBatch.decode(bytes),
};

/** Lines are held by call id and taken once; a gateway that rests already rests. */
const repeated = ['route', 'next', 'rest'] as const;

/** The routing service over one batched stream. */
export function grpcRoutingClient(
  settings: ServiceClientSettings,
): RoutingClient & { close(): void } {
  const { address, deadlineMs, logger, tls } = settings;
  const open = grpcStreams(route, address, { tls });
  const stream = openCaseStream({ name: 'routing', open, logger, deadlineMs, repeated });
  return {
    route: (value) => stream.ask({ $case: 'route', value }),
    nextCandidate: (value) => stream.ask({ $case: 'next', value }),
    rest: async (value) => {
      await stream.ask({ $case: 'rest', value });
    },
    untilUp: (timeoutMs) => stream.untilUp(timeoutMs),
    close: () => {
      stream.close();
    },
  };
}
