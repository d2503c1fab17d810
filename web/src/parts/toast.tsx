import { CircleAlert, CircleCheck, X } from "lucide";
import { signal } from "@preact/signals";
import { ApiError, messageOf } from "../api/client";
import { Icon } from "./icon";

interface Toast {
  id: number;
  text: string;
  kind: "done" | "error";
}

const toasts = signal<Toast[]>([]);
let last = 0;

const doneFor = 4_000;

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Says that something was done, for a while, or that it failed, until it is read. */
export function notify(text: string, kind: Toast["kind"] = "done"): void {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-3), { id, text, kind }];
  if (kind === "done") setTimeout(() => dismiss(id), doneFor);
}

/** Does something, and says what came of it. The result is undefined if it failed. */
export async function attempt<T>(does: () => Promise<T>, done?: string | ((result: T) => string)): Promise<T | undefined> {
  try {
    const result = await does();
    if (done !== undefined) notify(typeof done === "string" ? done : done(result));
    return result;
  } catch (error) {
    const thrown = error instanceof ApiError ? error.thrown?.stack : undefined;
    notify(messageOf(error) + (thrown ? `\n${thrown}` : ""), "error");
    return undefined;
  }
}

export function Toasts() {
  return (
    <div class="toasts" role="region" aria-label="Messages" aria-live="polite">
      {toasts.value.map((toast) => (
        <div key={toast.id} class={toast.kind === "error" ? "toast red" : "toast"}>
          <Icon of={toast.kind === "error" ? CircleAlert : CircleCheck} />
          <span class="grow text">{toast.text}</span>
          {toast.kind === "error" && (
            <button type="button" class="button plain small square" aria-label="Dismiss" onClick={() => dismiss(toast.id)}>
              <Icon of={X} />
            </button>
          )}
        </div>
      ))}
    </div>
  );
}
