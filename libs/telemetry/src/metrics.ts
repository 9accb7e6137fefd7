import type { Attributes, Meter } from '@opentelemetry/api';

export type { Attributes } from '@opentelemetry/api';

/** What an instrument measures. */
export interface MetricSettings {
  /** Service or library that measures. */
  readonly meter: string;
  /** `tandem.<service>.<noun>`, as docs/telemetry.md lists it. */
  readonly name: string;
  readonly description: string;
  /** UCUM unit: `s`, `By`, `{call}`. */
  readonly unit: string;
  /**
   * Attributes of series that a counter has from the start, at 0: `increase` of Prometheus misses the first of a series that begins with it.
   * @default none: a series begins with its first
   */
  readonly zeros?: readonly Attributes[];
}

/** Counts what happened. */
export interface Counter {
  add(value: number, attributes?: Attributes): void;
}

/** Collects a distribution. */
export interface Histogram {
  record(value: number, attributes?: Attributes): void;
}

/** Reports one value of a gauge. */
export type Observe = (value: number, attributes?: Attributes) => void;

// Instruments are declared when a module is loaded, telemetry starts later, if at all: until then each is
// one undefined field, and `bindInstruments` fills it.
type Binding = (getMeter: (name: string) => Meter) => void;
const bindings: Binding[] = [];
let meterSource: ((name: string) => Meter) | undefined;

/** Declares a counter; `add` does nothing until telemetry is on. */
export function counter(settings: MetricSettings): Counter {
  const { meter, name, description, unit, zeros = [] } = settings;
  let instrument: Counter | undefined;
  bind((getMeter) => {
    instrument = getMeter(meter).createCounter(name, { description, unit });
    for (const attributes of zeros) instrument.add(0, attributes);
  });
  return {
    add: (value, attributes) => {
      instrument?.add(value, attributes);
    },
  };
}

/** The attributes of series that differ in one attribute, for `zeros`. */
export function each(attribute: string, ...values: readonly string[]): readonly Attributes[] {
  return values.map((value) => ({ [attribute]: value }));
}

/**
 * Declares a histogram. Times are in seconds.
 * @param boundaries Upper bounds of the buckets. @default from 0.5 ms to 10 s, for times
 */
export function histogram(settings: MetricSettings, boundaries = timeBoundaries): Histogram {
  const { meter, name, description, unit } = settings;
  let instrument: Histogram | undefined;
  bind((getMeter) => {
    instrument = getMeter(meter).createHistogram(name, {
      description,
      unit,
      advice: { explicitBucketBoundaries: [...boundaries] },
    });
  });
  return {
    record: (value, attributes) => {
      instrument?.record(value, attributes);
    },
  };
}

/** Declares a gauge that is read at each export; `read` may ask a store, and must not reject. Returns what ends it. */
export function gauge(
  settings: MetricSettings,
  read: (observe: Observe) => void | Promise<void>,
): () => void {
  const { meter, name, description, unit } = settings;
  let isEnded = false;
  bind((getMeter) => {
    const instrument = getMeter(meter).createObservableGauge(name, { description, unit });
    instrument.addCallback((result) => {
      if (isEnded) return undefined;
      return read((value, attributes) => {
        result.observe(value, attributes);
      });
    });
  });
  return () => {
    isEnded = true;
  };
}

/** Connects all instruments, declared so far or later, to a source of meters. */
export function bindInstruments(getMeter: (name: string) => Meter): void {
  meterSource = getMeter;
  for (const binding of bindings) binding(getMeter);
}

const timeBoundaries: readonly number[] = [
  0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
];

function bind(binding: Binding): void {
  bindings.push(binding);
  if (meterSource !== undefined) binding(meterSource);
}
