import type { OutboundRegistration, UnregisteredCarrier } from '@tandem/proto/outbound';
import type { Outbound } from '../core/outbound/outbound.ts';

/** A registration with a carrier, for people. */
export function presentOutbound(outbound: Outbound): OutboundRegistration {
  const { contact, cseq, doing, edge, expiresMs, failures, isHeld, last, nextMs } = outbound;
  const { serviceRoute, settings, sinceMs, sipCallId, state } = outbound;
  const { domain, gateway, registrars, transport, user } = settings;
  return {
    gateway,
    state,
    sinceMs,
    addressOfRecord: `sip:${user}@${domain}`,
    registrars,
    transport,
    contact,
    expiresMs,
    nextMs: doing === undefined ? nextMs : 0,
    edge,
    isHeld,
    last,
    sipCallId,
    cseq,
    failures,
    serviceRoute: [...serviceRoute],
  };
}

/** A carrier that does not have our contact, and what is known of why. */
export function presentUnregistered({
  expiresMs,
  last,
  settings: { gateway },
  sinceMs,
  state,
}: Outbound): UnregisteredCarrier {
  // It kept our contact until that had expired, whatever was tried in the meantime.
  const since = expiresMs === 0 ? sinceMs : expiresMs;
  const code = last === undefined || last.code === 0 ? '' : `${String(last.code)} `;
  return {
    gateway,
    state,
    sinceMs: since,
    last:
      last === undefined ? '' : `${code}${last.reason}${last.text === '' ? '' : `, ${last.text}`}`,
  };
}
