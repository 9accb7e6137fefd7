/** What the switch says when it is ready: how to try it, and one line for programs. */
export function readyText(parts: {
  readonly sip: string;
  readonly api: string;
  readonly tokenFile: string;
  /** A link that is good once. */
  readonly signIn: string;
  readonly dataDir: string;
}): string {
  const { sip, api, tokenFile, signIn, dataDir } = parts;
  return `
Tandem takes calls.

  Console  ${api}/
  SIP      udp:${sip}
  API      ${api}/api/v1/openapi.json
  Token    ${tokenFile}
  Sign in  ${signIn}
           (once, within 15 minutes; npx tandem sign-in --link makes another)

Try a call with SIPp, a carrier in one terminal, a phone in another:

  sipp -sf examples/sipp/carrier.xml -i 127.0.0.1 -p 5070
  sipp -sf examples/sipp/phone.xml ${sip} -i 127.0.0.1 -p 5077 -s 442079460000 -au 1001 -ap tandem-demo -m 1

Then look at it:

  npx tandem cdrs
  npx tandem accounts

tandem ready sip=udp:${sip} api=${api} data=${dataDir}
`;
}
