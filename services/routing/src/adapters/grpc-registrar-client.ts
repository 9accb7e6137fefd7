import { SwitchError } from '@tandem/domain';
import { RegistrarServiceService } from '@tandem/proto/registrar';
import type { LocateRequest, LocateResponse, RegistrarResponseItem } from '@tandem/proto/registrar';
import { grpcStreams, openBatchStream } from '@tandem/service';
import type { GrpcTls, Logger } from '@tandem/service';
import type { PhoneLocator } from '../ports.ts';

/** A call waits for it. */
const DEADLINE_MS = 3000;

/** The registrar over one batched stream. */
export function grpcRegistrarClient(settings: {
  /** `host:port`. */
  readonly address: string;
  readonly logger: Logger;
  readonly tls?: GrpcTls | undefined;
}): PhoneLocator & { close(): void } {
  const { address, logger, tls } = settings;
  const stream = openBatchStream({
    name: 'registrar',
    open: grpcStreams(RegistrarServiceService.registrarStream, address, { tls }),
    toItem: (id, value: LocateRequest) => ({ id, request: { $case: 'locate' as const, value } }),
    fromItem: ({ response }: RegistrarResponseItem): LocateResponse => {
      if (response?.$case === 'locate') return response.value;
      const said = response?.$case === 'error' ? response.value : 'the answer is of another kind';
      throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', `registrar: ${said}`);
    },
    logger,
    deadlineMs: DEADLINE_MS,
  });
  return {
    locate: (request) => stream.request(request),
    close: () => {
      stream.close();
    },
  };
}
