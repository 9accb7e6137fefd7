import type { OutboundRegistration } from '@tandem/proto/outbound';
import { presentTime } from '../times.ts';
import type { OutboundRegistrationView } from './schemas.ts';

export function presentOutboundRegistration(
  registration: OutboundRegistration,
  nowMs: number,
): OutboundRegistrationView {
  const { expiresMs, last, nextMs, sinceMs, ...facts } = registration;
  const { addressOfRecord, contact, cseq, edge, failures, gateway, isHeld, registrars } = facts;
  const { serviceRoute, sipCallId, state, transport } = facts;
  return {
    gateway,
    state,
    since: presentTime(sinceMs),
    addressOfRecord,
    registrars,
    transport,
    contact,
    expiresAt: presentTime(expiresMs),
    expiresInSeconds: Math.max(0, Math.ceil((expiresMs - nowMs) / 1000)),
    nextAttemptAt: presentTime(nextMs),
    nextAttemptInSeconds: nextMs === 0 ? null : Math.max(0, Math.ceil((nextMs - nowMs) / 1000)),
    lastAnswer: last === undefined ? null : presentLast(last),
    failures,
    edge,
    isHeld,
    serviceRoute,
    sipCallId,
    cseq,
  };
}

function presentLast({
  atMs,
  code,
  reason,
  source,
  text,
}: NonNullable<OutboundRegistration['last']>): OutboundRegistrationView['lastAnswer'] {
  return { code, reason, text, at: presentTime(atMs), source };
}
