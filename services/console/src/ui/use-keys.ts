import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { actionOf } from '../core/shortcuts.ts';

const KEY = 'tandem-single-keys';
/** How long after `g` the next key is still its. */
const AFTER_G_MS = 1500;

/** Whether single keys do something, in this browser. */
export function areKeysOn(): boolean {
  return localStorage.getItem(KEY) !== 'off';
}

export function setKeysOn(areOn: boolean): void {
  if (areOn) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, 'off');
}

/** Keys that work on every page, but for where one types. */
export function useKeys({
  search,
  help,
}: {
  readonly search: () => void;
  readonly help: () => void;
}): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    let gAtMs = 0;
    const listen = (event: KeyboardEvent): void => {
      const action = actionOf({
        key: event.key,
        isCommand: event.ctrlKey || event.metaKey,
        isTyping:
          event.altKey ||
          (event.target instanceof HTMLElement &&
            /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)),
        isAfterG: event.timeStamp - gAtMs < AFTER_G_MS,
        areOn: areKeysOn() && document.querySelector('dialog[open]') === null,
      });
      gAtMs = action?.kind === 'wait' ? event.timeStamp : -Infinity;
      if (action === undefined) return;
      event.preventDefault();
      if (action.kind === 'go') navigate(action.path);
      if (action.kind === 'search') search();
      if (action.kind === 'help') help();
    };
    addEventListener('keydown', listen);
    return () => {
      removeEventListener('keydown', listen);
    };
  });
}
