import type { AddressTest } from '@tandem/proto/edge';
import type { ListCheckTargetsResponse, ResolvedName } from '@tandem/proto/health';

/** What a test of one address has found (OPS-04). */
export interface AddressFinding {
  readonly transport: string;
  readonly address: string;
  readonly sent: number;
  readonly answered: number;
  /** Undefined where nobody has answered. */
  readonly roundTripMs: { readonly least: number; readonly mean: number; readonly most: number } | undefined; // prettier-ignore
  /** "200 OK". */
  readonly lastAnswer: string;
  /** Who answered, where that is another than was asked. */
  readonly answeredFrom: readonly string[];
  readonly isGood: boolean;
  /** What it means, without a full stop. */
  readonly text: string;
}

export function addressFinding({
  address,
  network,
  outcomes,
  transport,
}: AddressTest): AddressFinding {
  const answers = outcomes.filter(({ code }) => code > 0);
  const times = answers.map(({ rttMs }) => rttMs);
  const last = answers.at(-1);
  const others = [...new Set(answers.map(({ source }) => source))].filter((each) => each !== address); // prettier-ignore
  const sent = outcomes.length;
  const mean = Math.round(times.reduce((sum, each) => sum + each, 0) / Math.max(times.length, 1));
  return {
    transport,
    address,
    sent,
    answered: answers.length,
    roundTripMs:
      times.length === 0
        ? undefined
        : { least: Math.min(...times), mean, most: Math.max(...times) },
    lastAnswer: last === undefined ? '' : `${String(last.code)} ${last.reason}`.trimEnd(),
    answeredFrom: others,
    isGood: answers.length === sent && others.length === 0 && last?.code !== 503,
    text: textOf({
      outcomes,
      network,
      sent,
      answered: answers.length,
      others,
      code: last?.code ?? 0,
    }),
  };
}

/** Why there is nothing that could be asked; undefined where there is something. */
export function nothingToAsk({
  addresses,
  isDynamic,
  names,
}: ListCheckTargetsResponse): string | undefined {
  if (addresses.length > 0) return undefined;
  if (isDynamic) return 'it registers here, and is where its registration says (tandem registrations --kind gateway)'; // prettier-ignore
  const failures = names.map(nameText).join('; ');
  return failures === '' ? 'it has no address' : failures;
}

/** What a name stands for, or why for nothing. */
export function nameText({ addresses, failure, isStale, name, records }: ResolvedName): string {
  if (addresses.length === 0) return `${name} has no address: ${failure}`;
  const found = `${name} is ${addresses.join(', ')} (${records.join(', ')})`;
  return isStale ? `${found}; the records have run out, and no newer ones came: ${failure}` : found;
}

function textOf(found: {
  readonly outcomes: AddressTest['outcomes'];
  readonly network: string;
  readonly sent: number;
  readonly answered: number;
  readonly others: readonly string[];
  readonly code: number;
}): string {
  const { answered, code, network, others, outcomes, sent } = found;
  if (answered === 0) {
    const failure = outcomes.at(-1)?.failure ?? 'it was not asked';
    return network === '' ? failure : `${failure}; ${network}`;
  }
  const parts = [answered === sent ? 'it answers' : `${String(sent - answered)} of ${String(sent)} were lost, or their answers`]; // prettier-ignore
  if (others.length > 0) {
    parts.push(
      `answers come from ${others.join(', ')}, another address than was asked: list that one in the addresses of the gateway, or in those of the mapping gateway that its calls come by`,
    );
  }
  if (code === 503) parts.push('it says that it takes no calls');
  if (code === 408) parts.push('what stands behind it does not answer');
  return parts.join('; ');
}
