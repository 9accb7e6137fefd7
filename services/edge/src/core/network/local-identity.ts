/** What this edge calls itself in the messages it writes. */
export interface LocalIdentity {
  /** Name of the pod, for operators. */
  readonly name: string;
  /** 0–255, leased while the pod lives (edge.md §3). */
  readonly slot: number;
  /** Tells this boot from those before that had the same slot; 24 bits. */
  readonly epoch: number;
  /** Advertised host, IPv6 in brackets. */
  readonly host: string;
  /** Advertised `host:port`, as it stands in Via and Contact. */
  readonly hostPort: string;
}

/** Value of User-Agent and Server in what the switch writes. */
export const PRODUCT = 'Tandem';
