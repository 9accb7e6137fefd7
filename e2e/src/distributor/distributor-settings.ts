import { parsedText, parseHostPort, readEnvironment } from '@tandem/config';
import { type LinkEndpoint, parseEndpoint } from '@tandem/pod-link';
import { z } from 'zod';

/** A pod as the distributor knows it. */
export interface DistributedPod {
  /** Where it takes datagrams of gates: its TANDEM_POD_LISTEN. */
  readonly link: LinkEndpoint;
  /** `host:port` of /readyz. */
  readonly admin: string;
}

/** How a distributor runs. */
export interface DistributorSettings {
  /** The public address, UDP and TCP. */
  readonly sip: LinkEndpoint;
  /** Where pods send what is to leave from the public address. */
  readonly link: LinkEndpoint;
  readonly pods: readonly DistributedPod[];
  readonly mode: 'random' | 'hash';
  /** Of the datagrams in either direction. */
  readonly lossPercent: number;
  readonly seed: number;
  readonly secretKeyFile: string;
}

const endpoint = parsedText(parseEndpoint, 'an IP address and a port, such as 127.0.0.1:5060');

const schema = z.object({
  TANDEM_SIP_LISTEN: endpoint,
  TANDEM_POD_LISTEN: endpoint,
  TANDEM_SECRET_KEY_FILE: z.string(),
  DISTRIBUTOR_PODS: parsedText(
    podsOf,
    'LINK=ADMIN for each pod, such as 127.0.0.1:7001=127.0.0.1:9001',
  ),
  DISTRIBUTOR_MODE: z.enum(['random', 'hash'], 'write random or hash').default('random'),
  DISTRIBUTOR_LOSS: z.coerce.number().min(0).max(100).default(0),
  DISTRIBUTOR_SEED: z.coerce.number().int().default(1),
});

/** @throws ConfigurationError naming every mistake */
export function readDistributorSettings(env: NodeJS.ProcessEnv): DistributorSettings {
  const values = readEnvironment(schema, env);
  return {
    sip: values.TANDEM_SIP_LISTEN,
    link: values.TANDEM_POD_LISTEN,
    pods: values.DISTRIBUTOR_PODS,
    mode: values.DISTRIBUTOR_MODE,
    lossPercent: values.DISTRIBUTOR_LOSS,
    seed: values.DISTRIBUTOR_SEED,
    secretKeyFile: values.TANDEM_SECRET_KEY_FILE,
  };
}

function podsOf(text: string): readonly DistributedPod[] | undefined {
  const pods = text.split(',').map(podOf);
  return pods.every((pod) => pod !== undefined) ? pods : undefined;
}

function podOf(text: string): DistributedPod | undefined {
  const [linkText = '', admin = ''] = text.split('=');
  const link = parseEndpoint(linkText);
  if (link === undefined || typeof parseHostPort(admin) === 'string') return undefined;
  return { link, admin };
}
