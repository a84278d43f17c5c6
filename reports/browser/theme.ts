const THEMES = ["system", "light", "dark"] as const;

/** A button that goes through the colour themes. The choice lasts as long as the page: `file://` has no safe memory. */
export function themeButton(button: HTMLElement): void {
  let current = 0;
  button.addEventListener("click", () => {
    current = (current + 1) % THEMES.length;
    const theme = THEMES[current]!;
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    button.textContent = `Theme: ${theme}`;
    button.setAttribute("aria-label", `Colour theme: ${theme === "system" ? "as the system" : theme}`);
  });
}
