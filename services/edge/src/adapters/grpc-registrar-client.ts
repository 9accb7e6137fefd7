import { RegistrarServiceService } from '@tandem/proto/registrar';
import { grpcStreams, openCaseStream } from '@tandem/service';
import type { RegistrarClient } from '../registration/registration.ts';
import type { ServiceClientSettings } from './grpc-auth-client.ts';

/** The registrar over one batched stream. */
export function grpcRegistrarClient(
  settings: ServiceClientSettings,
): RegistrarClient & { close(): void } {
  const { address, deadlineMs, logger, tls } = settings;
  const open = grpcStreams(RegistrarServiceService.registrarStream, address, { tls });
  const stream = openCaseStream({ name: 'registrar', open, logger, deadlineMs });
  return {
    register: (value) => stream.ask({ $case: 'register', value }),
    keepalives: (value) => stream.ask({ $case: 'keepalives', value }),
    endFlows: (value) => stream.ask({ $case: 'endFlows', value }),
    close: () => {
      stream.close();
    },
  };
}
