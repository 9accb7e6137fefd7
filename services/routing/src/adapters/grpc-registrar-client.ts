import { RegistrarServiceService } from '@tandem/proto/registrar';
import { grpcStreams, openCaseStream } from '@tandem/service';
import type { GrpcTls, Logger } from '@tandem/service';
import type { CarrierRegistrar, PhoneLocator } from '../ports.ts';

/** A call waits for it. */
const DEADLINE_MS = 3000;

/** Nothing but readings. */
const repeated = ['locate', 'listUnregistered'] as const;

/** The registrar over one batched stream. */
export function grpcRegistrarClient(settings: {
  /** `host:port`. */
  readonly address: string;
  readonly logger: Logger;
  readonly tls?: GrpcTls | undefined;
}): PhoneLocator & CarrierRegistrar & { close(): void } {
  const { address, logger, tls } = settings;
  const open = grpcStreams(RegistrarServiceService.registrarStream, address, { tls });
  const stream = openCaseStream({
    name: 'registrar',
    open,
    logger,
    deadlineMs: DEADLINE_MS,
    repeated,
  });
  return {
    locate: (value) => stream.ask({ $case: 'locate', value }),
    listUnregistered: (value) => stream.ask({ $case: 'listUnregistered', value }),
    close: () => {
      stream.close();
    },
  };
}
