import { useState, type ReactElement } from 'react';

type Theme = 'system' | 'light' | 'dark';

const next: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };
const signs: Readonly<Record<Theme, string>> = { system: '◐', light: '☀', dark: '☾' };

/** Light, dark, or what the system has; kept in this browser, applied by public/theme.js. */
export function ThemeButton(): ReactElement {
  const [theme, setTheme] = useState<Theme>(() => {
    const { choice } = document.documentElement.dataset as { readonly choice?: string };
    return choice === 'light' || choice === 'dark' ? choice : 'system';
  });
  const choose = (chosen: Theme): void => {
    setTheme(chosen);
    if (chosen === 'system') localStorage.removeItem('tandem-theme');
    else localStorage.setItem('tandem-theme', chosen);
    dispatchEvent(new Event('tandem-theme'));
  };
  return (
    <button
      type="button"
      className="button quiet"
      aria-label={`Theme: ${theme}`}
      title={`Theme: ${theme}`}
      onClick={() => {
        choose(next[theme]);
      }}
    >
      {signs[theme]}
    </button>
  );
}
