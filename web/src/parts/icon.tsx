import type { IconNode } from "lucide";
import { createElement } from "preact";

/** An icon of Lucide. It says nothing that its surroundings do not say. */
export function Icon({ of }: { of: IconNode }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      {of.map(([tag, attributes], n) => createElement(tag, { ...attributes, key: n }))}
    </svg>
  );
}
