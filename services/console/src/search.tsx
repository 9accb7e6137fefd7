import { Autocomplete } from '@base-ui/react/autocomplete';
import { useEffect, useState, type ReactElement } from 'react';
import { useLocation } from 'wouter';
import { find, type Found } from './api/find.ts';
import { planSearch } from './core/search-query.ts';
import { entryKinds } from './core/entry-kinds.ts';
import { routes } from './routes.ts';
import { Dialog } from './ui/dialog.tsx';
import { useAnswer } from './ui/use-answer.ts';

const PAUSE_MS = 250;

const pages: readonly Found[] = [
  ...routes.flatMap(({ path, menu }) =>
    menu === undefined ? [] : [{ href: path, label: menu.label, what: 'page' }],
  ),
  ...entryKinds.map(({ path, many }) => ({
    href: `/configuration/${path}`,
    label: many,
    what: 'page',
  })),
];

/** One box for everything: pages, calls by number or id, gateways, phones, accounts, parameters, addresses. */
export function Search({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState('');
  const asked = useSettled(typed);
  const plan = planSearch(asked);
  const { data, isFetching } = useAnswer(
    ['search', asked],
    async () => (plan === undefined ? [] : find(plan)),
    { isOff: plan === undefined },
  );
  const text = typed.trim().toLowerCase();
  const items = [
    ...pages.filter(({ label }) => label.toLowerCase().includes(text)),
    ...(plan === undefined ? [] : (data ?? [])),
  ];
  return (
    <Dialog title="Search" className="search" isOpen onClose={onClose}>
      <Autocomplete.Root
        open
        inline
        mode="none"
        items={items}
        itemToStringValue={(item: Found) => item.label}
        autoHighlight="always"
        value={typed}
        onValueChange={(value) => {
          setTyped(value);
        }}
      >
        <Autocomplete.Input
          className="search-input"
          aria-label="Search"
          placeholder="A number, a call id, a gateway, an address, a parameter, a page …"
        />
        <Autocomplete.Status className="note search-status">
          {isFetching ? 'Searching …' : `${String(items.length)} found`}
        </Autocomplete.Status>
        <Autocomplete.List className="search-list">
          {(item: Found) => (
            <Autocomplete.Item
              key={`${item.what} ${item.href} ${item.label}`}
              value={item}
              className="search-item"
              onClick={() => {
                onClose();
                navigate(item.href);
              }}
            >
              <span>{item.label}</span>
              <span className="note">{item.what}</span>
            </Autocomplete.Item>
          )}
        </Autocomplete.List>
      </Autocomplete.Root>
    </Dialog>
  );
}

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled(value);
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [value]);
  return settled;
}
