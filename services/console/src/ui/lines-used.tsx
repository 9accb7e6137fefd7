import type { ReactElement } from 'react';
import { count } from '../core/format.ts';

/** Lines in use of those that there are; 0 = no limit. */
export function LinesUsed({
  inUse,
  limit,
}: {
  readonly inUse: number;
  readonly limit: number;
}): ReactElement {
  if (limit === 0) return <>{count(inUse)}</>;
  return (
    <span className="lines-used">
      <meter
        min={0}
        max={limit}
        high={limit * 0.8}
        optimum={0}
        value={inUse}
        aria-label="Lines in use"
      >
        {inUse}
      </meter>
      {count(inUse)} of {count(limit)}
    </span>
  );
}
