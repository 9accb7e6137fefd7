/** How much a message may hold before the parser refuses it. */
export interface ParseLimits {
  /** Bytes of the whole message. @default 65535 (the most a UDP datagram can carry) */
  readonly maxMessageBytes: number;
  /** Bytes of the start line, and of one header line with its folding. @default 8192 */
  readonly maxHeaderBytes: number;
  /** Header lines. @default 256 */
  readonly maxHeaders: number;
  /** Via lines: more than Max-Forwards ever lets through is a loop or an attack. @default 100 */
  readonly maxVias: number;
}

/** What {@link ParseLimits} says by default. */
export const defaultParseLimits: ParseLimits = {
  maxMessageBytes: 65_535,
  maxHeaderBytes: 8_192,
  maxHeaders: 256,
  maxVias: 100,
};
