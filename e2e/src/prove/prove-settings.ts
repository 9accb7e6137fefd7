import { readEnvironment } from '@tandem/config';
import { z } from 'zod';
import type { ClusterLayout } from '../cluster/cluster-plan.ts';
import {
  clusterFields,
  type ClusterMode,
  refuseLossAtFronts,
  wholeNumber,
} from '../cluster/cluster-settings.ts';

/** What `make prove` is asked for. */
export interface ProveSettings {
  readonly layout: ClusterLayout;
  readonly pods: number;
  readonly mode: ClusterMode;
  readonly lossPercent: number;
  /** How long calls are placed, seconds. */
  readonly seconds: number;
  /** Calls a second. */
  readonly rate: number;
  /** Seconds from one kill to the next. */
  readonly killEvery: number;
  readonly seed: number;
  /** Where the picture goes. */
  readonly picture: string;
}

const schema = z
  .object({
    ...clusterFields,
    DURATION: wholeNumber(1, 3600).default(60),
    RATE: wholeNumber(1, 1000).default(60),
    KILL_EVERY: wholeNumber(1, 600).default(3),
    SEED: wholeNumber(1, 999_999_999).default(1),
    PICTURE: z.string().default('docs/prove.svg'),
  })
  .superRefine(refuseLossAtFronts);

/** @throws ConfigurationError naming every mistake */
export function readProveSettings(env: NodeJS.ProcessEnv): ProveSettings {
  const values = readEnvironment(schema, env);
  return {
    layout: values.SHAPE,
    pods: values.PODS,
    mode: values.MODE,
    lossPercent: values.LOSS,
    seconds: values.DURATION,
    rate: values.RATE,
    killEvery: values.KILL_EVERY,
    seed: values.SEED,
    picture: values.PICTURE,
  };
}
