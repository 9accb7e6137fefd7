/** As URIs and settings write them: an IPv6 address stands in brackets. */
export function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${String(port)}` : `${address}:${String(port)}`;
}
