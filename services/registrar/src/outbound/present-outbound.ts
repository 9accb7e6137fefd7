import type { OutboundRegistration } from '@tandem/proto/outbound';
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
