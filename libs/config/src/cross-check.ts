import { atOnce, bareNumber, isCurrency, numberOfUsername } from '@tandem/domain';
import type { Steps } from '@tandem/domain';
import { checkAlarms } from './alarms/alarm-settings.ts';
import { entriesOf, entriesOfTexts, isBlock, namesOf, reportDuplicates } from './blocks.ts';
import type { Block, Entry, Report } from './blocks.ts';
import { dynamicOriginMistakes, gatewayTypeMistakes } from './dynamic-gateways.ts';
import { INTERNAL_CALLS } from './internal-calls.ts';
import { formatPath, type Mistake, type Path } from './mistake.ts';
import { formatHostPort, parseAddress, parseHostPort, parseNetwork } from './network.ts';
import { checkInvoicing } from './invoicing.ts';
import { checkNumbers } from './number-checks.ts';
import { optionsCheckMistakes } from './options-check.ts';
import { registrationMistakes } from './outbound-registration.ts';
import { parameters } from './parameters.ts';
import { phoneMistakes } from './phone-authentication.ts';
import { checkParameters } from './read-parameters.ts';
import { checkProfit } from './profit.ts';
import { checkReservedLines } from './reserved-lines.ts';
import { checkResellers } from './resellers.ts';
import { checkThrottles } from './throttle.ts';
import { checkAllowedGateways, checkRoutePolicies } from './route-policies.ts';
import { checkSchedules } from './schedules.ts';
import { didYouMean } from './suggest.ts';

/**
 * What no single field shows: names that do not exist, duplicates, contradictions. It reads the
 * document as written, with its mistakes of form, so that one pass names them all.
 */
export function crossCheck(document: unknown): Mistake[] {
  return atOnce(crossCheckInSteps(document));
}

/** The same, with a pause after each check. */
export function* crossCheckInSteps(document: unknown): Steps<Mistake[]> {
  if (!isBlock(document)) return [];
  const mistakes: Mistake[] = [];
  const report = (path: Path, message: string): void => {
    mistakes.push({ path: formatPath(path), message });
  };
  const checks = [
    checkNames,
    checkRates,
    checkAccounts,
    checkResellers,
    checkReferences,
    checkUsernames,
    checkPhones,
    checkExpiries,
    checkSources,
    checkDynamicGateways,
    checkRoutingGateways,
    checkOptionsChecks,
    checkSigning,
    checkCodeMaps,
    checkCallTypes,
    checkNumbers,
    checkRoutePolicies,
    checkReservedLines,
    checkThrottles,
    checkSchedules,
    checkProfit,
    checkInvoicing,
    checkAllowedGateways,
    checkAlarms,
  ];
  for (const check of checks) {
    check(document, report);
    yield;
  }
  const values = document['parameters'];
  if (isBlock(values)) mistakes.push(...checkParameters(values));
  return mistakes;
}

/** Transports over which a gateway shows a certificate. */
const certified: ReadonlySet<unknown> = new Set(['tls']);

function checkNames(document: Block, report: Report): void {
  const lists = ['rateGroups', 'accounts', 'mappingGateways', 'gatewayGroups', 'routingGateways'];
  for (const list of lists) {
    const entries = entriesOf(document, list);
    reportDuplicates(
      entries.map(({ path, block }) => ({ path: [...path, 'name'], value: block['name'] })),
      report,
    );
  }
}

function checkRates(document: Block, report: Report): void {
  for (const group of entriesOf(document, 'rateGroups')) {
    const rates = entriesOf(group.block, 'rates', group.path);
    if (group.block['sheet'] === true && rates.length > 0) {
      report(
        [...group.path, 'rates'],
        'must be empty, since sheet says that the rates are imported: take one of both out',
      );
    }
    checkTimesOfRates(rates, report);
  }
}

/** BILL-02: a prefix may have several rates, of which one is in effect at any time. */
function checkTimesOfRates(rates: readonly Entry[], report: Report): void {
  // A sheet may have a million prefixes, and most of them have one rate.
  const first = new Map<string, Entry>();
  const further = new Map<string, Entry[]>();
  for (const rate of rates) {
    const { path, block } = rate;
    const [from, until] = timesOf(block);
    if (until <= from) report([...path, 'effectiveUntil'], 'must be later than effectiveFrom');
    const { prefix } = block;
    if (typeof prefix !== 'string') continue;
    const key = bareNumber(prefix);
    const known = first.get(key);
    if (known === undefined) {
      first.set(key, rate);
      continue;
    }
    const others = further.get(key) ?? [known];
    const other = others.find((each) => isOverlapping(each.block, block));
    if (other !== undefined) {
      const place = formatPath([...other.path, 'prefix']);
      report(
        [...path, 'prefix'],
        from === -Infinity && until === Infinity
          ? `"${prefix}" is there already, at ${place}`
          : `"${prefix}" has another rate in effect at the same time, at ${place}: see effectiveFrom and effectiveUntil`,
      );
    }
    further.set(key, [...others, rate]);
  }
}

