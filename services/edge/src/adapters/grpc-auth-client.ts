import { AuthenticateRequestBatch, AuthServiceService } from '@tandem/proto/auth';
import { AuthenticateReplyBatch } from '@tandem/proto/edge-replies';
import type { AuthenticateReply } from '@tandem/proto/edge-replies';
import { encoded } from '@tandem/proto/encoded';
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

/** The method as the edge reads it: decisions stay encoded. */
const authenticate = {
  ...AuthServiceService.authenticateStream,
  requestSerialize: (batch: AuthenticateRequestBatch) => encoded(AuthenticateRequestBatch, batch),
  responseDeserialize: (bytes: Buffer) => AuthenticateReplyBatch.decode(bytes),
};

/** The auth service over one batched stream. */
export function grpcAuthClient(settings: ServiceClientSettings): AuthClient & { close(): void } {
  const { address, tls } = settings;
  const open = grpcStreams(authenticate, address, { tls });
  const stream = openBatchStream({
    name: 'auth',
    open,
    toItem: (id, request: Parameters<AuthClient['authenticate']>[0]) => ({ id, request }),
    fromItem: (reply): AuthenticateReply => {
      if (reply.response === undefined) throw unanswered(reply.error);
      return reply.response;
    },
    // Who was let in, and who was counted as wrong, is so again by the fingerprint of the request (AUTH-04, AUTH-10).
    mayRepeat: () => true,
    logger: settings.logger,
    deadlineMs: settings.deadlineMs,
  });
  return {
    authenticate: (request) => stream.request(request),
    untilUp: (timeoutMs) => stream.untilUp(timeoutMs),
    close: () => {
      stream.close();
    },
  };
}

function unanswered(error: string): SwitchError {
  return new SwitchError('SWITCH_SERVICE_UNAVAILABLE', `auth: ${error}`);
}
