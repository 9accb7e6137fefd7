/** A routing gateway, or a phone or mapping gateway that is called in its place, in the words of decisions. */
export function gatewaySubject(name: string): string {
  // Names of gateways have no blank.
  return name.includes(' ') ? name : `routing-gateway ${name}`;
}
