import type { ReactElement, ReactNode } from 'react';

/** A value with its name above it; what is written under it says what the name leaves open. */
export function Field({
  label,
  hint,
  children,
}: {
  readonly label: string;
  readonly hint?: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <label className="filter">
      <span>{label}</span>
      {children}
      {hint === undefined ? null : <span className="hint">{hint}</span>}
    </label>
  );
}
