import { DisputeSum, DisputeTolerances } from '@tandem/proto/billing';
import type { Dispute, DisputeCall, DisputeDifference, DisputeSums } from '@tandem/proto/billing';
import { presentTime } from '../times.ts';
import type { DifferenceView, DisputeView } from './schemas.ts';

export function presentDispute(dispute: Dispute): DisputeView {
  const { account, cause, createdBy, currency, file, id, sums } = dispute;
  return {
    ...{ account, cause, createdBy, currency, file, id },
    side: dispute.side as DisputeView['side'],
    state: dispute.state as DisputeView['state'],
    from: presentTime(dispute.fromMs),
    until: presentTime(dispute.untilMs),
    createdAt: presentTime(dispute.createdAtMs),
    doneAt: presentTime(dispute.doneAtMs),
    tolerances: dispute.tolerances ?? DisputeTolerances.create({ price: '0' }),
    sums: sums === undefined ? null : presentSums(sums),
  };
}

function presentSums(sums: DisputeSums): NonNullable<DisputeView['sums']> {
  const nothing = DisputeSum.create({ price: '0' });
  const { onlyOurs = nothing, onlyTheirs = nothing, ours = nothing, theirs = nothing } = sums;
  return { ...sums, ours, theirs, onlyOurs, onlyTheirs };
}

export function presentDifference({ kind, ours, theirs }: DisputeDifference): DifferenceView {
  const [our, their] = [presentSide(ours), presentSide(theirs)];
  return {
    kind: kind as DifferenceView['kind'],
    ourStart: our.start,
    theirStart: their.start,
    ourCaller: our.caller,
    theirCaller: their.caller,
    ourCallee: our.callee,
    theirCallee: their.callee,
    ourDurationMs: our.durationMs,
    theirDurationMs: their.durationMs,
    ourPrice: our.price,
    theirPrice: their.price,
    callId: our.id,
    theirId: their.id,
    line: their.line,
  };
}

function presentSide(call: DisputeCall | undefined) {
  if (call === undefined)
    return {
      start: null,
      caller: '',
      callee: '',
      durationMs: null,
      price: null,
      id: '',
      line: null,
    };
  const { price, startMs, ...told } = call;
  return { ...told, start: presentTime(startMs), price: price === '' ? null : price };
}
