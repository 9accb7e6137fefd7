import { Terms } from '@tandem/proto/billing';
import { explainTerms } from './rating.ts';

/** By whose rates a call is charged, for people and files. */
export interface ToldRates {
  readonly rateGroup: string;
  /** Of the imported sheet of that group; 0 = the rate was of the configuration. */
  readonly rateSheetVersion: number;
  readonly configurationVersion: number;
  /** The customer's rate in words. */
  readonly words: string;
  /** Those of the resellers above it, from the one next to it on up. */
  readonly resellers: readonly string[];
}

/** More different terms than this are forgotten all at once. */
const MOST_KNOWN = 10_000;

const known = new Map<string, ToldRates>();

/**
 * What a customer's terms say. All calls of a customer to one prefix have the same bytes, hence they are read once.
 * @param terms encoded tandem.billing.v1.Terms, not empty
 * @throws Error where the bytes are none
 */
export function toldRatesOf(terms: Uint8Array): ToldRates {
  const key = Buffer.from(terms.buffer, terms.byteOffset, terms.byteLength).toString('latin1');
  let told = known.get(key);
  if (told === undefined) {
    const read = Terms.decode(terms);
    const { configurationVersion, rateGroup, rateSheetVersion, resellers } = read;
    told = { rateGroup, rateSheetVersion, configurationVersion, words: explainTerms(read), resellers: resellers.map(explainTerms) }; // prettier-ignore
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(key, told);
  }
  return told;
}
