import { lazy, Suspense, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { signOut, useSessionState, type Session } from './api/session.ts';
import { entryKinds } from './core/entry-kinds.ts';
import { menuGroups, routes } from './routes.ts';
import { ThemeButton } from './ui/theme-button.tsx';
import { useKeys } from './ui/use-keys.ts';

const Search = lazy(async () => ({ default: (await import('./search.tsx')).Search }));
const KeyHelp = lazy(async () => ({ default: (await import('./ui/key-help.tsx')).KeyHelp }));

/** What stands around every page: the menu, the search box, who is signed in. */
export function Shell({ children }: { readonly children: ReactNode }): ReactElement {
  const [isSearching, setSearching] = useState(false);
  const [isHelping, setHelping] = useState(false);
  useKeys({
    search: () => {
      setSearching(true);
    },
    help: () => {
      setHelping(true);
    },
  });
  return (
    <div className="shell">
      <a className="skip" href="#page-title">
        Skip to the page
      </a>
      <header className="bar">
        <NarrowMenu />
        <Link href="/" className="brand">
          <img src="/icon.svg" alt="" width="24" height="24" /> Tandem
        </Link>
        <button
          type="button"
          className="search-button"
          onClick={() => {
            setSearching(true);
          }}
        >
          <span>Search</span> <span className="hint">number, call, gateway, address …</span>
          <kbd>/</kbd>
        </button>
        <button
          type="button"
          className="button quiet wide-only"
          aria-label="Keys"
          title="Keys (?)"
          onClick={() => {
            setHelping(true);
          }}
        >
          ?
        </button>
        <ThemeButton />
        <User />
      </header>
      <nav className="menu-bar" aria-label="Pages of the console">
        <MenuLines />
      </nav>
      <main>{children}</main>
      {isSearching ? (
        <Suspense fallback={null}>
          <Search
            onClose={() => {
              setSearching(false);
            }}
          />
        </Suspense>
      ) : null}
      {isHelping ? (
        <Suspense fallback={null}>
          <KeyHelp
            onClose={() => {
              setHelping(false);
            }}
          />
        </Suspense>
      ) : null}
    </div>
  );
}

function NarrowMenu(): ReactElement {
  const drawer = useRef<HTMLDivElement>(null);
  return (
    <>
      <button
        type="button"
        className="button quiet narrow-only"
        aria-label="Menu"
        popoverTarget="menu-drawer"
      >
        ☰
      </button>
      <div
        ref={drawer}
        id="menu-drawer"
        popover="auto"
        className="menu-drawer"
        onClick={() => {
          drawer.current?.hidePopover();
        }}
      >
        <nav aria-label="Menu">
          <MenuLines />
        </nav>
      </div>
    </>
  );
}

interface Line {
  readonly href: string;
  readonly label: string;
}

function MenuLines(): ReactElement[] {
  const [path] = useLocation();
  const state = useSessionState();
  const session = state.kind === 'signed-in' ? state.session : undefined;
  return menuGroups.map((group) => {
    const pages = routes
      .filter(({ menu, needs }) => menu?.group === group && mayDo(session, needs))
      .map(({ path: href, menu }): Line => ({ href, label: menu?.label ?? '' }));
    const lists = entryKinds
      .filter((kind) => kind.group === group && mayDo(session, 'getConfiguration'))
      .map((kind): Line => ({ href: `/configuration/${kind.path}`, label: kind.many }));
    return (
      <div key={group} className="menu-group">
        <h2>{group}</h2>
        <ul>
          {[...pages, ...lists].map(({ href, label }) => (
            <li key={href}>
              <Link href={href} aria-current={isAt(path, href) ? 'page' : undefined}>
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </div>
    );
  });
}

function isAt(path: string, href: string): boolean {
  return href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`);
}

function mayDo(session: Session | undefined, operation: string): boolean {
  return session?.may === undefined || session.may.has(operation);
}

function User(): ReactElement | null {
  const state = useSessionState();
  if (state.kind !== 'signed-in') return null;
  const { user, role } = state.session;
  return (
    <div className="user">
      <span className="wide-only">
        {user}
        {role === undefined ? '' : ` · ${role}`}
      </span>
      <button
        type="button"
        className="button quiet"
        onClick={() => {
          void signOut();
        }}
      >
        Sign out
      </button>
    </div>
  );
}
