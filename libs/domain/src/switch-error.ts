/**
 * What may break in a way that the place where it happened cannot handle. The list is closed; each code is
 * described in docs/errors.md.
 */
export const switchErrorCodes = [
  'SWITCH_CONFIGURATION_INVALID',
  'SWITCH_STORE_UNAVAILABLE',
  'SWITCH_SERVICE_UNAVAILABLE',
  'SWITCH_DEADLINE_EXCEEDED',
  'SWITCH_MEDIA_UNAVAILABLE',
  'SWITCH_DESCRIPTION_INVALID',
  'SWITCH_TOKEN_INVALID',
  'SWITCH_MESSAGE_TOO_LARGE',
  'SWITCH_SECRET_INVALID',
  'SWITCH_STOPPED',
  'SWITCH_PRECONDITION_UNMET',
] as const;

export type SwitchErrorCode = (typeof switchErrorCodes)[number];

/** The one class for breakage; what a caller must expect is a value instead (a refusal, no route). */
export class SwitchError extends Error {
  readonly code: SwitchErrorCode;

  constructor(code: SwitchErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SwitchError';
    this.code = code;
  }
}