function isOverlapping(one: Block, other: Block): boolean {
  const [from, until] = timesOf(one);
  const [otherFrom, otherUntil] = timesOf(other);
  return from < otherUntil && otherFrom < until;
}

function timesOf({ effectiveFrom, effectiveUntil }: Block): readonly [from: number, until: number] {
  const from = typeof effectiveFrom === 'string' ? Date.parse(effectiveFrom) : -Infinity;
  const until = typeof effectiveUntil === 'string' ? Date.parse(effectiveUntil) : Infinity;
  return [from, until];
}

function checkAccounts(document: Block, report: Report): void {
  const currencies = new Map<unknown, unknown>();
  for (const { block } of entriesOf(document, 'rateGroups')) {
    currencies.set(block['name'], block['currency']);
  }
  for (const list of ['rateGroups', 'accounts']) {
    for (const { path, block } of entriesOf(document, list)) {
      checkCurrency([...path, 'currency'], block['currency'], report);
    }
  }
  for (const { path, block } of entriesOf(document, 'accounts')) {
    const rateGroup = block['rateGroup'];
    if (rateGroup === undefined && block['type'] !== 'vendor') {
      report([...path, 'rateGroup'], 'is missing: a customer is charged by a rate group');
    }
    const own = typeof block['currency'] === 'string' ? block['currency'] : 'USD';
    const other = currencies.get(rateGroup);
    if (typeof other === 'string' && other !== own) {
      const group = String(rateGroup);
      report(
        [...path, 'currency'],
        `is ${own}, but rate group "${group}" has ${other}: both must have the same currency`,
      );
    }
  }
}

function checkCurrency(path: Path, currency: unknown, report: Report): void {
  // Of another form it is a mistake already.
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency) || isCurrency(currency)) return;
  report(path, `is ${currency}, which is no currency of ISO 4217`);
}

function checkReferences(document: Block, report: Report): void {
  const accounts = namesOf(document, 'accounts');
  const vendors = namesOf(document, 'accounts', 'vendor');
  const customers = namesOf(document, 'accounts', 'customer');
  const references: readonly {
    list: string;
    key: string;
    kind: string;
    names: ReadonlySet<string>;
    allNames?: ReadonlySet<string>;
  }[] = [
    {
      list: 'accounts',
      key: 'rateGroup',
      kind: 'rate group',
      names: namesOf(document, 'rateGroups'),
    },
    {
      list: 'phones',
      key: 'account',
      kind: 'customer account',
      names: customers,
      allNames: accounts,
    },
    {
      list: 'mappingGateways',
      key: 'account',
      kind: 'customer account',
      names: customers,
      allNames: accounts,
    },
    {
      list: 'routingGateways',
      key: 'account',
      kind: 'vendor account',
      names: vendors,
      allNames: accounts,
    },
    {
      list: 'routingGateways',
      key: 'group',
      kind: 'gateway group',
      names: namesOf(document, 'gatewayGroups'),
    },
  ];
  for (const { list, key, kind, names, allNames = names } of references) {
    for (const { path, block } of entriesOf(document, list)) {
      const name = block[key];
      if (typeof name !== 'string' || names.has(name)) continue;
      report(
        [...path, key],
        allNames.has(name)
          ? `names account "${name}", which is no ${kind}`
          : `names ${kind} "${name}", which does not exist${didYouMean(name, names)}`,
      );
    }
  }
}

/** A phone and a mapping gateway with one username could not be told apart. */
function checkUsernames(document: Block, report: Report): void {
  const phones = entriesOf(document, 'phones').map(({ path, block }) => ({
    path: [...path, 'username'],
    value: block['username'],
  }));
  const gateways = entriesOf(document, 'mappingGateways').flatMap(({ path, block }) => {
    const { mode, username = block['name'] } = authenticationOf(block);
    const at = [...path, 'authentication', 'username'];
    return mode === 'password' ? [{ path: at, value: username }] : [];
  });
  // One that calls in, too, is a mapping gateway, whose name stands above.
  const calling = new Set(
    entriesOf(document, 'mappingGateways').flatMap(({ block }) =>
      block['registration'] === undefined ? [] : [block['name']],
    ),
  );
  const dynamic = entriesOf(document, 'routingGateways').flatMap(({ path, block }) => {
    const isOwn = block['type'] === 'dynamic' && !calling.has(block['name']);
    return isOwn ? [{ path: [...path, 'name'], value: block['name'] }] : [];
  });
  reportDuplicates([...phones, ...gateways, ...dynamic], report, numberOfUsername);
}

