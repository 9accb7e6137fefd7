import { SipParseError } from '../message/parse-error.ts';
import { parseUri } from './sip-uri.ts';

const CONTEXT = 'phone-context';

/**
 * Whom a URI names, as received: the user part with the parameters in it, of a tel URI the number with its parameters. Escapes
 * are kept. Empty where the URI names no user or cannot be read.
 */
export function userOf(uri: string): string {
  try {
    const { scheme, user = '', params } = parseUri(uri);
    if (scheme === 'tel') return `${user}${params.toString()}`;
    // RFC 3966 §5.1.5 puts it before the "@"; some put it behind the host, and mean the same.
    const context = user === '' ? undefined : params.get(CONTEXT);
    return context === undefined ? user : `${user};${CONTEXT}=${context === true ? '' : context}`;
  } catch (error) {
    if (error instanceof SipParseError) return '';
    throw error;
  }
}
