// The theme: that of the system, or the one that the person has chosen.

import { byId } from "./dom.js";

const THEMES = ["system", "light", "dark"];
const STORED = "python-executor-theme";

/** Apply the chosen theme, and let the button choose the next one. */
export function initTheme() {
  const button = byId("theme");
  let theme = stored();
  const apply = () => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = { system: "◐", light: "☀", dark: "☾" }[theme];
    button.setAttribute("aria-label", `Theme: ${theme}`);
  };
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    try {
      localStorage.setItem(STORED, theme);
    } catch {
      // The browser keeps nothing for this page. The choice lasts until it is closed.
    }
    apply();
  });
  apply();
}

function stored() {
  try {
    const theme = localStorage.getItem(STORED) ?? "";
    return THEMES.includes(theme) ? theme : "system";
  } catch {
    return "system";
  }
}
