import { effect, signal } from "@preact/signals";

/** What a person chose: as the system has it, or one of both. */
export type Theme = "system" | "light" | "dark";

const kept = "doemu.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);

export const theme = signal<Theme>((localStorage.getItem(kept) as Theme | null) ?? "system");

export function startTheme(): void {
  system.addEventListener("change", () => (systemDark.value = system.matches));
  effect(() => {
    if (theme.value === "system") localStorage.removeItem(kept);
    else localStorage.setItem(kept, theme.value);
    document.documentElement.dataset["theme"] = isDark() ? "dark" : "light";
  });
}

export function isDark(): boolean {
  return theme.value === "dark" || (theme.value === "system" && systemDark.value);
}

/** Switches between light and dark; what the system has is not kept as a choice. */
export function switchTheme(): void {
  const dark = !isDark();
  theme.value = dark === systemDark.value ? "system" : dark ? "dark" : "light";
}
