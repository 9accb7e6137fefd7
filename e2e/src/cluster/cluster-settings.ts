import { isIP } from 'node:net';
import { parsedText, parseHostPort, readEnvironment, settings } from '@tandem/config';
import { z } from 'zod';
import type { ClusterLayout } from './cluster-plan.ts';

/** How packets reach the edges: by a distributor, at random or by the sender's address, or by two fronts (edge.md §3). */
export type ClusterMode = 'random' | 'hash' | 'front';

type NumberSetting = ReturnType<typeof parsedText<number>>;

/** What `make cluster` is asked for. */
export interface ClusterSettings {
  readonly layout: ClusterLayout;
  readonly pods: number;
  readonly mode: ClusterMode;
  /** Percent of the datagrams that the distributor drops, in either direction. */
  readonly lossPercent: number;
  /** `address:port`, for UDP and TCP. */
  readonly sip: string;
  /** `address:port`. */
  readonly api: string;
  readonly dataDir: string;
}

const MOST_PODS = 32;
const MOST_LOSS = 50;

/** The variables that say what a cluster is like. */
export const clusterFields = {
  SHAPE: z.enum(['split', 'pod'], 'write split or pod').default('split'),
  PODS: wholeNumber(1, MOST_PODS).default(3),
  LOSS: numberText(/^\d{1,2}(\.\d+)?$/, [0, MOST_LOSS], 'a percentage').default(0),
  MODE: z.enum(['random', 'hash', 'front'], 'write random, hash or front').default('random'),
};

const schema = z
  .object({
    ...clusterFields,
    TANDEM_SIP_LISTEN: parsedText(
      sipAddress,
      'an IPv4 address and a port, such as 127.0.0.1:5060',
    ).default('127.0.0.1:5060'),
    TANDEM_API_LISTEN: settings.listen.default('127.0.0.1:8080'),
    TANDEM_DATA_DIR: z.string().default('.tandem'),
  })
  .superRefine(refuseLossAtFronts);

/**
 * Reads SHAPE, PODS, LOSS, MODE and the variables that `make run` has as well.
 * @throws ConfigurationError naming every mistake
 */
export function readClusterSettings(env: NodeJS.ProcessEnv): ClusterSettings {
  const values = readEnvironment(schema, env);
  return {
    layout: values.SHAPE,
    pods: values.PODS,
    mode: values.MODE,
    lossPercent: values.LOSS,
    sip: values.TANDEM_SIP_LISTEN,
    api: values.TANDEM_API_LISTEN,
    dataDir: values.TANDEM_DATA_DIR,
  };
}

/** A setting that is a whole number of at most nine digits. */
export function wholeNumber(least: number, most: number): NumberSetting {
  return numberText(/^\d{1,9}$/, [least, most], 'a whole number');
}

/** What neither variable shows alone; for the `superRefine` of a schema with `clusterFields`. */
export function refuseLossAtFronts(
  { MODE, LOSS }: { readonly MODE: ClusterMode; readonly LOSS: number },
  context: z.RefinementCtx,
): void {
  if (MODE !== 'front' || LOSS === 0) return;
  const message = 'fronts own the address themselves: write 0, or MODE=random or hash';
  context.addIssue({ code: 'custom', path: ['LOSS'], message });
}

function numberText(
  shape: RegExp,
  [least, most]: readonly [number, number],
  what: string,
): NumberSetting {
  const read = (text: string): number | undefined => {
    const value = Number(text);
    return shape.test(text) && value >= least && value <= most ? value : undefined;
  };
  return parsedText(read, `${what} from ${String(least)} to ${String(most)}`);
}

/** The cluster listens by UDP and TCP alike, so a transport before the address says nothing more. */
function sipAddress(text: string): string | undefined {
  const parsed = parseHostPort(text.replace(/^(udp|tcp):/, ''), 5060);
  if (typeof parsed === 'string' || isIP(parsed.host) !== 4 || parsed.port === 0) return undefined;
  return `${parsed.host}:${String(parsed.port)}`;
}
