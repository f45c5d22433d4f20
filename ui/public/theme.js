// The stored choice; without one, what the system asks for. Must agree with src/state/theme.svelte.ts.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("sidelight.theme");
  } catch {
    // Storage may be forbidden; then the system's theme holds.
  }
  if (theme !== "dark" && theme !== "light") {
    theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  document.documentElement.dataset.theme = theme;
})();
