import type { PhoneDevice } from '@tandem/proto/routing';
import type { Binding } from './binding.ts';
import { shortHash } from './short-hash.ts';

/**
 * What temporary GRUUs of a device are good for (RFC 5627 §3.2): another number once it registers with another Call-ID, or after its
 * registration has ended. Never 0.
 */
export function sessionOf({ registeredMs, sipCallId }: Binding): number {
  return shortHash(`${String(registeredMs)} ${sipCallId}`) || 1;
}

/** Whether a binding is of the device that a GRUU names. */
export function isOfDevice(binding: Binding, { instance, session }: PhoneDevice): boolean {
  if (binding.instance === '' || bare(binding.instance) !== bare(instance)) return false;
  return session === 0 || session === sessionOf(binding);
}

/** RFC 8141 §3: a URN of a UUID is the same in any case; +sip.instance has it in angle brackets. */
function bare(instance: string): string {
  return instance.replaceAll(/^<|>$/g, '').toLowerCase();
}
