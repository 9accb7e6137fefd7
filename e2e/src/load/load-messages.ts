import type { CallPlan } from './call-plan.ts';
import type { LoadReport, LoadSnapshot } from './call-record.ts';
import type { HangUp, LoadOptions } from './load-run.ts';

/** What the process of a load is asked to do. */
export type LoadOrder =
  | { readonly kind: 'open'; readonly options: LoadOptions }
  | { readonly kind: 'place'; readonly plans: readonly CallPlan[]; readonly perSecond: number }
  | { readonly kind: 'hang-up'; readonly hangUp: HangUp }
  | { readonly kind: 'is-over'; readonly prefix: string }
  | { readonly kind: 'snapshot'; readonly prefix: string }
  | { readonly kind: 'report' }
  | { readonly kind: 'ladder'; readonly number: string };

/** What it answers. */
export interface LoadAnswers {
  readonly open: undefined;
  readonly place: undefined;
  readonly 'hang-up': undefined;
  readonly 'is-over': boolean;
  readonly snapshot: LoadSnapshot;
  readonly report: LoadReport;
  readonly ladder: readonly string[];
}

/** One question and its answer travel under one number. */
export interface LoadQuestion {
  readonly id: number;
  readonly order: LoadOrder;
}

/** The answer, or what went wrong. */
export interface LoadAnswer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}
