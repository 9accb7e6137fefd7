import { Component, lazy, Suspense, type ReactElement, type ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import { useSessionState } from './api/session.ts';
import { routes } from './routes.ts';
import { Shell } from './shell.tsx';
import { Page } from './ui/page.tsx';
import { ProblemBox } from './ui/problem-box.tsx';
import { useHasTold } from './ui/tell.ts';

const SignIn = lazy(async () => ({ default: (await import('./pages/sign-in.tsx')).SignInPage }));
const NewPassword = lazy(async () => ({
  default: (await import('./pages/new-password.tsx')).NewPasswordPage,
}));
const Toasts = lazy(async () => ({ default: (await import('./ui/toasts.tsx')).Toasts }));

/** The console: the door, or the page that the address names. */
export function App(): ReactElement {
  const state = useSessionState();
  const hasTold = useHasTold();
  if (state.kind === 'asking') return <p className="empty">Loading …</p>;
  if (state.kind === 'nobody') {
    return (
      <Suspense fallback={<p className="empty">Loading …</p>}>
        <SignIn />
      </Suspense>
    );
  }
  if (state.session.mustChangePassword) {
    return (
      <Suspense fallback={<p className="empty">Loading …</p>}>
        <NewPassword />
      </Suspense>
    );
  }
  return (
    <>
      <Shell>
        <Boundary>
          <Suspense fallback={<p className="empty">Loading …</p>}>
            <Switch>
              {routes.map(({ path, page: Shown }) => (
                <Route key={path} path={path}>
                  {/* Another account is another page: nothing of the one before stays there while it loads. */}
                  {(params) => <Shown key={Object.values(params).join('/')} />}
                </Route>
              ))}
              <Route path="/sign-in">
                <Page title="Signed in">You are signed in.</Page>
              </Route>
              <Route>
                <Page title="No such page">There is nothing at this address.</Page>
              </Route>
            </Switch>
          </Suspense>
        </Boundary>
      </Shell>
      {hasTold ? (
        <Suspense fallback={null}>
          <Toasts />
        </Suspense>
      ) : null}
    </>
  );
}

/** A page that fails leaves the menu usable. */
class Boundary extends Component<{ readonly children: ReactNode }, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return (
      <Page title="This page has failed">
        <ProblemBox error={this.state.error} />
        <p>
          <a href={location.href}>Load it again</a>
        </p>
      </Page>
    );
  }
}
