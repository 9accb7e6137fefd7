import { Metadata, status } from '@grpc/grpc-js';
import type { ServiceError, StatusObject } from '@grpc/grpc-js';
import { SwitchError, switchErrorCodes } from '@tandem/domain';
import type { SwitchErrorCode } from '@tandem/domain';
import type { Logger } from './logger.ts';

/** Metadata that carries a SwitchError's code from service to service. */
const CODE_KEY = 'tandem-error';

/** What a handler's failure looks like on the wire: breakage is UNAVAILABLE, our own mistake INTERNAL. */
export function statusOf(error: unknown, logger: Logger, method: string): Partial<StatusObject> {
  if (error instanceof SwitchError) {
    logger.warn({ method, code: error.code, reason: error.message }, 'request failed');
    const metadata = new Metadata();
    metadata.set(CODE_KEY, error.code);
    return {
      code: statusCodes[error.code] ?? status.UNAVAILABLE,
      details: error.message,
      metadata,
    };
  }
  logger.error({ method, err: error }, 'request failed');
  return { code: status.INTERNAL, details: 'internal error' };
}

/** The SwitchError that a failed call stands for; the code survives the way from the other service. */
export function switchErrorOf(error: ServiceError, peer: string): SwitchError {
  const [sent] = error.metadata.get(CODE_KEY);
  const code = switchErrorCodes.find((known) => known === sent) ?? localCode(error);
  return new SwitchError(code, `${peer}: ${error.details}`, { cause: error });
}

const statusCodes: Partial<Record<SwitchErrorCode, status>> = {
  SWITCH_DEADLINE_EXCEEDED: status.DEADLINE_EXCEEDED,
  SWITCH_CONFIGURATION_INVALID: status.FAILED_PRECONDITION,
  SWITCH_MESSAGE_TOO_LARGE: status.RESOURCE_EXHAUSTED,
};

function localCode(error: ServiceError): SwitchErrorCode {
  return error.code === status.DEADLINE_EXCEEDED
    ? 'SWITCH_DEADLINE_EXCEEDED'
    : 'SWITCH_SERVICE_UNAVAILABLE';
}
