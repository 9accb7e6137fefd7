import { formatHostPort, parseAddress } from '@tandem/config';
import type { LocatedBinding } from '@tandem/proto/registrar';
import type { Target } from '@tandem/proto/routing';
import { bareHost, parseNameAddr, parseUri, SipParseError } from '@tandem/sip';
import { isHeld } from './binding.ts';
import type { Binding } from './binding.ts';

/** Where a phone is called: the binding with the highest q first, then the one that was heard last. */
export function locate(bindings: readonly Binding[], nowMs: number): LocatedBinding[] {
  return bindings
    .filter((binding) => isHeld(binding, nowMs))
    .toSorted((a, b) => b.q - a.q || b.refreshedMs - a.refreshedMs)
    .map((binding) => {
      const { q, contact, source } = binding;
      return { target: targetOf(binding), q, contact, source };
    });
}

/**
 * The Request-URI is the client's own; the message goes where the REGISTER came from, which is the client, or what stands before
 * it (REG-04), or to the first proxy of the Path (RFC 3327 §5.3).
 */
function targetOf(binding: Binding): Target {
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
