import type { AuthenticateRequest } from '@tandem/proto/auth';
import type { AddressOrigin, PasswordOrigin } from './origins.ts';

/** Whether a request came over a connection whose certificate has proved one of the names that its gateway must show, where it must. */
export function showsCertificate(
  { certificateNames }: AddressOrigin | PasswordOrigin,
  { certificate }: Pick<AuthenticateRequest, 'certificate'>,
): boolean {
  if (certificateNames === undefined) return true;
  const proved = new Set(certificate.split(','));
  return certificateNames.some((name) => proved.has(name.toLowerCase()));
}
