import type { LocalAddresses, LocalName } from './local-addresses.ts';

/** What this edge calls itself in the messages it writes. */
export interface LocalIdentity extends LocalName {
  /** Name of the pod, for operators. */
  readonly name: string;
  /** 0–255, leased while the pod lives (edge.md §3). */
  readonly slot: number;
  /** Tells this boot from those before that had the same slot; 24 bits. */
  readonly epoch: number;
  /** What peers are told, each by its network (CALL-07). @default `host` and `hostPort`, whoever it is */
  readonly addresses?: LocalAddresses | undefined;
}
