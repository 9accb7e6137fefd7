// Before anything is painted, so that a dark page does not begin with a white one. `data-choice` is what the operator
// chose, `data-theme` what that comes to.
(() => {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const chosen = () => {
    try {
      return localStorage.getItem('tandem-theme');
    } catch {
      return null; // Without storage the system's choice holds.
    }
  };
  const apply = () => {
    const choice = chosen();
    const isChosen = choice === 'light' || choice === 'dark';
    root.dataset.choice = isChosen ? choice : 'system';
    root.dataset.theme = isChosen ? choice : system.matches ? 'dark' : 'light';
  };
  system.addEventListener('change', apply);
  addEventListener('tandem-theme', apply);
  apply();
})();
