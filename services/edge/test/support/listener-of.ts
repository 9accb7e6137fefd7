import type { Arrival, Endpoint, TransportListener } from '@tandem/sip';
import type { PeerAddress } from '../../src/core/network/peer-address.ts';
import type { MessageListener } from '../../src/network/message-listener.ts';

/**
 * What an edge hears on a socket of the simulated network.
 * @param gate link address of the pod whose socket it is
 * @param heardBy `PeerAddress.listener` of what was heard there
 */
export function listenerOf(
  server: MessageListener,
  gate = '',
  heardBy?: (source: Endpoint, local: Endpoint) => number | undefined,
): TransportListener {
  const flow = { gate, connection: 0 };
  const peer = ({ source, local }: Arrival): PeerAddress => {
    const heard = gate === '' ? source : { ...source, flow };
    const listener = heardBy?.(source, local);
    return listener === undefined ? heard : { ...heard, listener };
  };
  return {
    takes: (bytes, arrival) => server.passOn(bytes, peer(arrival)),
    onMessage: (message, arrival) => {
      server.onMessage(message, peer(arrival));
    },
    onMalformed: (error, arrival) => {
      server.onMalformed(error, peer(arrival));
    },
    onError: (error) => {
      server.onError(error);
    },
  };
}
