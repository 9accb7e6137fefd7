import { SwitchError } from '@tandem/domain';
import { RegistrarServiceService } from '@tandem/proto/registrar';
import type { RegistrarRequestItem, RegistrarResponseItem } from '@tandem/proto/registrar';
import { grpcStreams, openBatchStream } from '@tandem/service';
import type { RegistrarClient } from '../registration/registration.ts';
import type { ServiceClientSettings } from './grpc-auth-client.ts';

type Request = NonNullable<RegistrarRequestItem['request']>;
type Response = NonNullable<RegistrarResponseItem['response']>;
type Value<Case extends string> = Extract<Response, { readonly $case: Case }>['value'];

/** The registrar over one batched stream. */
export function grpcRegistrarClient(
  settings: ServiceClientSettings,
): RegistrarClient & { close(): void } {
  const { address, deadlineMs, logger, tls } = settings;
  const stream = openBatchStream({
    name: 'registrar',
    open: grpcStreams(RegistrarServiceService.registrarStream, address, { tls }),
    toItem: (id, request: Request) => ({ id, request }),
    fromItem: ({ response }: RegistrarResponseItem) => response,
    logger,
    deadlineMs,
  });
  const ask = async <Case extends Request['$case'] & Response['$case']>(
    request: Extract<Request, { readonly $case: Case }>,
  ): Promise<Value<Case>> => {
    const response = await stream.request(request);
    if (response?.$case === request.$case) return response.value as Value<Case>;
    const said = response?.$case === 'error' ? response.value : 'the answer is of another kind';
    throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', `registrar: ${said}`);
  };
  return {
    register: (value) => ask({ $case: 'register', value }),
    keepalives: (value) => ask({ $case: 'keepalives', value }),
    endFlows: (value) => ask({ $case: 'endFlows', value }),
    close: () => {
      stream.close();
    },
  };
}
