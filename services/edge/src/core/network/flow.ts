/** How a peer was heard: where a message to it leaves the switch (edge.md §3). */
export interface Flow {
  /**
   * Address `ip:port` at which the pod or front that owns the peer's socket takes datagrams of other pods; '' where it
   * is this pod.
   */
  readonly gate: string;
  /** The connection, unique over the boots of its gate; 0 for UDP, where any gate can reach the peer. */
  readonly connection: number;
}
