import type { Signature } from '@tandem/proto/routing';
import type { Branch } from '../core/call/call-state.ts';
import { destinationOf } from '../core/call/call-state.ts';
import { calledNumber } from '../core/call/redirected-caller.ts';
import type { Signing } from '../core/call/call-steps.ts';
import type { EdgeResources } from '../edge-resources.ts';
import { callsSigned } from '../telemetry.ts';

/** The signature of an INVITE that is to have one (CALL-12). Never rejects. */
export function signInvite(
  { clock, logger, signer }: Pick<EdgeResources, 'clock' | 'logger' | 'signer'>,
  { attempt }: Branch,
  signature: Signature,
): Promise<Signing> {
  const { callee: asked, gateway, isRedirect } = attempt.candidate;
  // What is signed is whom the INVITE names: after a redirection that is another one.
  const callee = isRedirect ? calledNumber(destinationOf(attempt).target.uri) : asked;
  const signed: Promise<Signing> =
    signer === undefined
      ? Promise.resolve(unsignedFor(signature, 'TANDEM_STIR_KEYS is not set'))
      : signer.sign({ signature, callee, nowMs: clock.now() });
  return signed
    .catch((error: unknown): Signing => {
      logger.warn({ err: error, gateway }, 'call cannot be signed');
      return unsignedFor(signature, error instanceof Error ? error.message : 'failed');
    })
    .then((signing) => {
      const attestation = signing.kind === 'signed' ? signature.attestation : 'none';
      callsSigned.add(1, { outcome: signing.kind, attestation });
      return signing;
    });
}

/** That there is nothing to attest comes first. */
function unsignedFor({ attestation, because }: Signature, cause: string): Signing {
  return { kind: 'unsigned', cause: attestation === '' ? because : cause };
}
