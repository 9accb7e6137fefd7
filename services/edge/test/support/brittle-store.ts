import type { CallStore } from '../../src/ports.ts';

/** A store whose steps fail when a test says so, and are counted. */
export interface BrittleStore {
  readonly store: CallStore;
  /** From now on these steps fail; none: all work again. */
  readonly break: (...methods: (keyof CallStore)[]) => void;
  /** How often a step was taken, failures included. */
  readonly count: (method: keyof CallStore) => number;
}

export function brittleStore(sound: CallStore): BrittleStore {
  let failing = new Set<keyof CallStore>();
  const counts = new Map<keyof CallStore, number>();
  const store = new Proxy(sound, {
    get: (target, name) => {
      const method = name as keyof CallStore;
      counts.set(method, (counts.get(method) ?? 0) + 1);
      if (failing.has(method)) return () => Promise.reject(new Error('the store is away'));
      return target[method].bind(target);
    },
  });
  return {
    store,
    break: (...methods) => {
      failing = new Set(methods);
    },
    count: (method) => counts.get(method) ?? 0,
  };
}
