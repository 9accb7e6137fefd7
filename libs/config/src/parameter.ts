/** What one system parameter may be (OPS-05). */
export interface Parameter {
  readonly kind: 'integer' | 'switch' | 'word';
  /** Undefined: not set, another parameter decides. */
  readonly default: number | boolean | string | undefined;
  readonly min?: number;
  readonly max?: number;
  /** The words that a word may be; of an integer, where only some values between `min` and `max` are right. */
  readonly oneOf?: readonly (number | string)[];
  /** A word that an integer may be instead. */
  readonly orWord?: string;
  readonly unit?: 's' | 'ms' | '%' | 'calls/s' | 'days';
  readonly description: string;
  /** Spec id of the behaviour. */
  readonly spec: string;
}
