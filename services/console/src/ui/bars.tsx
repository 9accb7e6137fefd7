import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { count } from '../core/format.ts';

interface Bar {
  readonly label: string;
  readonly size: number;
  readonly href?: string;
}

/** How often each comes, as bars with their figures. */
export function Bars({ bars }: { readonly bars: readonly Bar[] }): ReactElement {
  const most = Math.max(1, ...bars.map(({ size }) => size));
  return (
    <ul className="bars">
      {bars.map(({ label, size, href }) => (
        <li key={label}>
          <span className="bar-label">
            {href === undefined ? label : <Link href={href}>{label}</Link>}
          </span>
          <meter className="bar-meter" min={0} max={most} value={size} aria-label={label}>
            {size}
          </meter>
          <span className="bar-size">{count(size)}</span>
        </li>
      ))}
    </ul>
  );
}
