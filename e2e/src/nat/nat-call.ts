import type { AudioCounts } from '../baresip.ts';

/** What was seen of a call of a phone behind a NAT. */
export interface NatCall {
  readonly hangsUp: 'phone' | 'carrier';
  readonly endedBy: string;
  /** As each of them counted. */
  readonly phone: AudioCounts;
  readonly carrier: AudioCounts;
  /** Packets that came to the relay, as the CDR has them. */
  readonly fromPhone: number;
  readonly fromCarrier: number;
}
