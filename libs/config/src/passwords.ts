import type { KeyObject } from 'node:crypto';
import type { Configuration } from './document.ts';
import { openSecret, sealSecret } from './secrets.ts';

/** What stands in place of a password wherever a configuration is shown. */
export const PASSWORD_MASK = '********';

/**
 * A copy of the configuration with each password replaced.
 * @param replace receives the password and whose it is: `phone 1001`, `mapping-gateway x`, `routing-gateway y`
 */
export function mapPasswords(
  configuration: Configuration,
  replace: (password: string, owner: string, path: string) => string,
): Configuration {
  return {
    ...configuration,
    phones: configuration.phones.map((phone, index) => ({
      ...phone,
      password: replace(
        phone.password,
        `phone ${phone.username}`,
        `phones[${String(index)}].password`,
      ),
    })),
    mappingGateways: configuration.mappingGateways.map((gateway, index) => {
      const { authentication } = gateway;
      if (authentication.mode !== 'password') return gateway;
      const path = `mappingGateways[${String(index)}].authentication.password`;
      const password = replace(authentication.password, `mapping-gateway ${gateway.name}`, path);
      return { ...gateway, authentication: { ...authentication, password } };
    }),
    routingGateways: configuration.routingGateways.map((gateway, index) => {
      if (gateway.password === undefined) return gateway;
      const path = `routingGateways[${String(index)}].password`;
      return {
        ...gateway,
        password: replace(gateway.password, `routing-gateway ${gateway.name}`, path),
      };
    }),
  };
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
