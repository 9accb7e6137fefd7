import { readFile } from 'node:fs/promises';
import { SwitchError } from '@tandem/domain';
import type * as OpenIdClient from 'openid-client';
import type { GroupRoles, OpenIdIdentity } from '../core/operators/openid-identity.ts';

/** A provider of OpenID Connect, and what the switch is there. */
export interface OpenIdSettings {
  /** Such as https://id.example.com; plain http on this machine alone. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecretFile: string | undefined;
  /** What the button says. */
  readonly title: string;
  /** The claim that holds the groups. */
  readonly groupsClaim: string;
  readonly groupRoles: GroupRoles;
}

/** What has to be remembered between going to the provider and coming back. */
export interface OpenIdState {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
}

/** A provider of OpenID Connect: authorization code with PKCE. */
export interface OpenIdPort {
  readonly title: string;
  readonly groupRoles: GroupRoles;
  /** @throws SwitchError SWITCH_SERVICE_UNAVAILABLE */
  start(redirectUri: string): Promise<{ readonly url: string; readonly state: OpenIdState }>;
  /**
   * @param current where the browser has come back to
   * @returns undefined where the provider did not prove anybody; `why` says what is wrong
   */
  finish(
    current: URL,
    state: OpenIdState,
  ): Promise<
    | { readonly kind: 'proved'; readonly identity: OpenIdIdentity }
    | { readonly kind: 'failed'; readonly why: string }
  >;
}

/** Talks to a provider; what it says of itself is asked at the first sign-in, and kept. */
export function openOpenIdProvider(settings: OpenIdSettings): OpenIdPort {
  let found: Promise<Discovered> | undefined;
  const configuration = async (): Promise<Discovered> => {
    found ??= discover(settings);
    try {
      return await found;
    } catch (cause) {
      found = undefined;
      const text = `the OpenID provider ${settings.issuer} does not answer`;
      throw new SwitchError('SWITCH_SERVICE_UNAVAILABLE', text, { cause });
    }
  };
  return {
    title: settings.title,
    groupRoles: settings.groupRoles,
    start: async (redirectUri) => {
      const { client, config } = await configuration();
      const verifier = client.randomPKCECodeVerifier();
      const state = client.randomState();
      const nonce = client.randomNonce();
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'openid profile email',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      return { url: url.href, state: { verifier, state, nonce } };
    },
    finish: async (current, { nonce, state, verifier }) => {
      const { client, config } = await configuration();
      try {
        const tokens = await client.authorizationCodeGrant(config, current, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) return { kind: 'failed', why: 'the provider sent no ID token' };
        // Much of what is said of somebody stands there alone.
        const isTold = config.serverMetadata().userinfo_endpoint !== undefined;
        const info = isTold
          ? await client.fetchUserInfo(config, tokens.access_token, claims.sub)
          : {};
        const said = { ...claims, ...info };
        return { kind: 'proved', identity: identityOf(said, claims.sub, settings.groupsClaim) };
      } catch (error) {
        return { kind: 'failed', why: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

interface Discovered {
  readonly client: typeof OpenIdClient;
  readonly config: OpenIdClient.Configuration;
}

/** The library is loaded where there is a provider: others start sooner. */
async function discover(settings: OpenIdSettings): Promise<Discovered> {
  const client = await import('openid-client');
  const { clientId, clientSecretFile, issuer } = settings;
  const secret =
    clientSecretFile === undefined ? undefined : (await readFile(clientSecretFile, 'utf8')).trim();
  const url = new URL(issuer);
  const isHere = url.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname); // prettier-ignore
  const config = await client.discovery(
    url,
    clientId,
    secret,
    secret === undefined ? client.None() : client.ClientSecretBasic(secret),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- on this machine alone, as the library means it
    { timeout: 10, ...(isHere ? { execute: [client.allowInsecureRequests] } : {}) },
  );
  return { client, config };
}

function identityOf(
  said: Readonly<Record<string, unknown>>,
  subject: string,
  groupsClaim: string,
): OpenIdIdentity {
  const text = (name: string): string => {
    const value = said[name];
    return typeof value === 'string' ? value : '';
  };
  const groups = said[groupsClaim];
  const email = text('email');
  return {
    subject,
    username: text('preferred_username') || email || subject,
    displayName: text('name'),
    email,
    groups: Array.isArray(groups) ? groups.filter((each) => typeof each === 'string') : [],
  };
}
