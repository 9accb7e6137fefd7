import { SwitchError } from '@tandem/domain';

/** What is wrong with a session description that cannot be anchored; undefined where it is no fault of its sender. */
export function descriptionFault(error: unknown): string | undefined {
  const isFault = error instanceof SwitchError && error.code === 'SWITCH_DESCRIPTION_INVALID';
  return isFault ? error.message : undefined;
}

/** The words of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'failed';
}
