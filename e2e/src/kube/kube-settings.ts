import { readEnvironment } from '@tandem/config';
import { z } from 'zod';
import type { ClusterLayout } from '../cluster/cluster-plan.ts';
import { wholeNumber } from '../cluster/cluster-settings.ts';

/** What `make kube` is asked for. */
export interface KubeSettings {
  /** The shapes that are tried, one after the other. */
  readonly shapes: readonly ClusterLayout[];
  /** Calls a second. */
  readonly rate: number;
  /** Parts of events' names; all events where there are none. */
  readonly only: readonly string[];
  readonly seed: number;
}

const schema = z.object({
  SHAPE: z.enum(['split', 'pod', 'both'], 'write split, pod or both').default('both'),
  RATE: wholeNumber(1, 1000).default(50),
  SEED: wholeNumber(1, 999_999_999).default(1),
  ONLY: z.string().default(''),
});

/** @throws ConfigurationError naming every mistake */
export function readKubeSettings(env: NodeJS.ProcessEnv): KubeSettings {
  const { SHAPE, RATE, SEED, ONLY } = readEnvironment(schema, env);
  return {
    shapes: SHAPE === 'both' ? ['split', 'pod'] : [SHAPE],
    rate: RATE,
    only: ONLY.split(/[\s,]+/).filter((word) => word !== ''),
    seed: SEED,
  };
}
