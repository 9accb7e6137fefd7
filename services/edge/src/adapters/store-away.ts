import { SwitchError } from '@tandem/domain';

/** Whatever the client says when Redis is away becomes the one code that callers know. */
export async function orUnavailable<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    throw new SwitchError('SWITCH_STORE_UNAVAILABLE', 'the call store is away', { cause: error });
  }
}
