import { RegistrarServiceService } from '@tandem/proto/registrar';
import { grpcStreams, openCaseStream } from '@tandem/service';
import type { RegistrarClient } from '../registration/registration.ts';
import type { ServiceClientSettings } from './grpc-auth-client.ts';

/**
 * A REGISTER that comes again is known by its Call-ID, CSeq and branch; a flow that is gone is gone. Keep-alives are told in the
 * next round, a second later: each that a phone did not answer counts against it.
 */
const repeated = ['register', 'endFlows'] as const;

/** The registrar over one batched stream. */
export function grpcRegistrarClient(
  settings: ServiceClientSettings,
): RegistrarClient & { close(): void } {
  const { address, deadlineMs, logger, tls } = settings;
  const open = grpcStreams(RegistrarServiceService.registrarStream, address, { tls });
  const stream = openCaseStream({ name: 'registrar', open, logger, deadlineMs, repeated });
  return {
    register: (value) => stream.ask({ $case: 'register', value }),
    keepalives: (value) => stream.ask({ $case: 'keepalives', value }),
    endFlows: (value) => stream.ask({ $case: 'endFlows', value }),
    untilUp: (timeoutMs) => stream.untilUp(timeoutMs),
    close: () => {
      stream.close();
    },
  };
}
