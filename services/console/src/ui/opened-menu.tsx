import { Menu } from '@base-ui/react/menu';
import type { ReactElement } from 'react';
import { useLocation } from 'wouter';
import type { RowMenuProps } from './row-menu.tsx';

/** The menu of a row, open: its trigger takes the place of the button that asked for it. */
export function OpenedMenu({ label, lines }: RowMenuProps): ReactElement {
  const [, navigate] = useLocation();
  return (
    <Menu.Root defaultOpen>
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
