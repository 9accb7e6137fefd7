import { SwitchError } from '@tandem/domain';
import type { Journal } from '@tandem/events';
import {
  AuthServiceService,
  type AddToBlacklistRequest,
  type AddToBlacklistResponse,
  type AuthenticateRequest,
  type AuthenticateResponse,
  type AuthenticateResponseItem,
  type LiftFromBlacklistRequest,
  type LiftFromBlacklistResponse,
  type LiftSuspensionRequest,
  type LiftSuspensionResponse,
  type ListAuthenticationFailuresRequest,
  type ListAuthenticationFailuresResponse,
  type ListBlacklistRequest,
  type ListBlacklistResponse,
  type ListSuspensionsRequest,
  type ListSuspensionsResponse,
} from '@tandem/proto/auth';
import { grpcService, serveBatchStream, type GrpcService, type Logger } from '@tandem/service';
import type { Accepting, Authenticator } from '../authenticator.ts';
import { refusedRegistration } from '../core/journal-notes.ts';
import { placeOf } from '../core/place.ts';
import { isMeant } from '../core/terminal.ts';
import type { AuthStore } from '../ports.ts';
import { countLiftedSuspension, observeAuthentication } from '../telemetry.ts';
import { encodeBlacklisted, encodeFailure, encodeSuspension } from './presentation.ts';

/** The operations of auth as promises: behind the gRPC server, and called directly in one process. */
export interface AuthHandlers {
  /** Decides who a request is from. Rejects with SwitchError where a store is away: the caller answers 503. */
  authenticate(
    request: AuthenticateRequest,
    onAccepting?: (accepting: Accepting) => void,
  ): Promise<AuthenticateResponse>;
  /** AUTH-07: the suspensions in force. */
  listSuspensions(request: ListSuspensionsRequest): Promise<ListSuspensionsResponse>;
  /** AUTH-07: ends one before its time, or all of a user name. */
  liftSuspension(request: LiftSuspensionRequest): Promise<LiftSuspensionResponse>;
  /** AUTH-08: the sources that are black-listed, for longest first. */
  listBlacklist(request: ListBlacklistRequest): Promise<ListBlacklistResponse>;
  addToBlacklist(request: AddToBlacklistRequest): Promise<AddToBlacklistResponse>;
  liftFromBlacklist(request: LiftFromBlacklistRequest): Promise<LiftFromBlacklistResponse>;
  /** Who has not proved himself, the latest first. */
  listAuthenticationFailures(
    request: ListAuthenticationFailuresRequest,
  ): Promise<ListAuthenticationFailuresResponse>;
}

/** What the operations work with. */
export interface AuthHandlerParts {
  readonly authenticator: Authenticator;
  readonly store: AuthStore;
  readonly journal: Journal;
  readonly logger: Logger;
}

export function createHandlers({
  authenticator,
  journal,
  logger,
  store,
}: AuthHandlerParts): AuthHandlers {
  const accountOf = (username: string): string => authenticator.accountOf(username);
  return {
    authenticate: async (request, onAccepting) => {
      const response = await observeAuthentication(request, () =>
        authenticator.authenticate(request, onAccepting),
      );
      // REG-11
      const note = refusedRegistration(request, response, accountOf);
      if (note !== undefined) journal.note(note);
      return response;
    },
    listSuspensions: async () => {
      const suspensions = await store.listSuspensions();
      return { suspensions: suspensions.map(encodeSuspension) };
    },
    liftSuspension: async ({ terminal: text }) => {
      let isLifted = false;
      for (const { terminal } of await store.listSuspensions()) {
        if (!isMeant(terminal, text) || !(await store.liftSuspension(terminal))) continue;
        isLifted = true;
        countLiftedSuspension();
        logger.info({ terminal }, 'suspension lifted');
      }
      return { lifted: isLifted };
    },
    listBlacklist: async () => {
      const entries = await store.listBlacklist();
      return { entries: entries.map(encodeBlacklisted) };
    },
    addToBlacklist: async ({ source: address, seconds, cause }) => {
      const refused = authenticator.whyNotBlacklisted(address);
      if (refused !== undefined) return { source: '', refused };
      const source = placeOf(address);
      await store.addToBlacklist({ place: source, forMs: seconds * 1000, cause });
      logger.info({ source, seconds, cause }, 'source black-listed by an operator');
      return { source, refused: '' };
    },
    liftFromBlacklist: async ({ source: address }) => {
      const source = address.includes('/') ? address : placeOf(address);
      const lifted = await store.liftFromBlacklist(source);
      if (lifted) logger.info({ source }, 'source taken off the black list');
      return { lifted };
    },
    listAuthenticationFailures: async () => {
      const failures = await store.listFailures();
      return { failures: failures.map(encodeFailure) };
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
