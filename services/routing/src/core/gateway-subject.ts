const PHONE = 'phone ';

/** A gateway, or a phone that stands in its place, in the words of decisions. */
export function gatewaySubject(name: string): string {
  // Names of gateways have no blank.
  return name.startsWith(PHONE) ? name : `routing-gateway ${name}`;
}
