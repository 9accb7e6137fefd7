import { RegistrarServiceService } from '@tandem/proto/registrar';
import { unaryClient } from '@tandem/service';
import type { GrpcTls } from '@tandem/service';
import type { OutboundClient } from '../registration/registration.ts';

/** Within the lease it can be asked twice. */
const DEADLINE_MS = 1200;

/** The registrar, as far as it says what is due at carriers. */
export function grpcOutboundClient(
  address: string,
  tls: GrpcTls | undefined,
): OutboundClient & { close(): void } {
  const client = unaryClient(RegistrarServiceService, address, { deadlineMs: DEADLINE_MS, tls });
  return {
    takeOutbound: (request) => client.takeOutbound(request),
    reportOutbound: (request) => client.reportOutbound(request),
    close: () => {
      client.close();
    },
  };
}
