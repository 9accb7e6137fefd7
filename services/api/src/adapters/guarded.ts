import { SwitchError } from '@tandem/domain';

/** A store that is away is 503 for the request, whatever the driver calls it. */
export async function guarded<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof SwitchError) throw cause;
    throw new SwitchError('SWITCH_STORE_UNAVAILABLE', 'PostgreSQL does not answer', { cause });
  }
}
