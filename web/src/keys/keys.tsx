import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { go, href } from "../route";
import { pages } from "../pages";
import { switchTheme } from "../theme";
import { Help } from "./help";
import { Palette } from "./palette";

export const help = signal(false);
export const palette = signal(false);

export function openHelp(): void {
  help.value = true;
}

export function openPalette(): void {
  palette.value = true;
}

/** How long g waits for the key that follows it. */
const sequence = 1_500;

/** The keys that hold on every page. Keys that a person types somewhere are not among them. */
export function Keys() {
  useEffect(() => {
    let afterG = 0;
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        palette.value = !palette.value;
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || document.querySelector("dialog[open]")) return;
      const leads = performance.now() - afterG < sequence ? pages.find((page) => page.key === event.key) : undefined;
      afterG = 0;
      if (leads) go(href(leads.path === "" ? [] : [leads.path]));
      else if (event.key === "g") afterG = performance.now();
      else if (event.key === "?") help.value = true;
      else if (event.key === "t") switchTheme();
      else if (event.key === "/") document.querySelector<HTMLElement>("[data-search]")?.focus();
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
  return (
    <>
      {palette.value && <Palette close={() => (palette.value = false)} />}
      {help.value && <Help close={() => (help.value = false)} />}
    </>
  );
}

/** Whether a key goes into a field: also one of the editor, which is in a shadow root. */
function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  return target instanceof HTMLElement && (target.isContentEditable || !!target.closest("input, textarea, select"));
}
