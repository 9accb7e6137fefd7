import { z } from 'zod';
import { entriesOf, entriesOfTexts, namesOf, reportDuplicates } from './blocks.ts';
import type { Block, Entry, Report } from './blocks.ts';
import { name, wholeNumber } from './fields.ts';
import { formatPath } from './mistake.ts';
import { didYouMean } from './suggest.ts';

/** How the routing gateways of a call are ordered (ROUTE-04). */
export const routePolicy = z.strictObject({
  name,
  order: z
    .enum(['cost', 'weight', 'quality'])
    .default('cost')
    .describe(
      'Among gateways of one prefix and priority. cost: the cheapest vendor first; weight: by chance, each as often as its weight says; quality: who has done best of late first (SS_GATEWAY_QUALITY_WINDOW).',
    ),
  quality: z
    .array(z.enum(['asr', 'acd', 'pdd']))
    .min(1)
    .optional()
    .describe(
      'With order: quality, which figures decide, the most important first; not set: asr, acd, pdd. Gateways that differ by less than 5 % of calls answered, 15 s of talk, or 1 s until it rings may count as equal; then the next figure decides, at last the cost.',
    ),
  loss: z
    .enum(['refuse', 'allow'])
    .default('refuse')
    .describe(
      'refuse: gateways that cost more a minute than the customer pays are left out (ROUTE-11), where no lowestProfit says otherwise.',
    ),
});

/** Of an account, a mapping gateway, and the document. */
export const routePolicyName = name.optional();

/** What a routing gateway says about its place among others, and about who may use it. */
export const candidateTerms = {
  weight: wholeNumber(0, 10_000)
    .default(1)
    .describe(
      'Its share of the calls among gateways of one prefix and priority, where the route policy has order: weight; 0 = only after all others.',
    ),
  protect: z
    .boolean()
    .default(false)
    .describe('It is tried only after every gateway without this has failed or was full.'),
  reservedLines: wholeNumber(0, 1_000_000)
    .default(0)
    .describe(
      'While fewer lines of its group are free it takes no calls (ROUTE-05): set it at gateways of low priority; 0 = it takes the last line.',
    ),
  allowedMappingGateways: z
    .array(name)
    .min(1)
    .optional()
    .describe('Calls of these alone go to it. Not set: of all, phones too.'),
  forbiddenMappingGateways: z
    .array(name)
    .min(1)
    .optional()
    .describe('Calls of these do not go to it. Not together with allowedMappingGateways.'),
};

/** Of a mapping gateway. */
export const allowedRoutingGateways = z
  .array(name)
  .min(1)
  .optional()
  .describe('Its calls go to these alone. Not set: to all.');

/** ROUTE-04: each policy is there once, and named where it is. */
export function checkRoutePolicies(document: Block, report: Report): void {
  const policies = entriesOf(document, 'routePolicies');
  reportDuplicates(
    policies.map(({ path, block }) => ({ path: [...path, 'name'], value: block['name'] })),
    report,
  );
  for (const { path, block } of policies) {
    reportDuplicates(entriesOfTexts(block, 'quality', path), report);
    if (block['quality'] !== undefined && block['order'] !== 'quality') {
      report([...path, 'quality'], 'has no effect without order: quality');
    }
  }
  const names = namesOf(document, 'routePolicies');
  const users = [
    { path: [], block: document },
    ...entriesOf(document, 'accounts'),
    ...entriesOf(document, 'mappingGateways'),
  ];
  for (const { path, block } of users) {
    const policy = block['routePolicy'];
    if (typeof policy === 'string' && !names.has(policy)) {
      report(
        [...path, 'routePolicy'],
        `names route policy "${policy}", which is not in routePolicies${didYouMean(policy, names)}`,
      );
    }
    if (policy !== undefined && block['type'] === 'vendor') {
      report([...path, 'routePolicy'], 'has no effect at a vendor: calls are routed for customers');
    }
  }
}

/** ROUTE-02, AUTH-13: who may use whom names gateways that there are, in one of the two ways. */
export function checkAllowedGateways(document: Block, report: Report): void {
  const mapping = namesOf(document, 'mappingGateways');
  const routing = namesOf(document, 'routingGateways');
  const checkNames = (
    { path, block }: Entry,
    key: string,
    known: { readonly kind: string; readonly names: ReadonlySet<string> },
  ): void => {
    const texts = entriesOfTexts(block, key, path);
    reportDuplicates(texts, report);
    for (const { path: at, value } of texts) {
      if (known.names.has(value)) continue;
      report(
        at,
        `names ${known.kind} "${value}", which does not exist${didYouMean(value, known.names)}`,
      );
    }
  };
  for (const entry of entriesOf(document, 'mappingGateways')) {
    checkNames(entry, 'allowedRoutingGateways', { kind: 'routing gateway', names: routing });
  }
  for (const entry of entriesOf(document, 'routingGateways')) {
    const { path, block } = entry;
    const kind = { kind: 'mapping gateway', names: mapping };
    checkNames(entry, 'allowedMappingGateways', kind);
    checkNames(entry, 'forbiddenMappingGateways', kind);
    if (block['allowedMappingGateways'] === undefined) continue;
    if (block['forbiddenMappingGateways'] === undefined) continue;
    report(
      [...path, 'forbiddenMappingGateways'],
      `stands beside ${formatPath([...path, 'allowedMappingGateways'])}: those that are not allowed are forbidden; remove one of the two`,
    );
  }
}
