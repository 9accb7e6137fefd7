import { memoryLimits } from '../src/index.ts';
import { limitsContract } from './limits-contract.ts';

let nowMs = 1_000_000;

limitsContract({
  name: 'memory',
  open: async () => Promise.resolve(memoryLimits({ now: () => nowMs })),
  wait: async (milliseconds) => {
    nowMs += milliseconds;
    return Promise.resolve();
  },
});
