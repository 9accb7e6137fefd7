/** Rates out of counters that only grow, pod by pod. */

/** The counters of one pod. */
export interface PodCounters {
  readonly name: string;
  readonly startedAt: string | null;
  readonly calls: number;
  readonly answers: number;
  readonly refused: number;
}

/** What was seen at a moment. */
export interface Sample {
  readonly atMs: number;
  readonly pods: readonly PodCounters[];
  readonly callsUp: number;
}

/** One point of the picture. */
export interface RatePoint {
  readonly atMs: number;
  readonly callsPerSecond: number;
  readonly answersPerSecond: number;
  readonly refusedPerSecond: number;
  readonly callsUp: number;
}

/** The rates between two samples; a pod that began in between, or again, counts from nought. */
export function rateBetween(earlier: Sample, later: Sample): RatePoint {
  const seconds = Math.max(0.001, (later.atMs - earlier.atMs) / 1000);
  const before = new Map(earlier.pods.map((pod) => [`${pod.name} ${pod.startedAt ?? ''}`, pod]));
  const grown = { calls: 0, answers: 0, refused: 0 };
  for (const pod of later.pods) {
    const was = before.get(`${pod.name} ${pod.startedAt ?? ''}`);
    grown.calls += Math.max(0, pod.calls - (was?.calls ?? 0));
    grown.answers += Math.max(0, pod.answers - (was?.answers ?? 0));
    grown.refused += Math.max(0, pod.refused - (was?.refused ?? 0));
  }
  return {
    atMs: later.atMs,
    callsPerSecond: grown.calls / seconds,
    answersPerSecond: grown.answers / seconds,
    refusedPerSecond: grown.refused / seconds,
    callsUp: later.callsUp,
  };
}

/** Live quality of a gateway, as the API has it. */
export interface Quality {
  readonly windowSeconds: number;
  readonly attempts: number;
  readonly answered: number;
  readonly averageCallSeconds: number;
  readonly postDialSeconds: number;
}

/** That of several gateways as one, each by its share; undefined where no attempt was counted. */
export function qualityOfAll(
  each: readonly (Quality | null)[],
): (Quality & { readonly answerSeizureRatio: number }) | undefined {
  const counted = each.filter((quality) => quality !== null);
  const sum = (of: (quality: Quality) => number): number =>
    counted.reduce((total, quality) => total + of(quality), 0);
  const [attempts, answered] = [sum((q) => q.attempts), sum((q) => q.answered)];
  if (attempts === 0) return undefined;
  return {
    windowSeconds: Math.max(...counted.map(({ windowSeconds }) => windowSeconds)),
    attempts,
    answered,
    answerSeizureRatio: answered / attempts,
    averageCallSeconds:
      answered === 0 ? 0 : sum((q) => q.averageCallSeconds * q.answered) / answered,
    postDialSeconds: sum((q) => q.postDialSeconds * q.attempts) / attempts,
  };
}

/** How often each value comes, the most frequent first. */
export function tally(values: readonly string[]): readonly { value: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((one, other) => other.count - one.count || one.value.localeCompare(other.value));
}
