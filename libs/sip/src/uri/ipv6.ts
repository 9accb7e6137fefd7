import { isHexDigits, parseDigits } from '../message/characters.ts';

/**
 * Is this an IPv6 address of RFC 4291 §2.2 (without zone)?
 * RFC 5118 §4.10: the grammar of RFC 3261 gives `:::` before an embedded IPv4 address, which has to
 * be tolerated there and nowhere else.
 */
export function isIpv6(text: string): boolean {
  const halves = withoutThirdColon(text).split('::');
  const [left = -1, right = -1] = halves.map((half) =>
    half === '' ? 0 : widthOf(half.split(':')),
  );
  return halves.length === 1
    ? left === 8
    : halves.length === 2 && left >= 0 && right >= 0 && left + right < 8;
}

/** The address as sockets know it: what {@link isIpv6} tolerates, corrected. */
export function withoutThirdColon(text: string): string {
  const third = text.indexOf(':::');
  return third >= 0 && isIpv4(text.slice(third + 3))
    ? text.slice(0, third) + text.slice(third + 1)
    : text;
}

/** The number of 16-bit groups, -1 when one of them is none. */
function widthOf(groups: readonly string[]): number {
  let width = 0;
  for (const [at, group] of groups.entries()) {
    if (group.length >= 1 && group.length <= 4 && isHexDigits(group)) {
      width += 1;
    } else if (at === groups.length - 1 && isIpv4(group)) {
      width += 2;
    } else {
      return -1;
    }
  }
  return width;
}

function isIpv4(text: string): boolean {
  const bytes = text.split('.');
  return (
    bytes.length === 4 &&
    bytes.every((byte) => byte.length <= 3 && parseDigits(byte) >= 0 && parseDigits(byte) <= 255)
  );
}
