import type { ReactElement } from 'react';
import { Link, useParams } from 'wouter';
import { answerOf, api } from '../api/client.ts';
import { entryHref } from '../core/entry-kinds.ts';
import { Badge } from '../ui/badge.tsx';
import { JournalList } from '../ui/journal-list.tsx';
import { RegistrationMessages } from '../ui/messages.tsx';
import { Facts, Page, Section } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { Time } from '../ui/time.tsx';
import { SLOW_MS, useAnswer } from '../ui/use-answer.ts';
import { Words } from '../ui/words.tsx';

/** Why a phone is registered, or not. */
export function RegistrationPage(): ReactElement {
  const { phone: encoded } = useParams<{ phone: string }>();
  const phone = decodeURIComponent(encoded);
  const told = useAnswer(
    ['registration', phone],
    () =>
      answerOf(api.GET('/api/v1/explain/registration/{phone}', { params: { path: { phone } } })),
    { everyMs: SLOW_MS },
  );
  const { data } = told;
  return (
    <Page
      title={phone}
      lead="Registration"
      actions={
        <>
          <Link className="button" href={`/traces?kind=phone&of=${encodeURIComponent(phone)}`}>
            Trace
          </Link>
          <Link className="button" href={entryHref('phones', phone)}>
            Change
          </Link>
        </>
      }
    >
      <ProblemBox error={told.error} />
      {data === undefined ? null : (
        <>
          <section className={`told ${data.status}`} aria-label="Explanation">
            <p className="told-head">
              <Badge>{data.status}</Badge>
              <span className="note">account {data.account}</span>
            </p>
            <p className="told-summary">
              <Words>{data.summary}</Words>
            </p>
            {data.change === null ? null : (
              <p className="told-change">
                <strong>What would change it:</strong> <Words>{data.change}</Words>
              </p>
            )}
          </section>
          {data.registrations.map((each) => (
            <Section key={each.contact} title={each.source}>
              <Facts
                facts={[
                  ['Status', <Badge key="b">{each.status}</Badge>],
                  ['Contact', <code key="c">{each.contact}</code>],
                  ['Device', each.userAgent],
                  ['Transport', each.transport],
                  ['Behind NAT', each.isBehindNat ? 'yes' : 'no'],
                  ['Registered', <Time key="r" at={each.registeredAt} />],
                  ['Refreshed', <Time key="f" at={each.refreshedAt} />],
                  ['Expires', <Time key="e" at={each.expiresAt} />],
                  ['Pod', each.edge],
                ]}
              />
            </Section>
          ))}
          <RegistrationMessages phone={phone} />
          <Section title="In the journal">
            <JournalList entries={data.entries} />
          </Section>
        </>
      )}
    </Page>
  );
}
