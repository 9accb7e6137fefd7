import type { ReactElement } from 'react';

const full = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat('sv-SE', { timeStyle: 'medium' });

/** A time of the API in the time zone of whoever looks; UTC as its hint. Today's has the clock alone. */
export function Time({ at }: { readonly at: string | null | undefined }): ReactElement {
  if (at === null || at === undefined) return <span className="note">–</span>;
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return (
    <time dateTime={at} title={at} className="time">
      {isToday ? clock.format(date) : full.format(date)}
    </time>
  );
}
