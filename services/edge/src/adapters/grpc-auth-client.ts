import { AuthServiceService } from '@tandem/proto/auth';
import type { AuthenticateResponse } from '@tandem/proto/auth';
import { SwitchError } from '@tandem/domain';
import { grpcStreams, openBatchStream } from '@tandem/service';
import type { GrpcTls, Logger } from '@tandem/service';
import type { AuthClient } from '../ports.ts';

/** How another service is reached. */
export interface ServiceClientSettings {
  /** `host:port`. */
  readonly address: string;
  readonly deadlineMs: number;
  readonly logger: Logger;
  readonly tls?: GrpcTls | undefined;
}

/** The auth service over one batched stream. */
export function grpcAuthClient(settings: ServiceClientSettings): AuthClient & { close(): void } {
  const { address, tls } = settings;
  const open = grpcStreams(AuthServiceService.authenticateStream, address, { tls });
  const stream = openBatchStream({
    name: 'auth',
    open,
    toItem: (id, request: Parameters<AuthClient['authenticate']>[0]) => ({ id, request }),
    fromItem: (reply): AuthenticateResponse => {
      if (reply.response === undefined) throw unanswered(reply.error);
      return reply.response;
    },
    logger: settings.logger,
    deadlineMs: settings.deadlineMs,
  });
  return {
    authenticate: (request) => stream.request(request),
    close: () => {
      stream.close();
    },
  };
}

function unanswered(error: string): SwitchError {
  return new SwitchError('SWITCH_SERVICE_UNAVAILABLE', `auth: ${error}`);
}
