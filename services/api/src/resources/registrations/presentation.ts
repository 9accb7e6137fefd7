import type { Registration } from '@tandem/proto/registrar';
import { presentTime } from '../times.ts';
import type { RegistrationView } from './schemas.ts';

export function presentRegistration(registration: Registration, nowMs: number): RegistrationView {
  const { answeredMs, expiresMs, q, refreshedMs, registeredMs, ...facts } = registration;
  const { account, contact, cseq, edge, flow, instance, isBehindNat, path, phone } = facts;
  const { missed, rttMs } = facts;
  const { regId, sipCallId, source, status, transport, userAgent } = facts;
  return {
    phone,
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
] as const satisfies readonly (keyof RegistrationView)[];

/** RFC 4180, with the names of the columns. */
export function csvOf(registrations: readonly RegistrationView[]): string {
  const rows = registrations.map((row) => columns.map((name) => csvField(row[name])).join(','));
  return [columns.join(','), ...rows, ''].join('\r\n');
}

function csvField(value: string | boolean | null): string {
  const text = value === null ? '' : String(value);
  // What a stranger has written is no formula of a spreadsheet.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
