import type { AuthenticationFailure } from '@tandem/proto/auth';
import { presentTime } from '../times.ts';
import type { AuthenticationFailureView } from './schemas.ts';

export function presentAuthenticationFailure(
  failure: AuthenticationFailure,
): AuthenticationFailureView {
  const { firstMs, lastMs, ...rest } = failure;
  return { ...rest, first: presentTime(firstMs), last: presentTime(lastMs) };
}
