import type { SipParseError, SipRequest, SipResponse } from '@tandem/sip';
import type { Flow } from '../core/network/flow.ts';
import type { PeerAddress } from '../core/network/peer-address.ts';
import type { PodLinkListener } from '../ports.ts';

/** Takes the messages of peers, from this pod's own sockets or by way of another pod. None of them may throw. */
export interface MessageListener extends PodLinkListener {
  /**
   * Sees each message before it is read.
   * @returns whether it has gone to another pod, which is to read it
   */
  passOn(bytes: Buffer, from: PeerAddress): boolean;
  /** A well-formed message that no pod has looked at yet; the top Via of a request says where it came from. */
  onMessage(message: SipRequest | SipResponse, from: PeerAddress): void;
  /** A malformed message; when `error.request` is there, a 400 can be formed and sent (CALL-10). */
  onMalformed(error: SipParseError, from: PeerAddress): void;
  /**
   * A request did not leave: no connection to the peer could be opened, or it broke (RFC 3261 §18.4). `to` is the peer as it
   * was given to `PeerTransport.send`, with the gate that tried.
   */
  onUndelivered(request: SipRequest, to: PeerAddress): void;
  /** A connection is gone over which a phone registered. */
  onFlowClosed(flow: Flow): void;
  /** A connection of this pod's own sockets is closed. */
  onClosed?(connection: number): void;
  /** A socket reported an error; it goes on. */
  onError(error: Error): void;
}

/** Takes no message: what a front has, and a pod that is not ready. Peers ask again. */
export const noListener: MessageListener = {
  passOn: () => false,
  onMessage: () => undefined,
  onMalformed: () => undefined,
  onHanded: () => undefined,
  onOffer: () => undefined,
  onHangUp: () => undefined,
  onUndelivered: () => undefined,
  onFlowClosed: () => undefined,
  onError: () => undefined,
};
