import { SwitchError } from '@tandem/domain';

/** @throws SwitchError SWITCH_STORE_UNAVAILABLE where Redis does not answer */
export async function orUnavailable<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    throw new SwitchError('SWITCH_STORE_UNAVAILABLE', 'Redis does not answer', { cause: error });
  }
}
