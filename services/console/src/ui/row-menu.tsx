import { lazy, Suspense, useState, type ReactElement } from 'react';

const OpenedMenu = lazy(async () => ({ default: (await import('./opened-menu.tsx')).OpenedMenu }));

/** One line of a menu: a page, or something to do. */
export interface MenuLine {
  readonly label: string;
  readonly href?: string;
  readonly run?: () => void;
  readonly isDangerous?: boolean;
}

/** What a menu has. */
export interface RowMenuProps {
  readonly label: string;
  readonly lines: readonly MenuLine[];
}

/** What can be done with a row. A long list has many: until it is asked for, each is a button and no more. */
export function RowMenu(props: RowMenuProps): ReactElement {
  const [isWanted, setWanted] = useState(false);
  const button = (
    <button
      type="button"
      className="button quiet menu-trigger"
      aria-label={props.label}
      aria-haspopup="menu"
      onClick={() => {
        setWanted(true);
      }}
    >
      ⋯
    </button>
  );
  if (!isWanted) return button;
  return (
    <Suspense fallback={button}>
      <OpenedMenu {...props} />
    </Suspense>
  );
}
