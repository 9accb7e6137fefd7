import type { KafkaCredentials, KafkaSecurity } from './kafka-security.ts';

/** What decides what a failure of a connection means. */
export interface KafkaPlace {
  readonly brokers: readonly string[];
  readonly security?: KafkaSecurity | undefined;
}

/**
 * Where Kafka cannot be used since TLS or credentials are not what it asks for: what is wrong, where, and what to set.
 * Undefined for any other failure, such as a broker that is away.
 */
export function securityFault(error: unknown, place: KafkaPlace): string | undefined {
  const causes = causesOf(error);
  const { security = {} } = place;
  const at = `Kafka at ${causes.map(({ broker }) => broker).find(Boolean) ?? place.brokers.join(',')}`;
  const { sasl, tls } = security;
  for (const cause of causes) {
    const told = (sasl && refusedName(cause, sasl)) ?? (tls && refusedTls(cause));
    if (told !== undefined) return `${at} ${told}`;
  }
  if (!causes.some(({ message }) => CUT.test(message))) return undefined;
  if (tls !== undefined) {
    return `${at} ends the connection before TLS is agreed on, or right after: check that the port is one with TLS, and whether it asks for credentials (TANDEM_KAFKA_SASL) or a certificate (TANDEM_KAFKA_TLS_CERT_FILE)`;
  }
  if (sasl !== undefined) return undefined;
  return `${at} ends the connection: its listener may ask for TLS (TANDEM_KAFKA_TLS) or credentials (TANDEM_KAFKA_SASL)`;
}

function refusedName({ message }: Cause, sasl: KafkaCredentials): string | undefined {
  const { mechanism, passwordFile, username } = sasl;
  if (message.includes('mechanism is not supported')) {
    return `does not take ${mechanism}: set TANDEM_KAFKA_SASL to what its listener takes`;
  }
  if (!/^SASL .*(?:authentication|failed)/.test(message)) return undefined;
  return `refuses user ${username} by ${mechanism}: check TANDEM_KAFKA_USERNAME, and the password in ${passwordFile} (TANDEM_KAFKA_PASSWORD_FILE)`;
}

function refusedTls({ code = '', message }: Cause): string | undefined {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return "shows a certificate for another name: use a name that is in it in TANDEM_KAFKA_BROKERS and in the brokers' advertised.listeners";
  }
  if (UNTRUSTED.has(code)) {
    return `shows a certificate that is not trusted (${code}): name the file of its authority in TANDEM_KAFKA_TLS_CA_FILE`;
  }
  if (UNUSABLE.has(code)) {
    return `shows a certificate that is not valid now (${code}): renew it, or check the clock`;
  }
  if (/wrong version number|packet length too long/i.test(message)) {
    return 'does not speak TLS there: use the port of its listener with TLS, or set TANDEM_KAFKA_TLS=off';
  }
  if (/alert (?:certificate|bad certificate|unknown ca)/i.test(message)) {
    return 'asks for a certificate of ours, or does not trust it: set TANDEM_KAFKA_TLS_CERT_FILE and TANDEM_KAFKA_TLS_KEY_FILE';
  }
  return undefined;
}

const UNTRUSTED = new Set([
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
const UNUSABLE = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
const CUT = /^Closed connection|disconnected before secure TLS connection|ECONNRESET/;

interface Cause {
  readonly message: string;
  readonly code: string | undefined;
  readonly broker: string | undefined;
}

/** The failure and what it came of; KafkaJS wraps what it has tried several times. */
function causesOf(error: unknown): readonly Cause[] {
  const causes: Cause[] = [];
  for (let each = error; each instanceof Error && causes.length < 8; each = each.cause) {
    const { broker, code } = each as { readonly broker?: unknown; readonly code?: unknown };
    causes.push({
      message: each.message,
      code: typeof code === 'string' ? code : undefined,
      broker: typeof broker === 'string' ? broker : undefined,
    });
  }
  return causes;
}
