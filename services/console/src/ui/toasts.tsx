import { Toast } from '@base-ui/react/toast';
import type { ReactElement } from 'react';

/** What is to be told; `tell` adds to it. */
export const manager = Toast.createToastManager();

/** Where it is shown; once a page. */
export function Toasts(): ReactElement {
  return (
    <Toast.Provider toastManager={manager}>
      <Toast.Portal>
        <Toast.Viewport className="toasts">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function ToastList(): ReactElement[] {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className="toast">
      <Toast.Content>
        <Toast.Title className="toast-title" />
        <Toast.Description />
      </Toast.Content>
      <Toast.Close className="button quiet" aria-label="Close">
        ✕
      </Toast.Close>
    </Toast.Root>
  ));
}
