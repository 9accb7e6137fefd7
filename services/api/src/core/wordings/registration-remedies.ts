/** What would change it that a REGISTER cannot be followed, by what is wrong in it. @param phone "phone 1001" */
export function remedyOfMalformed(fault: string, phone: string): string {
  return malformed.find(([says]) => says.test(fault))?.[1](phone) ?? otherwise(phone);
}

/** RFC 3261 §10.2, RFC 5626, RFC 5630: what each fault of a REGISTER asks for. */
const malformed: readonly (readonly [says: RegExp, change: (phone: string) => string])[] = [
  [/^a contact is no SIP URI/, (phone) => `Have ${phone} register a sip: or sips: address: see its contact or proxy settings.`],
  [/^Contact \*/, (phone) => `Have ${phone} send Contact * alone, with Expires: 0, to remove its registrations; to register it sends its address in place of the *.`],
  [/^more than \d+ contacts/, (phone) => `Have ${phone} register its own addresses alone, one with each REGISTER.`],
  [/characters/, (phone) => `Have ${phone}, or the proxy before it, send shorter addresses: see which of their parameters can be left out.`],
  [/over TLS or wss/, (phone) => `Set the transport of ${phone} to TLS, or have it register a sip: address in place of a sips: one.`],
  [/Path/, () => 'Correct the proxy between: it writes its address into Path (RFC 3327).'],
]; // prettier-ignore

function otherwise(phone: string): string {
  return `Correct the contact or proxy settings of ${phone}, or its software.`;
}
