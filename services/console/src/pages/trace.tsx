import { useMutation } from '@tanstack/react-query';
import { useEffect, useState, type ReactElement } from 'react';
import { Link, useParams } from 'wouter';
import { answerOf, api } from '../api/client.ts';
import { download } from '../api/download.ts';
import { followTrace, type TraceState } from '../api/read-trace.ts';
import { useMay } from '../api/session.ts';
import { count } from '../core/format.ts';
import { Badge } from '../ui/badge.tsx';
import { Ladder } from '../ui/ladder.tsx';
import { Page } from '../ui/page.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { Time } from '../ui/time.tsx';
import { tellProblem } from '../ui/tell.ts';

/** So many messages are shown; the capture has all. */
const SHOWN = 500;

/** The SIP messages of a trace, as they come. */
export function TracePage(): ReactElement {
  const { id: encoded } = useParams<{ id: string }>();
  return <Followed key={encoded} id={decodeURIComponent(encoded)} />;
}

function Followed({ id }: { readonly id: string }): ReactElement {
  const [{ trace, messages, error }, set] = useState<TraceState>({
    trace: undefined,
    messages: [],
    error: undefined,
  });
  useEffect(() => followTrace(id, set), [id]);
  const isOn = trace?.ended === null;
  const shown = messages.slice(-SHOWN);
  const { noun, rest } =
    messages.length > SHOWN
      ? { noun: `the last ${String(SHOWN)} of ${count(messages.length)} messages`, rest: true }
      : { noun: `${count(messages.length)} messages`, rest: false };
  return (
    <Page
      title={trace === undefined ? 'Trace' : `Trace of ${trace.about}`}
      lead={
        <>
          <Link href="/traces">Traces</Link>
          {trace === undefined ? null : (
            <>
              {' · '}
              {isOn ? <Badge tone="busy">going on</Badge> : <Badge>ended</Badge>} until{' '}
              <Time at={trace.ended ?? trace.until} /> · {noun}
              {rest ? '; the capture has all' : ''}
            </>
          )}
        </>
      }
      actions={<Actions id={id} isOn={isOn} hasMessages={messages.length > 0} />}
    >
      <ProblemBox error={error} />
      {messages.length > 0 ? <Ladder messages={shown} /> : null}
      {messages.length === 0 && trace !== undefined ? (
        <p className="empty" role="status">
          {isOn
            ? 'Nothing has passed yet: messages appear here as they do.'
            : 'Nothing has passed.'}
        </p>
      ) : null}
    </Page>
  );
}

interface ActionsProps {
  readonly id: string;
  readonly isOn: boolean;
  readonly hasMessages: boolean;
}

function Actions({ id, isOn, hasMessages }: ActionsProps): ReactElement {
  const mayEnd = useMay('endTrace');
  // That it is over is told by the trace itself, which is being read.
  const end = useMutation({
    mutationFn: async () =>
      answerOf(api.DELETE('/api/v1/traces/{id}', { params: { path: { id } } })),
    onError: (error) => {
      tellProblem('The trace was not ended', error);
    },
  });
  return (
    <>
      {isOn && mayEnd ? (
        <button
          type="button"
          className="button"
          disabled={end.isPending}
          onClick={() => {
            end.mutate();
          }}
        >
          End it
        </button>
      ) : null}
      {hasMessages ? (
        <button
          type="button"
          className="button"
          onClick={() => {
            const path = `/traces/${encodeURIComponent(id)}/messages`;
            download(path, { format: 'pcap' }, `trace-${id}.pcap`).catch((error: unknown) => {
              tellProblem('The capture could not be saved', error);
            });
          }}
        >
          Download pcap
        </button>
      ) : null}
    </>
  );
}
