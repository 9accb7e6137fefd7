import { randomUUID } from 'node:crypto';
import type { Configuration } from '@tandem/config';
import type { PastCall } from '../core/replay/past-call.ts';
import type { RunState } from '../core/replay/replay-run.ts';
import type { Replay, ReplayStore } from '../replay-ports.ts';

interface Kept {
  replay: Replay;
  run: RunState | undefined;
  owner: string | undefined;
  seenAtMs: number;
  begun: number;
}

/** Replays in memory, for tests. */
export function memoryReplayStore(
  now: () => Date = () => new Date(),
): ReplayStore & { readonly drafts: Map<string, Configuration> } {
  const kept = new Map<string, Kept>();
  const drafts = new Map<string, Configuration>();
  const files = new Map<string, readonly (readonly PastCall[])[]>();
  const forget = (id: string): void => {
    drafts.delete(id);
    files.delete(id);
  };
  const owned = ({
    id,
    owner,
  }: {
    readonly id: string;
    readonly owner: string;
  }): Kept | undefined => {
    const one = kept.get(id);
    return one?.owner === owner && one.replay.state === 'running' ? one : undefined;
  };
  const inOrder = (): Kept[] => [...kept.values()];
  return {
    drafts,
    makeWhole: () => Promise.resolve(),
    putDraft: (id, configuration) => {
      drafts.set(id, configuration);
      return Promise.resolve();
    },
    create: (replay, most) => {
      const open = inOrder().filter((each) => each.replay.finishedAt === undefined);
      if (open.length >= most) return Promise.resolve(undefined);
      const made: Replay = {
        ...replay,
        createdAt: now(),
        state: replay.period === undefined ? 'awaiting-calls' : 'waiting',
        error: '',
        total: undefined,
        startedAt: undefined,
        finishedAt: undefined,
        calls: 0,
        playedUntil: undefined,
      };
      kept.set(replay.id, {
        replay: made,
        run: undefined,
        owner: undefined,
        seenAtMs: 0,
        begun: 0,
      });
      return Promise.resolve(made);
    },
    list: (limit) =>
      Promise.resolve(
        inOrder()
          .toReversed()
          .slice(0, limit)
          .map(({ replay }) => replay),
      ),
    get: (id) => Promise.resolve(kept.get(id)),
    remove: (id) => {
      forget(id);
      return Promise.resolve(kept.delete(id));
    },
    putCalls: (id, parts) => {
      const one = kept.get(id);
      if (one?.replay.state !== 'awaiting-calls') return Promise.resolve(undefined);
      files.set(id, parts);
      const total = parts.reduce((sum, part) => sum + part.length, 0);
      one.replay = { ...one.replay, state: 'waiting', total };
      return Promise.resolve(one.replay);
    },
    callsAt: (id, part) => Promise.resolve(files.get(id)?.[part]),
    claim: ({ most, silentMs }) => {
      const isSilent = (one: Kept): boolean => one.owner === undefined || now().getTime() - one.seenAtMs > silentMs; // prettier-ignore
      const running = inOrder().filter((one) => one.replay.state === 'running' && !isSilent(one));
      const next = inOrder().find((one) => one.replay.state === 'waiting' || (one.replay.state === 'running' && isSilent(one))); // prettier-ignore
      if (next === undefined || running.length >= most) return Promise.resolve(undefined);
      const owner = randomUUID();
      const replay: Replay = { ...next.replay, state: 'running', startedAt: next.replay.startedAt ?? now() }; // prettier-ignore
      Object.assign(next, { replay, owner, seenAtMs: now().getTime(), begun: next.begun + 1 });
      const run = next.run && structuredClone(next.run);
      return Promise.resolve({ id: replay.id, replay, owner, begun: next.begun, run });
    },
    save: (claim, { calls, error, run, state }) => {
      const one = owned(claim);
      if (one === undefined) return Promise.resolve(false);
      const isOver = state === 'done' || state === 'failed';
      one.seenAtMs = now().getTime();
      if (run !== undefined) one.run = structuredClone(run);
      one.replay = {
        ...one.replay,
        state: state ?? one.replay.state,
        error: error ?? one.replay.error,
        calls: calls ?? one.replay.calls,
        playedUntil:
          run === undefined || run.atMs === 0 ? one.replay.playedUntil : new Date(run.atMs),
        finishedAt: isOver ? now() : undefined,
      };
      if (isOver) forget(claim.id);
      return Promise.resolve(true);
    },
    release: (claim) => {
      const one = owned(claim);
      if (one !== undefined) Object.assign(one, { owner: undefined, begun: one.begun - 1 });
      return Promise.resolve();
    },
    sweep: (endedBefore) => {
      for (const [id, { replay }] of kept) {
        if (replay.finishedAt !== undefined && replay.finishedAt < endedBefore) kept.delete(id);
      }
      return Promise.resolve();
    },
  };
}
