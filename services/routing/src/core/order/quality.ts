import type { RoutePolicy } from '@tandem/config';
import { prefixName } from '@tandem/domain';
import type { Route } from '../candidates.ts';
import type { GatewayQuality, LiveQuality } from '../live-quality.ts';

/** How a gateway has done, as far as that counts (ROUTE-04). */
export interface RouteQuality {
  /** Undefined where too few of its calls are over. */
  readonly figures: GatewayQuality | undefined;
  /** Where they are from, for people. */
  readonly source: string;
}

type Figure = NonNullable<RoutePolicy['quality']>[number];

const standard: readonly Figure[] = ['asr', 'acd', 'pdd'];

/** How far apart figures are that decide. Whole steps are compared, so that the order is one, whoever is compared with whom. */
const stepsOf: Readonly<Record<Figure, (quality: GatewayQuality) => number>> = {
  // Better is less. Of twentieths: 5 %.
  asr: ({ answered, attempts }) => -Math.floor((answered * 20) / attempts),
  acd: ({ averageCallSeconds }) => -Math.floor(averageCallSeconds / 15),
  pdd: ({ postDialSeconds }) =>
    postDialSeconds === undefined ? Infinity : Math.floor(postDialSeconds),
};

/** The figures of its prefix where they say enough; else those of all its prefixes. */
export function qualityFor(
  { gateway: { name }, prefix }: Pick<Route, 'gateway' | 'prefix'>,
  live: LiveQuality | undefined,
  calls: number,
): RouteQuality {
  const own = live?.of(name, prefix);
  if (own !== undefined && own.attempts >= calls) {
    return { figures: own, source: `prefix ${prefixName(prefix)}` };
  }
  const all = live?.gateways.get(name);
  if (all !== undefined && all.attempts >= calls) return { figures: all, source: 'all prefixes' };
  const known = `${String(all?.attempts ?? 0)} attempts of ${String(calls)} that it takes`;
  return { figures: undefined, source: known };
}

/**
 * ROUTE-04: the best first, by figure after figure; equal ones keep the order in which they come. Those whose quality is not known are
 * last, but for some calls that go to them first: nobody would know them otherwise.
 * @param random in [0, 1), asked once where there are both kinds
 * @param trial per cent of calls that go first to those that are not known
 */
export function byQuality(
  routes: readonly Route[],
  {
    quality: figures = standard,
    random,
    trial,
  }: {
    readonly quality?: readonly Figure[] | undefined;
    readonly random: () => number;
    readonly trial: number;
  },
): readonly Route[] {
  const judged = routes.flatMap((route) => {
    const known = route.quality?.figures;
    return known === undefined ? [] : [{ route, steps: figures.map((each) => stepsOf[each](known)) }]; // prettier-ignore
  });
  const unknown = routes.filter(({ quality }) => quality?.figures === undefined);
  judged.sort((a, b) => compareSteps(a.steps, b.steps));
  const known = judged.map(({ route }) => route);
  if (known.length === 0 || unknown.length === 0) return [...known, ...unknown];
  return random() * 100 < trial ? [...unknown, ...known] : [...known, ...unknown];
}

function compareSteps(a: readonly number[], b: readonly number[]): number {
  for (const [at, step] of a.entries()) {
    const other = b[at] ?? 0;
    // Both may be infinite, and their difference no number.
    if (step !== other) return step - other;
  }
  return 0;
}

/** For people: "ASR 62.5 %, ACD 30 s, PDD 2.5 s of 80 attempts (prefix 44)". */
export function qualityText({ figures, source }: RouteQuality): string {
  if (figures === undefined) return `not known (${source})`;
  const { answerSeizureRatio, attempts, averageCallSeconds, postDialSeconds } = figures;
  const pdd = postDialSeconds === undefined ? 'PDD not known' : `PDD ${rounded(postDialSeconds)} s`;
  return `ASR ${rounded(answerSeizureRatio * 100)} %, ACD ${rounded(averageCallSeconds)} s, ${pdd} of ${String(attempts)} attempts (${source})`;
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}
