// Sets the theme before the first paint; a file of its own because the page allows no inline scripts.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("playground.theme");
  } catch {
    // Storage may be refused; the system's theme is used then.
  }
  document.documentElement.dataset.theme = theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
})();
