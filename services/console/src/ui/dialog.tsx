import { useEffect, useId, useRef, type ReactElement, type ReactNode } from 'react';

interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly isWide?: boolean;
  /** Whether the title is for screen readers alone, and the dialog has a form of its own. */
  readonly className?: string;
}

/** A dialog over the page, by the browser's own element: it keeps the focus, and Escape and what lies beside it close it. */
export function Dialog({
  title,
  isOpen,
  onClose,
  children,
  isWide,
  className,
}: DialogProps): ReactElement | null {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = element.current;
    if (dialog !== null && !dialog.open) dialog.showModal();
  }, [isOpen]);
  if (!isOpen) return null;
  return (
    <dialog
      ref={element}
      className={['dialog', isWide === true ? 'wide' : '', className ?? ''].join(' ')}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <div className="dialog-body">
        <header className={className === undefined ? undefined : 'sr-only'}>
          <h2 id={titleId}>{title}</h2>
          <button type="button" className="button quiet" aria-label="Close" onClick={onClose}>
            ✕
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
