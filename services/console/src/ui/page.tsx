import { useEffect, type ReactElement, type ReactNode } from 'react';

interface PageProps {
  readonly title: string;
  /** What the page is about, where the title leaves that open. */
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A page: its heading, what can be done on it, and its parts. */
export function Page({ title, lead, actions, children }: PageProps): ReactElement {
  useEffect(() => {
    document.title = `${title} – Tandem`;
  }, [title]);
  return (
    <>
      <header className="page-head">
        <div>
          <h1 id="page-title" tabIndex={-1}>
            {title}
          </h1>
          {lead === undefined ? null : <p className="lead">{lead}</p>}
        </div>
        {actions === undefined ? null : <div className="actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}

interface SectionProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page with a heading of its own. */
export function Section({ title, note, actions, children }: SectionProps): ReactElement {
  return (
    <section className="section">
      <header className="section-head">
        <h2>{title}</h2>
        {note === undefined ? null : <span className="note">{note}</span>}
        {actions === undefined ? null : <div className="actions">{actions}</div>}
      </header>
      {children}
    </section>
  );
}

/** Names and values beside each other; those without a value are left out. */
export function Facts({
  facts,
}: {
  readonly facts: readonly (readonly [string, ReactNode])[];
}): ReactElement {
  const told = facts.filter(([, value]) => value !== undefined && value !== null && value !== '');
  return (
    <dl className="facts">
      {told.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
