import type { LoadAnswer, LoadOrder, LoadQuestion } from './load-messages.ts';
import { LoadRun } from './load-run.ts';

// The endpoints live in a process of their own: nothing that a test does holds their event loop up.
let run: LoadRun | undefined;

process.on('message', (message) => {
  const { id, order } = message as LoadQuestion;
  carryOut(order).then(
    (value) => {
      answer({ id, value });
    },
    (error: unknown) => {
      answer({
        id,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    },
  );
});
process.on('disconnect', () => {
  process.exit(0);
});

async function carryOut(order: LoadOrder): Promise<unknown> {
  if (order.kind === 'open') {
    run = await LoadRun.open(order.options);
    return undefined;
  }
  if (run === undefined) throw new Error('not open');
  switch (order.kind) {
    case 'place':
      return run.place(order.plans, order.perSecond);
    case 'hang-up':
      return run.hangUp(order.hangUp);
    case 'is-over':
      return run.isOver(order.prefix);
    case 'snapshot':
      return run.snapshot(order.prefix);
    case 'report':
      return run.report();
    case 'ladder':
      return run.ladder(order.number);
  }
}

function answer(message: LoadAnswer): void {
  process.send?.(message);
}
