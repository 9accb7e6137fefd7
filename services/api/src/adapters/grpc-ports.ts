import { AuthServiceService } from '@tandem/proto/auth';
import { BillingServiceService } from '@tandem/proto/billing';
import { EdgeServiceService } from '@tandem/proto/edge';
import { RoutingServiceService } from '@tandem/proto/routing';
import { unaryClient, type GrpcTls } from '@tandem/service';
import type { ServicePorts } from '../ports.ts';

/** Where the other services are reached, as host:port. */
export interface ServiceAddresses {
  readonly auth: string;
  readonly routing: string;
  readonly billing: string;
  readonly edge: string;
}

/** Ports over gRPC. An operator waits longer than a call may: 5 s. */
export function openGrpcPorts(
  addresses: ServiceAddresses,
  tls?: GrpcTls,
): ServicePorts & { close(): void } {
  const settings = { deadlineMs: 5000, tls };
  const auth = unaryClient(AuthServiceService, addresses.auth, settings);
  const routing = unaryClient(RoutingServiceService, addresses.routing, settings);
  const billing = unaryClient(BillingServiceService, addresses.billing, settings);
  const edge = unaryClient(EdgeServiceService, addresses.edge, settings);
  return {
    auth,
    routing,
    billing,
    edge,
    close: () => {
      for (const client of [auth, routing, billing, edge]) client.close();
    },
  };
}
