import { Flooder } from './flooder.ts';
import type { FloodOptions } from './flooder.ts';

/** What the process of a flood is asked. */
export type FloodOrder =
  | { readonly kind: 'start'; readonly options: FloodOptions }
  | { readonly kind: 'counts' }
  | { readonly kind: 'stop' };

// A process of its own: what it does holds up neither callers nor carriers.
let flooder: Flooder | undefined;

process.on('message', (message) => {
  const order = message as FloodOrder;
  carryOut(order).catch((error: unknown) => {
    process.send?.({ error: error instanceof Error ? error.message : String(error) });
  });
});
process.on('disconnect', () => {
  process.exit(0);
});

async function carryOut(order: FloodOrder): Promise<void> {
  if (order.kind === 'start') {
    flooder = await Flooder.open(order.options);
    flooder.start();
    process.send?.({});
    return;
  }
  const counts = order.kind === 'stop' ? flooder?.stop() : flooder?.counts;
  process.send?.({ counts });
}
