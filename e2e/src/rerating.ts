import assert from 'node:assert/strict';
import type { SwitchApi } from './switch-api.ts';
import { until } from './until.ts';

/** What every re-rating says of itself. */
export interface ReratingState {
  readonly id: number;
  readonly state: string;
  readonly cause: string;
}

const HOUR_MS = 3_600_000;

/** An hour before now until one behind it. */
export function aroundNow(): { readonly from: string; readonly until: string } {
  const at = (ms: number): string => new Date(Date.now() + ms).toISOString();
  return { from: at(-HOUR_MS), until: at(HOUR_MS) };
}

/** Waits until a re-rating is in this state. @throws where it has failed */
export async function reratingIn<Told extends ReratingState>(
  api: SwitchApi,
  id: number,
  state: string,
): Promise<Told> {
  const look = async (): Promise<Told> =>
    (await api.get(`/api/v1/reratings/${String(id)}`)) as Told;
  const isOver = async (): Promise<boolean> => [state, 'failed'].includes((await look()).state);
  await until(`it is ${state}`, isOver, { timeoutMs: 120_000 });
  const told = await look();
  assert.deepEqual([told.state, told.cause], [state, '']);
  return told;
}
