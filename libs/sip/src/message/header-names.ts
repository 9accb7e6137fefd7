// RFC 3261 §7.3.3 and §20, and the compact forms registered since by IANA.
const compactForms: Readonly<Record<string, string>> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  n: 'Identity-Info',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
};

const longForms = [
  ...['Accept', 'Accept-Encoding', 'Accept-Language', 'Alert-Info', 'Allow', 'Authorization'],
  ...['Authentication-Info', 'Call-Info', 'Content-Disposition', 'Content-Language', 'CSeq'],
  ...['Date', 'Diversion', 'Error-Info', 'Expires', 'Geolocation', 'History-Info', 'In-Reply-To'],
  ...['Join', 'Max-Forwards', 'MIME-Version', 'Min-Expires', 'Min-SE', 'Organization', 'Path'],
  ...['P-Access-Network-Info', 'P-Asserted-Identity', 'P-Charging-Vector', 'P-Preferred-Identity'],
  ...['Priority', 'Privacy', 'Proxy-Authenticate', 'Proxy-Authorization', 'Proxy-Require', 'RAck'],
  ...['Reason', 'Record-Route', 'Replaces', 'Reply-To', 'Require', 'Retry-After', 'Route', 'RSeq'],
  ...['Remote-Party-ID', 'Server', 'Service-Route', 'Subscription-State', 'Timestamp'],
  ...['Unsupported', 'User-Agent', 'Warning', 'WWW-Authenticate', 'X-Forwarded-For'],
];

const keys = new Map<string, string>();
for (const [compact, long] of Object.entries(compactForms)) {
  const key = long.toLowerCase();
  for (const form of [compact, compact.toUpperCase(), long, key, long.toUpperCase()]) {
    keys.set(form, key);
  }
}
for (const long of longForms) {
  const key = long.toLowerCase();
  for (const form of [long, key, long.toUpperCase()]) {
    keys.set(form, key);
  }
}

/**
 * The key under which a header is found when it is a known one in a usual spelling.
 * Undefined says nothing about the name: it may still be a header, in other letters or unknown.
 */
export function knownHeaderKey(name: string): string | undefined {
  return keys.get(name);
}

/** The key under which a header is found: long form, lower case. */
export function headerKey(name: string): string {
  const known = keys.get(name);
  if (known !== undefined) {
    return known;
  }
  const lower = name.toLowerCase();
  return keys.get(lower) ?? lower;
}
