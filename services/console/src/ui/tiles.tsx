import type { ReactElement, ReactNode } from 'react';
import { Link } from 'wouter';

/** Figures beside each other. */
export function Tiles({ children }: { readonly children: ReactNode }): ReactElement {
  return <dl className="tiles">{children}</dl>;
}

interface TileProps {
  readonly label: string;
  readonly value: string;
  readonly hint?: string;
  readonly href?: string;
  readonly isBad?: boolean;
}

/** One figure with its name. */
export function Tile({ label, value, hint, href, isBad }: TileProps): ReactElement {
  return (
    <div className={isBad === true ? 'tile bad' : 'tile'}>
      <dt>
        {label}
        {hint === undefined ? null : <span className="note"> {hint}</span>}
      </dt>
      <dd>{href === undefined ? value : <Link href={href}>{value}</Link>}</dd>
    </div>
  );
}
