import { ConfigurationError, parseNetwork, parsedText, readEnvironment } from '@tandem/config';
import { z } from 'zod';
import type { OpenIdSettings } from './adapters/openid-provider.ts';
import type { GroupRoles } from './core/operators/openid-identity.ts';
import { roles } from './core/operators/roles.ts';
import type { SignInSettings } from './sign-ins.ts';

/** How operators come in (OPS-12). */
export interface OperatorSettings {
  /** How browsers reach the API. @default where it listens */
  readonly publicUrl?: string | undefined;
  /** Proxies whose X-Forwarded-For counts. @default none */
  readonly proxies?: readonly string[] | undefined;
  /** Of a user, to each pod. @default 6000 */
  readonly requestsPerMinute?: number | undefined;
  /** @default `signInDefaults` */
  readonly signIns?: Partial<SignInSettings> | undefined;
  /** @default none */
  readonly openId?: OpenIdSettings | undefined;
}

const MINUTE_MS = 60_000;

const whole = (least: number, most: number, fallback: number) =>
  z.coerce
    .number(`write a whole number from ${String(least)} to ${String(most)}`)
    .int('write a whole number')
    .min(least, `write ${String(least)} to ${String(most)}`)
    .max(most, `write ${String(least)} to ${String(most)}`)
    .default(fallback);

const webUrl = (text: string): string | undefined =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text : undefined;

const schema = z.object({
  TANDEM_API_URL: parsedText(webUrl, 'a URL such as https://tandem.example.com').optional(),
  TANDEM_API_PROXIES: parsedText(networks, 'addresses and blocks, such as 10.0.0.0/8').optional(),
  TANDEM_API_REQUESTS_PER_MINUTE: whole(60, 1_000_000, 6000),
  TANDEM_SESSION_IDLE_MINUTES: whole(5, 720, 60),
  TANDEM_SIGN_IN_FAILURES: whole(3, 20, 5),
  TANDEM_SIGN_IN_LOCK_MINUTES: whole(1, 1440, 15),
  TANDEM_PASSWORD_LENGTH: whole(8, 64, 12),
  TANDEM_OPENID_ISSUER: parsedText(webUrl, 'a URL such as https://id.example.com').optional(),
  TANDEM_OPENID_CLIENT_ID: z.string().optional(),
  TANDEM_OPENID_CLIENT_SECRET_FILE: z.string().optional(),
  TANDEM_OPENID_TITLE: z.string().max(60).default('OpenID Connect'),
  TANDEM_OPENID_GROUPS_CLAIM: z.string().default('groups'),
  TANDEM_OPENID_ROLES: parsedText(
    groupRoles,
    `group=role with commas, such as noc=operator; roles are ${roles.join(', ')}`,
  ).optional(),
});

/**
 * Reads how operators come in.
 * @throws ConfigurationError naming every mistake
 */
export function readOperatorSettings(env: NodeJS.ProcessEnv): OperatorSettings {
  const values = readEnvironment(schema, env);
  return {
    publicUrl: values.TANDEM_API_URL,
    proxies: values.TANDEM_API_PROXIES,
    requestsPerMinute: values.TANDEM_API_REQUESTS_PER_MINUTE,
    signIns: {
      idleMs: values.TANDEM_SESSION_IDLE_MINUTES * MINUTE_MS,
      failures: values.TANDEM_SIGN_IN_FAILURES,
      lockMs: values.TANDEM_SIGN_IN_LOCK_MINUTES * MINUTE_MS,
      passwordLength: values.TANDEM_PASSWORD_LENGTH,
    },
    openId: openIdOf(values),
  };
}

function openIdOf(values: z.output<typeof schema>): OpenIdSettings | undefined {
  const { TANDEM_OPENID_CLIENT_ID: clientId, TANDEM_OPENID_ISSUER: issuer } = values;
  if (issuer === undefined) return undefined;
  if (clientId === undefined) {
    const message = 'is not set, and TANDEM_OPENID_ISSUER is: say what the switch is called there';
    throw new ConfigurationError([{ path: 'TANDEM_OPENID_CLIENT_ID', message }]);
  }
  return {
    issuer,
    clientId,
    clientSecretFile: values.TANDEM_OPENID_CLIENT_SECRET_FILE,
    title: values.TANDEM_OPENID_TITLE,
    groupsClaim: values.TANDEM_OPENID_GROUPS_CLAIM,
    groupRoles: values.TANDEM_OPENID_ROLES ?? [],
  };
}

function networks(text: string): string[] | undefined {
  const parts = text.split(',').map((part) => part.trim());
  return parts.every((part) => typeof parseNetwork(part) !== 'string') ? parts : undefined;
}

/** Names of groups may hold `=` and commas, such as those of a directory: what ends in `=` and a role is whole. */
function groupRoles(text: string): GroupRoles | undefined {
  const pairs: { readonly group: string; readonly role: (typeof roles)[number] }[] = [];
  let begun = '';
  for (const part of text.split(',')) {
    const pair = begun === '' ? part : `${begun},${part}`;
    const at = pair.lastIndexOf('=');
    const role = roles.find((each) => each === pair.slice(at + 1).trim());
    const group = pair.slice(0, Math.max(at, 0)).trim();
    begun = role === undefined || group === '' ? pair : '';
    if (begun === '' && role !== undefined) pairs.push({ group, role });
  }
  return begun === '' && pairs.length > 0 ? pairs : undefined;
}
