import { formatHostPort, parseAddress } from '@tandem/config';
import type { LocatedBinding } from '@tandem/proto/registrar';
import type { Target } from '@tandem/proto/routing';
import { bareHost, parseNameAddr, parseUri, SipParseError } from '@tandem/sip';
import { deviceOf, isHeld } from './binding.ts';
import type { Binding } from './binding.ts';

/**
 * Where a phone is called, device by device: the one with the highest q first, then the one that was heard last. Those with the same q
 * have the same rank. Of the flows of a device, of which one alone may be called at a time (RFC 5626 §5.3), the one that was heard
 * last comes first. One that does not answer keep-alives is tried all the same, after all others: what keeps those from it may let
 * an INVITE pass (REG-04).
 */
export function locate(bindings: readonly Binding[], nowMs: number): LocatedBinding[] {
  const flows = bindings
    .filter((binding) => isHeld(binding, nowMs))
    .toSorted(
      (a, b) => Number(a.isUnreachable) - Number(b.isUnreachable) || b.refreshedMs - a.refreshedMs,
    );
  const devices = [...Map.groupBy(flows, deviceOf).values()].toSorted(
    (a, b) => precedence(b) - precedence(a),
  );
  const ranks = [...new Set(devices.map(precedence))];
  return devices.flatMap((ways, device) => {
    const rank = ranks.indexOf(precedence(ways));
    return ways.map((binding) => {
      const { q, contact, source } = binding;
      return { target: { ...targetOf(binding), ...placeOf(device, rank) }, q, contact, source };
    });
  });
}

/** More than any q, which is kept in thousandths. */
const LAST = 1001;

/** The highest q of its flows; below any where none of them answers. */
function precedence(ways: readonly Binding[]): number {
  const q = Math.max(...ways.map((way) => way.q));
  return ways.every(({ isUnreachable }) => isUnreachable) ? q - LAST : q;
}

/** What is 0 is not told: that a phone is at one place costs nothing. */
function placeOf(device: number, rank: number): Pick<Target, 'device' | 'rank'> {
  return { ...(device > 0 && { device }), ...(rank > 0 && { rank }) };
}

/**
 * The Request-URI is the client's own; the message goes where the REGISTER came from, which is the client, or what stands before
 * it (REG-04), or to the first proxy of the Path (RFC 3327 §5.3).
 */
export function targetOf(binding: Binding): Target {
  const { contact, flow, local, path, source, transport } = binding;
  const address = addressOf(path[0]) ?? source;
  return {
    uri: contact,
    transport,
    addresses: [address],
    flow: address === source ? flow : '',
    path: [...path],
    local: local === '' ? undefined : local,
  };
}

/** A proxy that is named by anything else is where it was heard. */
function addressOf(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    const { host, port, scheme } = parseUri(parseNameAddr(path).uri);
    const bare = bareHost(host);
    if (parseAddress(bare) === undefined) return undefined;
    return formatHostPort({ host: bare, port: port ?? (scheme === 'sips' ? 5061 : 5060) });
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}
