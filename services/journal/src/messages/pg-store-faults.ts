import { SwitchError } from '@tandem/domain';

/** Does something with PostgreSQL. @throws SwitchError SWITCH_STORE_UNAVAILABLE for whatever it throws */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new SwitchError('SWITCH_STORE_UNAVAILABLE', 'PostgreSQL did not answer', { cause });
  }
}

/** Trying again is of no use: data exception, constraint, limit exceeded. */
export function isAboutData(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(22|23|54)/.test(code);
}
