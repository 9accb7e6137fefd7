import { isToBeAnswered } from '../load/call-plan.ts';
import { isOver, type CallRecord } from '../load/call-record.ts';

/** What of a call did not go as planned, as its ends saw it. */
export function callFaults(record: CallRecord): readonly string[] {
  const { plan, caller, carriers } = record;
  const faults = [...record.faults];
  if (!isOver(record)) faults.push(openEnds(record));
  const answering = carriers.filter(({ answeredMs }) => answeredMs !== undefined);
  if (isToBeAnswered(plan)) {
    if (caller.answeredMs === undefined) faults.push('the caller was not answered');
    if (answering.length !== 1) faults.push(`${String(answering.length)} carriers answered`);
  } else if (caller.answeredMs !== undefined || answering.length > 0) {
    faults.push('was answered though nobody answered');
  }
  return faults;
}

function openEnds({ caller, carriers }: CallRecord): string {
  const open = [
    ...(caller.endedMs === undefined ? ['the caller'] : []),
    ...carriers.filter(({ endedMs }) => endedMs === undefined).map(({ gateway }) => gateway),
  ];
  return `is not over for ${open.join(' and ')}`;
}
