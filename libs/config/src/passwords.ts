import type { KeyObject } from 'node:crypto';
import type { Configuration, Phone, RoutingGateway } from './document.ts';
import { openSecret, sealSecret } from './secrets.ts';

/** What stands in place of a password wherever a configuration is shown. */
export const PASSWORD_MASK = '********';

/**
 * A copy of the configuration with each password replaced; entries whose passwords stay are the same ones.
 * @param replace receives the password and whose it is: `phone 1001`, `mapping-gateway x`, `routing-gateway y`
 */
export function mapPasswords(configuration: Configuration, replace: Replace): Configuration {
  return {
    ...configuration,
    phones: configuration.phones.map((phone, index) => {
      const { password, previousPassword, username } = phone;
      if (password === undefined) return phone;
      const path = `phones[${String(index)}]`;
      const replaced = ofDigest({ password, previousPassword }, `phone ${username}`, {
        path,
        replace,
      });
      return isSame(phone, replaced) ? phone : { ...phone, ...replaced };
    }),
    mappingGateways: configuration.mappingGateways.map((gateway, index) => {
      const { authentication } = gateway;
      if (authentication.mode !== 'password') return gateway;
      const path = `mappingGateways[${String(index)}].authentication`;
      const replaced = ofDigest(authentication, `mapping-gateway ${gateway.name}`, {
        path,
        replace,
      });
      if (isSame(authentication, replaced)) return gateway;
      return { ...gateway, authentication: { ...authentication, ...replaced } };
    }),
    routingGateways: configuration.routingGateways.map((gateway, index) => {
      const { name, password, registration } = gateway;
      const path = `routingGateways[${String(index)}]`;
      const own = password && {
        password: replace(password, `routing-gateway ${name}`, `${path}.password`),
      };
      const other = registration?.password && {
        registration: {
          ...registration,
          password: replace(
            registration.password,
            `registration of routing-gateway ${name}`,
            `${path}.registration.password`,
          ),
        },
      };
      const changed: SlimPasswords = { ...gateway, ...own, ...other };
      const isSameGateway =
        changed.password === password && changed.registration?.password === registration?.password;
      return isSameGateway ? gateway : { ...gateway, ...own, ...other };
    }),
  };
}

type SlimPasswords = Pick<RoutingGateway, 'password' | 'registration'>;

type Replace = (password: string, owner: string, path: string) => string;

type Digest = Pick<Phone, 'previousPassword'> & { readonly password: string };

function ofDigest(
  { password, previousPassword: previous }: Digest,
  owner: string,
  { path, replace }: { readonly path: string; readonly replace: Replace },
): Digest {
  const replaced = replace(password, owner, `${path}.password`);
  if (previous === undefined) return { password: replaced };
  const before = `${path}.previousPassword.password`;
  return {
    password: replaced,
    previousPassword: {
      ...previous,
      password: replace(previous.password, `${owner} (previous)`, before),
    },
  };
}

function isSame(one: Pick<Phone, 'password' | 'previousPassword'>, other: Digest): boolean {
  return (
    one.password === other.password &&
    one.previousPassword?.password === other.previousPassword?.password
  );
}

/** Every password encrypted, as the store keeps it. */
export function sealPasswords(
  configuration: Configuration,
  key: KeyObject | Uint8Array,
): Configuration {
  return mapPasswords(configuration, (password) => sealSecret(key, password));
}

/**
 * Every password readable, as a service that must compute with it needs it. The result must not be logged or shown.
 * @throws SwitchError SWITCH_SECRET_INVALID where the store was sealed with another key
 */
export function openPasswords(
  configuration: Configuration,
  key: KeyObject | Uint8Array,
): Configuration {
  return mapPasswords(configuration, (password) => openSecret(key, password));
}

/** Every password hidden, as the API shows it. */
export function maskPasswords(configuration: Configuration): Configuration {
  return mapPasswords(configuration, () => PASSWORD_MASK);
}
