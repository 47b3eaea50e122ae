"use strict";

// Before anything is drawn: the scheme and the language that were chosen before, so that nothing flashes. No module,
// because modules wait for the whole page.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("raqam.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    if (localStorage.getItem("raqam.language") === "en") Object.assign(root, { lang: "en", dir: "ltr" });
  } catch {
    // Without storage there is nothing to remember.
  }
})();
