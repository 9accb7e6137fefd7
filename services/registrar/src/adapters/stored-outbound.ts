import { OutboundSettings, StoredOutbound } from '@tandem/proto/outbound';
import type { Outbound, OutboundState, OutboundTask } from '../core/outbound/outbound.ts';

/** A registration with a carrier as bytes. */
export function encodeOutbound(outbound: Outbound): Buffer {
  const { doing = '', serviceRoute, ...rest } = outbound;
  const message = StoredOutbound.fromPartial({ ...rest, doing, serviceRoute: [...serviceRoute] });
  return Buffer.from(StoredOutbound.encode(message).finish());
}

/** What a later version has added is left out. */
export function decodeOutbound(bytes: Buffer): Outbound {
  const { doing, settings, state, ...rest } = StoredOutbound.decode(bytes);
  return {
    ...rest,
    settings: settings ?? OutboundSettings.create(),
    state: state as OutboundState,
    doing: doing === '' ? undefined : (doing as OutboundTask),
    successor: rest.successor,
    last: rest.last,
  };
}
