import type { MappingGateway } from './document.ts';

/** A code, and what it is told as. */
interface CodeMapping {
  readonly from: number;
  readonly to: number;
  /** '' = that of the code. */
  readonly phrase: string;
}

/** How a mapping gateway wants refusals told (DENY-18). */
export interface CallerAnswers {
  readonly codes: CodeMapping[];
  /** They get a cause of Q.850 (RFC 3398 §8.2.6.1). */
  readonly makesCause: boolean;
}

/** How a mapping gateway is told that its call has failed, whoever refuses it; undefined where it is told as it is. */
export function callerAnswersOf({
  codeMap,
  q850,
}: Pick<MappingGateway, 'codeMap' | 'q850'>): CallerAnswers | undefined {
  if (codeMap.length === 0 && !q850.makeReason) return undefined;
  return { codes: codeMappings(codeMap), makesCause: q850.makeReason };
}

/** Codes, or causes, as the services tell each other. */
export function codeMappings(
  mappings: readonly {
    readonly code: number;
    readonly to: number;
    readonly phrase?: string | undefined;
  }[],
): CodeMapping[] {
  return mappings.map(({ code: from, to, phrase = '' }) => ({ from, to, phrase }));
}
