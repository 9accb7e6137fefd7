import type { ReactElement } from 'react';
import { answerOf, api, ApiProblem, type Schemas } from '../api/client.ts';
import { download } from '../api/download.ts';
import { Ladder } from './ladder.tsx';
import { Section } from './page.tsx';
import { ProblemBox } from './problem-box.tsx';
import { tellProblem } from './tell.ts';
import { useAnswer } from './use-answer.ts';
import { Words } from './words.tsx';

type List = Schemas['SipMessageList'];

/** The SIP messages of a call, on both legs and all pods. */
export function CallMessages({
  callId,
  everyMs,
}: {
  readonly callId: string;
  /** While it goes on. */
  readonly everyMs: number | undefined;
}): ReactElement {
  const params = { path: { callId } };
  const told = useAnswer(
    ['messages', callId],
    () => orWhyNot(answerOf(api.GET('/api/v1/calls/{callId}/messages', { params }))),
    everyMs === undefined ? {} : { everyMs },
  );
  return (
    <MessageSection
      told={told.data}
      error={told.error}
      path={`/calls/${encodeURIComponent(callId)}/messages`}
      name={`call-${callId}`}
    />
  );
}

/** Those of the last registrations of a phone. */
export function RegistrationMessages({ phone }: { readonly phone: string }): ReactElement {
  const params = { path: { phone } };
  const told = useAnswer(['registration-messages', phone], () =>
    orWhyNot(answerOf(api.GET('/api/v1/registrations/{phone}/messages', { params }))),
  );
  return (
    <MessageSection
      told={told.data}
      error={told.error}
      path={`/registrations/${encodeURIComponent(phone)}/messages`}
      name={`registrations-${phone}`}
    />
  );
}

interface MessageSectionProps {
  readonly told: List | string | undefined;
  readonly error: unknown;
  readonly path: string;
  readonly name: string;
}

function MessageSection({ told, error, path, name }: MessageSectionProps): ReactElement {
  const list = typeof told === 'string' ? undefined : told;
  return (
    <Section
      title="SIP messages"
      note="all legs and pods; secrets are masked. A message opens with its text"
      actions={
        list === undefined ? undefined : (
          <button
            type="button"
            className="button"
            onClick={() => {
              download(path, { format: 'pcap' }, `${name}.pcap`).catch((problem: unknown) => {
                tellProblem('The capture could not be saved', problem);
              });
            }}
          >
            Download pcap
          </button>
        )
      }
    >
      <ProblemBox error={error} />
      {typeof told === 'string' ? (
        <p className="empty">
          <Words>{told}</Words>
        </p>
      ) : null}
      {list === undefined ? null : <Ladder messages={list.messages} />}
      {list?.hasMore === true ? (
        <p className="note">There are more than one answer holds.</p>
      ) : null}
    </Section>
  );
}

/** There may be none by now, or not yet: the server says why. */
async function orWhyNot(asked: Promise<List>): Promise<List | string> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.status === 404) return error.problem.detail;
    throw error;
  }
}
