import { SwitchError } from '@tandem/domain';
import { RegistrarServiceService } from '@tandem/proto/registrar';
import type {
  RegisterRequest,
  RegisterResponse,
  RegistrarResponseItem,
} from '@tandem/proto/registrar';
import { grpcStreams, openBatchStream } from '@tandem/service';
import type { RegistrarClient } from '../registration/registration.ts';
import type { ServiceClientSettings } from './grpc-auth-client.ts';

/** The registrar over one batched stream. */
export function grpcRegistrarClient(
  settings: ServiceClientSettings,
): RegistrarClient & { close(): void } {
  const { address, deadlineMs, logger, tls } = settings;
  const stream = openBatchStream({
    name: 'registrar',
    open: grpcStreams(RegistrarServiceService.registrarStream, address, { tls }),
    toItem: (id, value: RegisterRequest) => ({
      id,
      request: { $case: 'register' as const, value },
    }),
    fromItem: ({ response }: RegistrarResponseItem): RegisterResponse => {
      if (response?.$case === 'register') return response.value;
      const said = response?.$case === 'error' ? response.value : 'the answer is of another kind';
      throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', `registrar: ${said}`);
    },
    logger,
    deadlineMs,
  });
  return {
    register: (request) => stream.request(request),
    close: () => {
      stream.close();
    },
  };
}
