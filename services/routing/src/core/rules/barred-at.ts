/** Of which gateway, and when, it is decided that a rule leaves it out. */
export interface BarredAt {
  readonly subject: string;
  /** Which of its own prefixes matched, where that was looked at. */
  readonly prefix: string | undefined;
  readonly atMs: number;
}
