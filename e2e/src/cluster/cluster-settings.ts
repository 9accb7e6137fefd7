import { isIP } from 'node:net';
import { parseHostPort, readEnvironment, settings } from '@tandem/config';
import { z } from 'zod';

/** How packets reach the edges: by a distributor, at random or by the sender's address, or by two fronts (edge.md §3). */
export type ClusterMode = 'random' | 'hash' | 'front';

/** What `make cluster` is asked for. */
export interface ClusterSettings {
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

const schema = z
  .object({
    PODS: numberText(/^\d{1,3}$/, [1, MOST_PODS], 'a whole number').default(3),
    LOSS: numberText(/^\d{1,2}(\.\d+)?$/, [0, MOST_LOSS], 'a percentage').default(0),
    MODE: z.enum(['random', 'hash', 'front'], 'write random, hash or front').default('random'),
    TANDEM_SIP_LISTEN: sipText().default('127.0.0.1:5060'),
    TANDEM_API_LISTEN: settings.listen.default('127.0.0.1:8080'),
    TANDEM_DATA_DIR: z.string().default('.tandem'),
  })
  .superRefine(({ MODE, LOSS }, context) => {
    if (MODE !== 'front' || LOSS === 0) return;
    const message = 'fronts own the address themselves: write 0, or MODE=random or hash';
    context.addIssue({ code: 'custom', path: ['LOSS'], message });
  });

/**
 * Reads PODS, LOSS, MODE and the variables that `make run` has as well.
 * @throws ConfigurationError naming every mistake
 */
export function readClusterSettings(env: NodeJS.ProcessEnv): ClusterSettings {
  const values = readEnvironment(schema, env);
  return {
    pods: values.PODS,
    mode: values.MODE,
    lossPercent: values.LOSS,
    sip: values.TANDEM_SIP_LISTEN,
    api: values.TANDEM_API_LISTEN,
    dataDir: values.TANDEM_DATA_DIR,
  };
}

function numberText(shape: RegExp, [least, most]: readonly [number, number], what: string) {
  return z.string().transform((text, context) => {
    const value = Number(text);
    if (shape.test(text) && value >= least && value <= most) return value;
    const message = `write ${what} from ${String(least)} to ${String(most)}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

/** The cluster listens by UDP and TCP alike, so a transport before the address says nothing more. */
function sipText() {
  return z.string().transform((text, context) => {
    const address = text.replace(/^(udp|tcp):/, '');
    const parsed = parseHostPort(address, 5060);
    if (typeof parsed !== 'string' && isIP(parsed.host) === 4 && parsed.port !== 0) {
      return `${parsed.host}:${String(parsed.port)}`;
    }
    const message = 'write an IPv4 address and a port, such as 127.0.0.1:5060';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}
