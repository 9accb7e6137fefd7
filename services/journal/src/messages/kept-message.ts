import type { PassedMessage } from '@tandem/events';
import type { KeptMessage } from '@tandem/proto/messages';
import { transportById } from '@tandem/sip';

/** A record as it is told to others. */
export function keptMessage(
  { atMs, bytes, connection, isSent, local, remote, transport }: PassedMessage,
  pod: string,
): KeptMessage {
  return {
    atMs,
    isSent,
    transport: transportById(transport)?.name ?? '',
    local: endText(local),
    remote: endText(remote),
    pod,
    connection,
    bytes,
  };
}

function endText({ address, port }: PassedMessage['local']): string {
  return address.includes(':') ? `[${address}]:${String(port)}` : `${address}:${String(port)}`;
}
