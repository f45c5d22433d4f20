/** Dark or light: the reader's choice, else the system's. Must agree with public/theme.js, which runs before. */
export type ThemeName = "dark" | "light";

const KEY = "sidelight.theme";

export class Theme {
  name = $state<ThemeName>(document.documentElement.dataset["theme"] === "dark" ? "dark" : "light");

  constructor() {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ({ matches }) => {
      if (!stored()) this.#apply(matches ? "dark" : "light");
    });
  }

  toggle(): void {
    this.#apply(this.name === "dark" ? "light" : "dark");
    try {
      localStorage.setItem(KEY, this.name);
    } catch {
      // Without storage the choice holds for this visit.
    }
  }

  #apply(name: ThemeName): void {
    this.name = name;
    document.documentElement.dataset["theme"] = name;
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
