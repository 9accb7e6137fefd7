/** Who sends new calls: a gateway that is known, or an address. */
export interface CallSource {
  readonly name: string;
  /** Somebody there has proved himself lately. */
  readonly isKnown: boolean;
  /** New calls a second that come from there, of the last second or so. */
  readonly demand: number;
  /** New calls that were refused since the overload began. */
  readonly refused: number;
}

/** What a source is told. `share`: it is over its share; `rate`: nothing is left of the rate. */
export type Draw = 'admitted' | 'share' | 'rate';

interface Source {
  readonly name: string;
  readonly isKnown: boolean;
  demand: number;
  arrived: number;
  tokens: number;
  refused: number;
}

interface Level {
  /** What one source may have a second. */
  readonly each: number;
  readonly all: number;
}

const DEMAND_OVER_MS = 1000;
/** What a bucket holds: so long at its rate, or so many that a second brings, and one call at least. */
const BURST_S = 0.25;
const BURST_CALLS = 50;
/** More sources than these are one together: addresses can be forged. */
const MOST_SOURCES = 4096;
const FORGOTTEN_BELOW = 0.02;
const unlimited: Level = { each: Infinity, all: Infinity };

/** What is divided. */
export interface DividedRate {
  /** New calls a second; Infinity: all that come. */
  readonly perSecond: number;
  /** Of them for those who are not known, at most. */
  readonly strangersPerSecond: number;
  /** Percent that is kept for those. */
  readonly unknownShare: number;
}

/**
 * Divides a rate of new calls among their sources (max-min fair): whoever wants no more than an equal share gets all that he wants,
 * the others what is left, in equal parts. Sources where somebody has proved himself go first; a part is kept for the others.
 */
export class FairShares {
  readonly #sources = new Map<string, Source>();
  #perSecond = Infinity;
  #isLimited = false;
  #known = unlimited;
  #unknown = unlimited;
  #tokens = 1;
  #unknownTokens = 1;

  /** A new call has come from a source. @returns whether it may be begun */
  draw(name: string, isKnown: boolean): Draw {
    const source = this.#source(name, isKnown);
    source.arrived++;
    if (!this.#isLimited) return 'admitted';
    const outcome = this.#weigh(source);
    if (outcome === 'admitted') {
      source.tokens--;
      this.#tokens--;
      if (!source.isKnown) this.#unknownTokens--;
    } else {
      source.refused++;
    }
    return outcome;
  }

  /** A new call has come that is drawn for only where one may be begun. @returns whether none may: it is counted, and refused */
  turnsAway(name: string, isKnown: boolean): boolean {
    if (!this.#isLimited) return false;
    const source = this.#source(name, isKnown);
    if (this.#weigh(source) === 'admitted') return false;
    source.arrived++;
    source.refused++;
    return true;
  }

  /** Time has passed, and the rate is another one now. */
  tick(elapsedMs: number, rate: DividedRate): void {
    const weight = 1 - Math.exp(-elapsedMs / DEMAND_OVER_MS);
    for (const [name, source] of this.#sources) {
      source.demand += ((source.arrived * 1000) / Math.max(elapsedMs, 1) - source.demand) * weight;
      source.arrived = 0;
      if (source.demand < FORGOTTEN_BELOW) this.#sources.delete(name);
    }
    const wasLimited = this.#isLimited;
    this.#perSecond = rate.perSecond;
    this.#isLimited = Math.min(rate.perSecond, rate.strangersPerSecond) !== Infinity;
    if (!this.#isLimited) {
      if (wasLimited) this.#release();
      return;
    }
    this.#divide(rate);
    this.#fill(wasLimited ? elapsedMs / 1000 : 1);
  }

  /** What a source may have a second; Infinity: as much as it likes. */
  share(isKnown: boolean): number {
    return isKnown ? this.#known.each : this.#unknown.each;
  }

  /** What is known of a source; undefined where nothing came from there lately. */
  source(name: string): CallSource | undefined {
    return this.#sources.get(name);
  }

  /** Those who want most. */
  largest(most: number): readonly CallSource[] {
    return [...this.#sources.values()].sort((a, b) => b.demand - a.demand).slice(0, most);
  }

  #source(name: string, isKnown: boolean): Source {
    const source = this.#sources.get(name);
    return source?.isKnown === isKnown ? source : this.#add(name, isKnown);
  }

  #add(name: string, isKnown: boolean): Source {
    const isFull = this.#sources.size >= MOST_SOURCES && !this.#sources.has(name);
    const key = isFull ? '*' : name;
    const before = this.#sources.get(key);
    if (isFull && before !== undefined) return before;
    const source = {
      name: key,
      isKnown: isKnown && !isFull,
      demand: before?.demand ?? 0,
      arrived: before?.arrived ?? 0,
      tokens: before?.tokens ?? 1,
      refused: before?.refused ?? 0,
    };
    this.#sources.set(key, source);
    return source;
  }

  #weigh(source: Source): Draw {
    if (source.tokens < 1) return 'share';
    if (!source.isKnown && this.#unknownTokens < 1) return 'rate';
    // Whoever wants no more than his share is let in though others have used the rate up.
    const isWithinShare = source.demand <= this.share(source.isKnown);
    const debt = isWithinShare ? burstOf(this.#perSecond) : 0;
    return this.#tokens + debt < 1 ? 'rate' : 'admitted';
  }

  #divide({ perSecond, strangersPerSecond, unknownShare }: DividedRate): void {
    const known: number[] = [];
    const unknown: number[] = [];
    for (const { isKnown, demand } of this.#sources.values())
      (isKnown ? known : unknown).push(demand);
    const share = Math.min((perSecond * unknownShare) / 100, strangersPerSecond);
    const kept = Math.min(sum(unknown), share);
    this.#known = { each: fairShare(known, perSecond - kept), all: perSecond };
    const used = known.reduce((total, demand) => total + Math.min(demand, this.#known.each), 0);
    // Nobody may be left out for good who is not known yet.
    const left = Math.min(Math.max(perSecond - used, share), strangersPerSecond);
    this.#unknown = { each: fairShare(unknown, left), all: left };
  }

  #fill(seconds: number): void {
    this.#tokens = filled(this.#tokens, this.#perSecond, seconds);
    this.#unknownTokens = filled(this.#unknownTokens, this.#unknown.all, seconds);
    for (const source of this.#sources.values()) {
      source.tokens = filled(source.tokens, this.share(source.isKnown), seconds);
    }
  }

  #release(): void {
    this.#known = unlimited;
    this.#unknown = unlimited;
    this.#tokens = 1;
    this.#unknownTokens = 1;
    for (const source of this.#sources.values()) {
      source.tokens = 1;
      source.refused = 0;
    }
  }
}

/** The most that each may have so that all together have no more than `total`; Infinity where it is enough for all. */
export function fairShare(demands: readonly number[], total: number): number {
  const sorted = Float64Array.from(demands).sort();
  let left = total;
  for (const [at, demand] of sorted.entries()) {
    const equal = left / (sorted.length - at);
    if (demand > equal) return Math.max(0, equal);
    left -= demand;
  }
  return Infinity;
}

function filled(tokens: number, perSecond: number, seconds: number): number {
  if (perSecond === Infinity) return Infinity;
  // Without a demand nothing is known of what it may have: the bucket as it was may hold more than it can.
  const before = Number.isFinite(tokens) ? tokens : perSecond * BURST_S;
  return Math.min(burstOf(perSecond), before + perSecond * seconds);
}

function burstOf(perSecond: number): number {
  return Math.max(1, perSecond * BURST_S, Math.min(perSecond, BURST_CALLS));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
