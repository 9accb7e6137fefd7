import { useSyncExternalStore } from 'react';

/** Tells that something was done. */
export function tell(title: string, description?: string): void {
  add({ title, ...(description === undefined ? {} : { description }) });
}

/** Tells that something was not done, and why. */
export function tellProblem(title: string, error: unknown): void {
  const description = error instanceof Error ? error.message : String(error);
  add({ title, description, type: 'bad', timeout: 15_000, priority: 'high' });
}

interface Told {
  readonly title: string;
  readonly description?: string;
  readonly type?: string;
  readonly timeout?: number;
  readonly priority?: 'low' | 'high';
}

let hasTold = false;
const listeners = new Set<() => void>();

/** Whether there was something to tell: the part that shows it is not loaded before. */
export function useHasTold(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => hasTold,
  );
}

function add(told: Told): void {
  hasTold = true;
  for (const listener of listeners) listener();
  void import('./toasts.tsx').then(({ manager }) => manager.add(told));
}
