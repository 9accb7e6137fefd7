import { Menu } from '@base-ui/react/menu';
import type { ReactElement } from 'react';
import { useLocation } from 'wouter';

/** One line of a menu: a page, or something to do. */
export interface MenuLine {
  readonly label: string;
  readonly href?: string;
  readonly run?: () => void;
  readonly isDangerous?: boolean;
}

/** What can be done with a row. */
export function RowMenu({
  label,
  lines,
}: {
  readonly label: string;
  readonly lines: readonly MenuLine[];
}): ReactElement {
  const [, navigate] = useLocation();
  return (
    <Menu.Root>
      <Menu.Trigger className="button quiet menu-trigger" aria-label={label}>
        ⋯
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="end" className="floating">
          <Menu.Popup className="menu">
            {lines.map((line) => (
              <Menu.Item
                key={line.label}
                className={line.isDangerous === true ? 'menu-item danger' : 'menu-item'}
                onClick={() => {
                  if (line.href !== undefined) navigate(line.href);
                  line.run?.();
                }}
              >
                {line.label}
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
