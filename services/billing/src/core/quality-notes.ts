import { sumOf } from '@tandem/limits';
import type { QualityFigures, QualityNote } from '@tandem/limits';
import type { GatewayFigure } from './gateway-figures.ts';

/** What finished attempts add up to (ROUTE-04): for each gateway, and for each of its prefixes that they were routed by. */
export function qualityNotes(figures: readonly GatewayFigure[]): readonly QualityNote[] {
  const byGateway = Map.groupBy(figures, ({ gateway }) => gateway);
  return [...byGateway].flatMap(([gateway, all]): QualityNote[] => {
    const byPrefix = Map.groupBy(all, ({ prefix }) => prefix);
    byPrefix.delete(undefined);
    const ofPrefixes = [...byPrefix].map(([prefix, some]) => ({
      gateway,
      prefix,
      ...sumOf(some.map(figuresOf)),
    }));
    return [{ gateway, prefix: undefined, ...sumOf(all.map(figuresOf)) }, ...ofPrefixes];
  });
}

function figuresOf({ outcome, postDialSeconds, talkSeconds }: GatewayFigure): QualityFigures {
  return {
    attempts: 1,
    answered: Number(outcome === 'answered'),
    failed: Number(outcome === 'failed'),
    talkMs: talkSeconds * 1000,
    postDials: Number(postDialSeconds !== undefined),
    postDialMs: (postDialSeconds ?? 0) * 1000,
  };
}
