import { readEnvironment } from '@tandem/config';
import { z } from 'zod';

/** What `make prove` is asked for. */
export interface ProveSettings {
  readonly pods: number;
  readonly mode: 'random' | 'hash' | 'front';
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

const whole = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `write a whole number from 1 to ${String(most)}`)
    .transform(Number)
    .refine(
      (value) => value >= 1 && value <= most,
      `write a whole number from 1 to ${String(most)}`,
    );

const schema = z.object({
  PODS: whole(32).default(3),
  MODE: z.enum(['random', 'hash', 'front'], 'write random, hash or front').default('random'),
  LOSS: z
    .string()
    .regex(/^\d{1,2}(\.\d+)?$/, 'write a percentage, such as 2')
    .transform(Number)
    .default(0),
  DURATION: whole(3600).default(60),
  RATE: whole(1000).default(60),
  KILL_EVERY: whole(600).default(3),
  SEED: whole(999_999_999).default(1),
  PICTURE: z.string().default('docs/prove.svg'),
});

/** @throws ConfigurationError naming every mistake */
export function readProveSettings(env: NodeJS.ProcessEnv): ProveSettings {
  const values = readEnvironment(schema, env);
  return {
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
