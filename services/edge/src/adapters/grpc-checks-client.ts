import { RoutingServiceService } from '@tandem/proto/routing';
import { unaryClient } from '@tandem/service';
import type { GrpcTls } from '@tandem/service';
import type { ChecksClient } from '../gateway-checks/gateway-checks.ts';

/** Within a lease it can be asked twice. */
const DEADLINE_MS = 1200;

/** Routing, as far as it says which gateways are to be checked. */
export function grpcChecksClient(
  address: string,
  tls: GrpcTls | undefined,
): ChecksClient & { close(): void } {
  const client = unaryClient(RoutingServiceService, address, { deadlineMs: DEADLINE_MS, tls });
  return {
    takeChecks: (request) => client.takeChecks(request),
    close: () => {
      client.close();
    },
  };
}
