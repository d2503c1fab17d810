import { Check, Copy } from "lucide";
import { useState } from "preact/hooks";
import { Icon } from "./icon";
import { notify } from "./toast";

/** A button that copies a text. */
export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [done, setDone] = useState(false);
  const copy = async (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      setTimeout(() => setDone(false), 1200);
    } catch {
      notify("The browser does not let this page copy. The text: " + text, "error");
    }
  };
  return (
    <button type="button" class={done ? "copy done" : "copy"} onClick={copy} aria-label={label} title={label}>
      <Icon of={done ? Check : Copy} />
    </button>
  );
}

/** An id, or its beginning, that can be copied whole. */
export function Id({ of, short = 8 }: { of: string; short?: number }) {
  return (
    <span class="id" title={of}>
      <span class="cut">{of.length > short ? of.slice(0, short) : of}</span>
      <CopyButton text={of} label="Copy the id" />
    </span>
  );
}

/** A command of the terminal that can be copied. */
export function Command({ children }: { children: string }) {
  return (
    <span class="command id">
      <code>{children}</code>
      <CopyButton text={children} label="Copy the command" />
    </span>
  );
}
