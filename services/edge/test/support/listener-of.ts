import type { TransportListener } from '@tandem/sip';
import type { PeerAddress } from '../../src/core/network/peer-address.ts';
import type { MessageListener } from '../../src/network/message-listener.ts';

/** What an edge hears on a socket of the simulated network. @param gate link address of the pod whose socket it is */
export function listenerOf(server: MessageListener, gate = ''): TransportListener {
  const flow = { gate, connection: 0 };
  const peer = (source: { address: string; port: number }): PeerAddress =>
    gate === '' ? source : { ...source, flow };
  return {
    takes: (bytes, { source }) => server.passOn(bytes, peer(source)),
    onMessage: (message, { source }) => {
      server.onMessage(message, peer(source));
    },
    onMalformed: (error, { source }) => {
      server.onMalformed(error, peer(source));
    },
    onError: (error) => {
      server.onError(error);
    },
  };
}
