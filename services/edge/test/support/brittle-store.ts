import type { EdgeStore } from '../../src/ports.ts';

/** A store whose steps fail when a test says so, and are counted. */
export interface BrittleStore {
  readonly store: EdgeStore;
  /** From now on these steps fail; none: all work again. */
  readonly break: (...methods: (keyof EdgeStore)[]) => void;
  /** Another one takes its place, as one that has lost what it had. */
  readonly replace: (other: EdgeStore) => void;
  /** The steps that were taken, in order, failures included. */
  readonly steps: readonly (keyof EdgeStore)[];
  /** How often a step was taken, failures included. */
  readonly count: (method: keyof EdgeStore) => number;
}

export function brittleStore(sound: EdgeStore): BrittleStore {
  let failing = new Set<keyof EdgeStore>();
  let current = sound;
  const steps: (keyof EdgeStore)[] = [];
  const store = new Proxy(sound, {
    get: (_, name) => {
      const method = name as keyof EdgeStore;
      steps.push(method);
      if (failing.has(method)) return () => Promise.reject(new Error('the store is away'));
      return current[method].bind(current);
    },
  });
  return {
    store,
    break: (...methods) => {
      failing = new Set(methods);
    },
    replace: (other) => {
      current = other;
    },
    steps,
    count: (method) => steps.filter((step) => step === method).length,
  };
}
