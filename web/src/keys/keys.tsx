import { signal } from "@preact/signals";

export const help = signal(false);
export const palette = signal(false);

export function openHelp(): void {
  help.value = true;
}

export function openPalette(): void {
  palette.value = true;
}

export function Keys() {
  return null;
}