function checkPhones(document: Block, report: Report): void {
  for (const { path, block } of entriesOf(document, 'phones')) {
    for (const [key, message] of phoneMistakes(block)) report([...path, key], message);
  }
}

/** REG-10: who registers has a name and one password, and no address. */
function checkDynamicGateways(document: Block, report: Report): void {
  const passwords = new Map<unknown, string>();
  for (const { path, block } of entriesOf(document, 'mappingGateways')) {
    for (const [at, message] of dynamicOriginMistakes(block)) report([...path, ...at], message);
    if (block['registration'] === undefined) continue;
    passwords.set(block['name'], formatPath([...path, 'authentication', 'password']));
  }
  for (const { path, block } of entriesOf(document, 'routingGateways')) {
    const mistakes = gatewayTypeMistakes(block, passwords.get(block['name']));
    for (const [at, message] of mistakes) report([...path, ...at], message);
  }
}

/** REG-01: there must be something between the shortest and the longest registration. */
function checkExpiries(document: Block, report: Report): void {
  const values = isBlock(document['parameters']) ? document['parameters'] : {};
  const { SS_ENDPOINT_EXPIRE_MIN: least, SS_ENDPOINT_EXPIRE_MAX: most } = parameters;
  const shared = {
    minExpires: values['SS_ENDPOINT_EXPIRE_MIN'] ?? least.default,
    maxExpires: values['SS_ENDPOINT_EXPIRE_MAX'] ?? most.default,
  };
  const check = (own: Block, path: Path): void => {
    const { minExpires, maxExpires }: Block = { ...shared, ...own };
    if (typeof minExpires !== 'number' || typeof maxExpires !== 'number') return;
    if (minExpires <= maxExpires) return;
    report(path, `the shortest time, ${String(minExpires)} s, is above the longest, ${String(maxExpires)} s`); // prettier-ignore
  };
  check({}, ['parameters', 'SS_ENDPOINT_EXPIRE_MIN']);
  const registering = ['phones', 'mappingGateways'].flatMap((list) => entriesOf(document, list));
  for (const { path, block } of registering) {
    const own = block['registration'];
    if (isBlock(own)) check(own, [...path, 'registration']);
  }
}

/** AUTH-01: a source address must lead to one mapping gateway. */
function checkSources(document: Block, report: Report): void {
  const sockets = authenticationsOf(document, 'ip-port').flatMap(({ path, block }) =>
    entriesOfTexts(block, 'addresses', path).map(({ path: at, value }) => ({
      path: at,
      value: canonicalSocket(value),
    })),
  );
  reportDuplicates(sockets, report);

  const networks = authenticationsOf(document, 'ip')
    .flatMap(({ path, block }) => entriesOfTexts(block, 'addresses', path))
    .flatMap(({ path, value }) => {
      const network = parseNetwork(value);
      return typeof network === 'string' ? [] : [{ path, value, network }];
    })
    .toSorted(
      (a, b) => a.network.version - b.network.version || compare(a.network.first, b.network.first),
    );
  let widest: (typeof networks)[number] | undefined;
  for (const current of networks) {
    const isOverlap =
      widest?.network.version === current.network.version &&
      current.network.first <= widest.network.last;
    if (isOverlap && widest !== undefined) {
      report(
        current.path,
        `"${current.value}" overlaps "${widest.value}" at ${formatPath(widest.path)}: an address must lead to one mapping gateway`,
      );
    }
    if (!isOverlap || widest === undefined || current.network.last > widest.network.last) {
      widest = current;
    }
  }
}

function checkRoutingGateways(document: Block, report: Report): void {
  for (const { path, block } of entriesOf(document, 'routingGateways')) {
    const hasUsername = block['username'] !== undefined;
    const hasPassword = block['password'] !== undefined;
    if (hasUsername !== hasPassword && block['type'] !== 'dynamic') {
      const missing = hasUsername ? 'password' : 'username';
      report(
        [...path, missing],
        'is missing: username and password are set together or not at all',
      );
    }
    if (block['certificate'] !== undefined && !certified.has(block['transport'])) {
      report([...path, 'certificate'], 'has no effect without transport: tls');
    }
    const registration = block['registration'];
    if (isBlock(registration)) {
      for (const [key, message] of registrationMistakes(block, registration)) {
        report([...path, 'registration', key], message);
      }
    }
    reportDuplicates(entriesOfTexts(block, 'prefixes', path), report, bareNumber);
    reportDuplicates(entriesOfTexts(block, 'addresses', path), report, canonicalSocket);
  }
}

