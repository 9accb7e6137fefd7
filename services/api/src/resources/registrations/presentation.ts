import type { Registration } from '@tandem/proto/registrar';
import { csvText } from '../csv.ts';
import { presentTime } from '../times.ts';
import type { RegistrationView } from './schemas.ts';

export function presentRegistration(registration: Registration, nowMs: number): RegistrationView {
  const { answeredMs, expiresMs, q, refreshedMs, registeredMs, ...facts } = registration;
  const { account, contact, cseq, edge, flow, instance, isBehindNat, kind, path, phone } = facts;
  const { missed, rttMs, takenOverMs, takeovers } = facts;
  const { regId, sipCallId, source, status, transport, userAgent } = facts;
  return {
    phone,
    kind,
    account,
    status,
    contact,
    expiresAt: presentTime(expiresMs),
    expiresInSeconds: Math.max(0, Math.ceil((expiresMs - nowMs) / 1000)),
    source,
    transport,
    isBehindNat,
    userAgent,
    registeredAt: presentTime(registeredMs),
    refreshedAt: presentTime(refreshedMs),
    priority: q / 1000,
    instance,
    regId,
    path: [...path],
    edge,
    flow,
    sipCallId,
    cseq,
    answeredAt: answeredMs === 0 ? null : presentTime(answeredMs),
    roundTripMs: answeredMs === 0 ? null : rttMs,
    unansweredKeepalives: missed,
    takeovers,
    takenOverAt: takeovers === 0 ? null : presentTime(takenOverMs),
  };
}

const columns = [
  'phone',
  'account',
  'status',
  'contact',
  'expiresAt',
  'source',
  'transport',
  'isBehindNat',
  'userAgent',
  'registeredAt',
  'refreshedAt',
  'edge',
  'kind',
] as const satisfies readonly (keyof RegistrationView)[];

export function csvOf(registrations: readonly RegistrationView[]): string {
  return csvText(registrations, columns);
}
