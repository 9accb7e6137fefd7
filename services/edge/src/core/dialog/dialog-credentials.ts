import { CallRecord, DialogCredentials } from '@tandem/proto/edge';
import { encoded } from '@tandem/proto/encoded';
import type { Candidate } from '@tandem/proto/routing';
import type { ChallengeFacts } from '../../ports.ts';
import { recordedBranches } from '../call/call-record.ts';
import type { Sealer } from '../marks/seal.ts';
import type { GatewayCredentials } from '../messages/challenge-answers.ts';

/** Who the switch is at the gateway of an answered call, as the store keeps it (AUTH-12); undefined where it is nobody there. */
export function sealedCredentials(
  sealer: Sealer,
  candidate: Pick<Candidate, 'gateway' | 'username' | 'password'> | undefined,
): string | undefined {
  if (candidate === undefined || candidate.username === '') return undefined;
  const { gateway, username, password } = candidate;
  return sealer.seal('secret', encoded(DialogCredentials, { gateway, username, password }));
}

/**
 * Who the switch is at the carrier of a call, by what the store has of it: what the answer has left, else the record, of a call that
 * is not answered or has been ended.
 * @param branch of the INVITE that the carrier has; without it, that of the record
 */
export function credentialsIn(
  sealer: Sealer,
  { credentials, record }: Pick<ChallengeFacts, 'credentials' | 'record'>,
  branch?: string,
): GatewayCredentials | undefined {
  if (credentials !== undefined) {
    const bytes = sealer.open('secret', credentials);
    return bytes === undefined ? undefined : DialogCredentials.decode(bytes);
  }
  return record === undefined
    ? undefined
    : credentialsOf(sealer, CallRecord.decode(record), branch);
}

function credentialsOf(
  sealer: Sealer,
  record: CallRecord,
  branch = record.branch,
): GatewayCredentials | undefined {
  const sent = recordedBranches(record).find((each) => each.branch === branch);
  const at = sent?.attempt ?? record.attempts.length - 1;
  const name = record.attempts[at]?.gateway;
  const candidate = record.candidates.find(({ gateway }) => gateway === name);
  if (candidate === undefined) return undefined;
  const { gateway, username, password } = candidate;
  const opened = password === '' ? '' : sealer.open('secret', password)?.toString();
  return { gateway, username, password: opened ?? '' };
}
