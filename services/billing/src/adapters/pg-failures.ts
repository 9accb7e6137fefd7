import { SwitchError } from '@tandem/domain';
import { UnstorableError } from '../ports.ts';

/** What PostgreSQL says, as a store fails. @throws UnstorableError where it is about the data, else SwitchError SWITCH_STORE_UNAVAILABLE */
export async function orSwitchError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (isAboutData(cause)) throw new UnstorableError(messageOf(cause), { cause });
    throw new SwitchError('SWITCH_STORE_UNAVAILABLE', 'PostgreSQL did not answer', { cause });
  }
}

/** Has every method fail as a store does. */
export function guardedAll<Store extends object>(store: Store): Store {
  const methods = Object.entries(store) as [string, (...given: unknown[]) => Promise<unknown>][];
  const guardedOnes = methods.map(([name, method]) => [
    name,
    (...given: unknown[]) => orSwitchError(method(...given)),
  ]);
  return Object.fromEntries(guardedOnes) as Store;
}

// Classes of SQLSTATE in which trying again is of no use: data exception, constraint, limit exceeded.
function isAboutData(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(22|23|54)/.test(code);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
