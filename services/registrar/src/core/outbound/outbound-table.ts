import { parseHostPort, readParameters } from '@tandem/config';
import type { ParameterValues, SlimConfiguration, SlimRoutingGateway } from '@tandem/config';
import type { OutboundSettings } from '@tandem/proto/outbound';

/** The registrations with carriers of one version of the configuration. */
export interface OutboundTable {
  readonly version: number;
  /** By gateway. */
  readonly settings: ReadonlyMap<string, OutboundSettings>;
}

export function outboundTable(configuration: SlimConfiguration, version: number): OutboundTable {
  const parameters = readParameters(configuration.parameters);
  const settings = new Map<string, OutboundSettings>();
  for (const gateway of configuration.routingGateways) {
    const { name, registration } = gateway;
    if (registration === undefined) continue;
    settings.set(name, settingsOf(gateway, registration, parameters));
  }
  return { version, settings };
}

type Registration = NonNullable<SlimRoutingGateway['registration']>;

/** REG-08: what the registration does not say is the gateway's, or the parameter's of the same meaning. */
function settingsOf(
  gateway: SlimRoutingGateway,
  registration: Registration,
  parameters: ParameterValues,
): OutboundSettings {
  const { localAddress } = gateway;
  const registrars =
    registration.registrar === undefined ? gateway.addresses : [registration.registrar];
  const { username = '', password = '' } =
    registration.username === undefined ? gateway : registration;
  const user = registration.user ?? username;
  const expires = registration.expires ?? parameters.SS_SIP_USER_AGENT_EXPIRE;
  return {
    gateway: gateway.name,
    registrars: [...registrars],
    transport: registration.transport ?? gateway.transport,
    user,
    domain: registration.domain ?? hostOf(registrars),
    username,
    sealedPassword: password,
    contactUser: registration.contactUser ?? user,
    expires: expires === 'auto' ? 0 : expires,
    retrySeconds: registration.retryDelay ?? parameters.SS_SIP_USER_AGENT_RETRY_DELAY,
    local: localAddress === 'auto' ? '' : localAddress,
    certificate: certificateOf(gateway),
    clearsFirst: parameters.SS_SIP_USER_AGENT_SEND_UNREGISTER,
  };
}

function certificateOf({ certificate }: SlimRoutingGateway): string | undefined {
  return certificate?.check === 'none' ? '' : certificate?.name;
}

/** Without the port; IPv6 in brackets, as in a URI. */
function hostOf([text = '']: readonly string[]): string {
  const place = parseHostPort(text, 0);
  if (typeof place === 'string') return text;
  return place.host.includes(':') ? `[${place.host}]` : place.host;
}
