import { SwitchError } from '@tandem/domain';
import {
  AuthServiceService,
  type AuthenticateRequest,
  type AuthenticateResponse,
  type AuthenticateResponseItem,
  type LiftSuspensionRequest,
  type LiftSuspensionResponse,
  type ListSuspensionsRequest,
  type ListSuspensionsResponse,
  type Suspension as SuspensionMessage,
} from '@tandem/proto/auth';
import { grpcService, serveBatchStream, type GrpcService, type Logger } from '@tandem/service';
import type { Accepting, Authenticator } from '../authenticator.ts';
import type { AuthStore, Suspension } from '../ports.ts';
import { countLiftedSuspension, observeAuthentication } from '../telemetry.ts';

/** The operations of auth as promises: behind the gRPC server, and called directly in one process. */
export interface AuthHandlers {
  /** Decides who a request is from. Rejects with SwitchError where a store is away: the caller answers 503. */
  authenticate(
    request: AuthenticateRequest,
    onAccepting?: (accepting: Accepting) => void,
  ): Promise<AuthenticateResponse>;
  /** AUTH-07: the suspensions in force. */
  listSuspensions(request: ListSuspensionsRequest): Promise<ListSuspensionsResponse>;
  /** AUTH-07: ends one before its time. */
  liftSuspension(request: LiftSuspensionRequest): Promise<LiftSuspensionResponse>;
}

export function createHandlers(
  authenticator: Authenticator,
  store: AuthStore,
  logger: Logger,
): AuthHandlers {
  return {
    authenticate: (request, onAccepting) =>
      observeAuthentication(request, () => authenticator.authenticate(request, onAccepting)),
    listSuspensions: async () => {
      const suspensions = await store.listSuspensions();
      return { suspensions: suspensions.map(encodeSuspension) };
    },
    liftSuspension: async ({ terminal }) => {
      const lifted = await store.liftSuspension(terminal);
      if (lifted) {
        countLiftedSuspension();
        logger.info({ terminal }, 'suspension lifted');
      }
      return { lifted };
    },
  };
}

/** The service of `proto/tandem/auth/v1` over the handlers. */
export function authGrpcService(handlers: AuthHandlers, logger: Logger): GrpcService {
  const unary = {
    ...handlers,
    authenticate: (request: AuthenticateRequest) => handlers.authenticate(request),
  };
  return grpcService(AuthServiceService, unary, {
    authenticateStream: (call) =>
      serveBatchStream(call, {
        handle: async (item): Promise<AuthenticateResponseItem> => {
          if (item.request === undefined) return failed('the item holds no request');
          return { id: 0, response: await handlers.authenticate(item.request), error: '' };
        },
        toError: (message, error) => {
          const code = error instanceof SwitchError ? error.code : 'SWITCH_SERVICE_UNAVAILABLE';
          logger.warn({ code, reason: message }, 'request not decided');
          return failed(`${code}: ${message}`);
        },
      }),
  });
}

function failed(error: string): AuthenticateResponseItem {
  return { id: 0, response: undefined, error };
}

function encodeSuspension(suspension: Suspension): SuspensionMessage {
  const { terminal, sinceMs, untilMs, failures, maxFailures, cause, lastSource } = suspension;
  return {
    terminal,
    sinceMs,
    untilMs,
    failures,
    cause: `${String(failures)} failures (SS_AUTHENTICATION_MAX_RETRY=${String(maxFailures)}), the last: ${cause}, from ${lastSource}`,
    lastSource,
  };
}