/** ROUTE-07: an OPTIONS check that can have an effect. */
function checkOptionsChecks(document: Block, report: Report): void {
  const values = isBlock(document['parameters']) ? document['parameters'] : {};
  for (const { path, block } of entriesOf(document, 'routingGateways')) {
    const check = block['optionsCheck'];
    if (!isBlock(check)) continue;
    for (const [at, message] of optionsCheckMistakes(block, check, values)) {
      report([...path, ...at], message);
    }
  }
}

/** CALL-12: who signs must have something to sign with. */
function checkSigning(document: Block, report: Report): void {
  const stir = isBlock(document['stir']) ? document['stir'] : {};
  const certificates = entriesOf(stir, 'certificates', ['stir']);
  const names = new Set<string>();
  for (const { block } of certificates) {
    if (typeof block['name'] === 'string') names.add(block['name']);
  }
  reportDuplicates(
    certificates.map(({ path, block }) => ({ path: [...path, 'name'], value: block['name'] })),
    report,
  );
  const users: Entry[] = [{ path: ['stir'], block: stir }, ...entriesOf(document, 'accounts')];
  for (const { path, block } of users) {
    const certificate = block['certificate'];
    if (typeof certificate !== 'string' || names.has(certificate)) continue;
    const guess = didYouMean(certificate, names);
    report(
      [...path, 'certificate'],
      `names certificate "${certificate}", which is not in stir.certificates${guess}`,
    );
  }
  if (names.size > 0) return;
  for (const { path, block } of entriesOf(document, 'routingGateways')) {
    if (block['stir'] !== 'sign') continue;
    report([...path, 'stir'], 'is sign, but there is no certificate in stir.certificates');
  }
}

/** DENY-04: a prefix is of one type, and who is kept to types is so to some that there are. */
function checkCallTypes(document: Block, report: Report): void {
  const types = entriesOf(document, 'callTypes');
  reportDuplicates(
    types.map(({ path, block }) => ({ path: [...path, 'name'], value: block['name'] })),
    report,
  );
  reportDuplicates(
    types.flatMap(({ path, block }) => entriesOfTexts(block, 'prefixes', path)),
    report,
    bareNumber,
  );
  const names = new Set([...namesOf(document, 'callTypes'), INTERNAL_CALLS]);
  for (const list of ['accounts', 'phones', 'mappingGateways']) {
    for (const { path, block } of entriesOf(document, list)) {
      for (const { path: at, value } of entriesOfTexts(block, 'callTypes', path)) {
        if (names.has(value)) continue;
        report(
          at,
          `names type of call "${value}", which is not in callTypes${didYouMean(value, names)}`,
        );
      }
    }
  }
}

/** One code comes to one other. */
function checkCodeMaps(document: Block, report: Report): void {
  const mapped = (entries: readonly Entry[], key: string) =>
    entries.map(({ path, block }) => {
      const code = block[key];
      return { path: [...path, key], value: typeof code === 'number' ? String(code) : code };
    });
  for (const list of ['mappingGateways', 'routingGateways']) {
    for (const { path, block } of entriesOf(document, list)) {
      reportDuplicates(mapped(entriesOf(block, 'codeMap', path), 'code'), report);
      const q850 = block['q850'];
      if (!isBlock(q850)) continue;
      const causes = entriesOf(q850, 'causes', [...path, 'q850']);
      reportDuplicates(mapped(causes, 'cause'), report);
      if (causes.length > 0 && q850['readCode'] !== true) {
        report([...path, 'q850', 'causes'], 'has no effect without readCode: true');
      }
    }
  }
}

function authenticationsOf(document: Block, mode: string): Entry[] {
  return entriesOf(document, 'mappingGateways').flatMap(({ path, block }) => {
    const authentication = authenticationOf(block);
    return authentication['mode'] === mode
      ? [{ path: [...path, 'authentication'], block: authentication }]
      : [];
  });
}

function authenticationOf({ authentication }: Block): Block {
  return isBlock(authentication) ? authentication : {};
}

function canonicalSocket(text: string): string {
  // Where a port may be left out it is this one; where not, it is a mistake of its own.
  const socket = parseHostPort(text, 5060);
  if (typeof socket === 'string') return text;
  const address = parseAddress(socket.host);
  return address === undefined
    ? formatHostPort(socket)
    : `${String(address.version)}/${address.value.toString(16)}:${String(socket.port)}`;
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
