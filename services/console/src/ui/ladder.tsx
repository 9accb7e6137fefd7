import { useMemo, useState, type KeyboardEvent, type ReactElement } from 'react';
import type { Schemas } from '../api/client.ts';
import { ladderOf, type Lane, type Rung } from '../core/ladder.ts';
import { Time } from './time.tsx';

type Message = Schemas['SipMessage'];

/** SIP messages between peers and pods, the oldest on top; a message opens with its text. */
export function Ladder({ messages }: { readonly messages: readonly Message[] }): ReactElement {
  const { lanes, rungs } = useMemo(() => ladderOf(messages), [messages]);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const toggle = (index: number): void => {
    const next = new Set(opened);
    if (!next.delete(index)) next.add(index);
    setOpened(next);
  };
  return (
    <div className="ladder-scroll" role="region" aria-label="SIP messages" tabIndex={0}>
      <div className="ladder" style={{ minWidth: `${String(lanes.length * 8.5 + 9)}rem` }}>
        <Lanes lanes={lanes} />
        <ol onKeyDown={walk}>
          {rungs.map((rung, index) => (
            // What was said does not change: its place tells one from another.
            <li key={index}>
              <RungLine
                rung={rung}
                lanes={lanes}
                isOpen={opened.has(index)}
                onToggle={() => {
                  toggle(index);
                }}
              />
              {opened.has(index) ? <Text message={rung.message} /> : null}
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}

function Lanes({ lanes }: { readonly lanes: readonly Lane[] }): ReactElement {
  return (
    <div className="ladder-heads" aria-hidden="true">
      {lanes.map(({ name, isPod }) => (
        <div key={`${String(isPod)} ${name}`} className={isPod ? 'lane pod' : 'lane'} title={name}>
          {name}
        </div>
      ))}
    </div>
  );
}

interface RungProps {
  readonly rung: Rung<Message>;
  readonly lanes: readonly Lane[];
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function RungLine({ rung, lanes, isOpen, onToggle }: RungProps): ReactElement {
  const { from, to, message, afterMs } = rung;
  const middle = (lane: number): number => ((lane + 0.5) / lanes.length) * 100;
  const [left, right] = [Math.min(from, to), Math.max(from, to)].map(middle) as [number, number];
  const width = right - left;
  const parties = `${lanes[from]?.name ?? ''} to ${lanes[to]?.name ?? ''}`;
  return (
    <button type="button" className="rung" aria-expanded={isOpen} onClick={onToggle}>
      <span className="rung-time" title={message.at ?? ''}>
        +{(afterMs / 1000).toFixed(3)} s
      </span>
      <span className="rung-lanes">
        {lanes.map(({ name, isPod }, index) => (
          <span
            key={`${String(isPod)} ${name}`}
            className="rung-post"
            style={{ left: `${String(middle(index))}%` }}
          />
        ))}
        <span
          className={`rung-arrow ${from < to ? 'right' : 'left'} ${toneOf(message)}`}
          style={{ left: `${String(left)}%`, width: `${String(width)}%` }}
        />
        <span
          className={`rung-label ${toneOf(message)}`}
          style={{ left: `${String(left)}%`, width: `${String(width)}%` }}
        >
          {shortOf(message)}
          {message.times > 1 ? `, again, ${String(message.times)}×` : ''}
        </span>
      </span>
      <span className="sr-only">{parties}</span>
    </button>
  );
}

function toneOf({ code }: Message): string {
  if (code === 0) return 'request';
  if (code < 200) return 'provisional';
  return code < 400 ? 'good' : 'bad';
}

/** Method alone, or code and reason; with SDP where there is a body of it. */
function shortOf({ code, method, summary, text }: Message): string {
  const said = code === 0 ? method : summary;
  return /^content-type:\s*application\/sdp/im.test(text) ? `${said} (SDP)` : said;
}

function Text({ message }: { readonly message: Message }): ReactElement {
  const { at, cseq, direction, local, pod, remote, summary, text, transport } = message;
  return (
    <div className="message">
      <p className="note">
        <Time at={at} /> · {direction} by {pod} · {transport} · {local}{' '}
        {direction === 'sent' ? '→' : '←'} {remote} · {summary} · CSeq {cseq}
      </p>
      <pre>{text}</pre>
    </div>
  );
}

/** Up and down go from message to message. */
function walk(event: KeyboardEvent<HTMLOListElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const buttons = [...event.currentTarget.querySelectorAll('button')];
  const next = buttons[buttons.findIndex((each) => each === document.activeElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
