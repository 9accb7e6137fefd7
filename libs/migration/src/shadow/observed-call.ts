/** A call of another switch, as its CDR or a copy of its packets tells it. */
export interface ObservedCall {
  /** By which it is found again: of a CDR its id or line, of SIP its Call-ID. */
  readonly id: string;
  /** Mapping gateway or phone here. */
  readonly from: string;
  readonly caller: string;
  /** As it was received. */
  readonly callee: string;
  /** Undefined: not known. */
  readonly atMs: number | undefined;
  /** Where it was sent, in order: names of routing gateways here, or addresses with ports. Empty: it was refused. */
  readonly gateways: readonly string[];
  /** Final SIP answer to the caller; 0: not known. */
  readonly code: number;
  /** Of talk; 0 where it was not answered. */
  readonly seconds: number;
  /** What the customer paid, as a decimal; undefined: not known. */
  readonly price: string | undefined;
}

/** What routing says of the same call (GET /route). */
export interface Analysis {
  readonly outcome: 'routed' | 'refused';
  readonly reason: string;
  readonly summary: string;
  readonly candidates: readonly AnalysedCandidate[];
  readonly charge: { readonly price: string; readonly currency: string } | null;
}

export interface AnalysedCandidate {
  readonly gateway: string;
  readonly addresses: readonly string[];
  readonly isChosen: boolean;
}

export const verdictKinds = {
  same: 'same gateway',
  other: 'other gateway',
  'would-refuse': 'would refuse',
  'would-allow': 'would allow',
  'both-refuse': 'both refuse',
  'not-compared': 'not compared',
} as const;

export type VerdictKind = keyof typeof verdictKinds;

/** How the two decisions about a call differ. */
export interface Verdict {
  readonly call: ObservedCall;
  readonly kind: VerdictKind;
  /** Where it would go first here; empty where it would be refused. */
  readonly gateway: string;
  /** Why, in words; empty where there is nothing to say. */
  readonly why: string;
  /** What the customer would pay here, where both sums are known. */
  readonly price: string | undefined;
  readonly currency: string | undefined;
  /** Whether the sums differ. */
  readonly isOtherPrice: boolean;
}
