import type { IconNode } from "lucide";
import type { ComponentChildren } from "preact";
import { Icon } from "./icon";

/** What stands where nothing is: what it would be, and how to get some. */
export function Empty({ icon, title, children }: { icon: IconNode; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon of={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Something that a person has to know: it is in the page's flow, and read out. */
export function Notice({ icon, kind, children }: { icon: IconNode; kind?: "red" | "amber"; children: ComponentChildren }) {
  return (
    <div class={`notice ${kind ?? ""}`} role={kind === "red" ? "alert" : "note"}>
      <Icon of={icon} />
      <div class="grow">{children}</div>
    </div>
  );
}
