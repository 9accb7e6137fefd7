/** `If-Match: "TAG"`; `*` is whatever it is. */
export function readTag(header: string | undefined): string | undefined {
  if (header === undefined || header === '*') return undefined;
  return /^(?:W\/)?"?([\w-]+)"?$/.exec(header.trim())?.[1] ?? header;
}
