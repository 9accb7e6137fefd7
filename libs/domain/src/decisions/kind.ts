import type { TerminationReason } from '../refusals.ts';

/** What a fact may be: any text, a number, or one of some words. */
export type FactShape = 'text' | 'number' | readonly string[];

/** One kind of decision: who makes it, and with which facts it is told. */
export interface Kind {
  readonly service: 'auth' | 'routing' | 'edge';
  /** What was looked at. */
  readonly check: string;
  readonly result: 'passed' | 'refused' | 'challenged' | 'chosen' | 'skipped' | 'failed';
  /** The termination reason that it means, or those of which it means one. @default none */
  readonly reason?: TerminationReason | readonly TerminationReason[];
  /** The values that decided, by the names that operators know. */
  readonly facts: Readonly<Record<string, FactShape>>;
  /** Values that are known of some only. */
  readonly optional?: Readonly<Record<string, FactShape>>;
}

export type KindTable = Readonly<Record<string, Kind>>;

/** The values of facts of these shapes. */
export type FactValues<Shapes> = {
  readonly [Name in keyof Shapes]: FactValue<Shapes[Name]>;
};

type FactValue<Shape> = Shape extends 'number'
  ? number
  : Shape extends readonly (infer Word)[]
    ? Word
    : string;
