// Errors that nobody caught go to the listeners of "error" first, then into the log.

import { reportUncaught } from "../console/index.ts";
import { defineGlobals } from "../globals.ts";
import { ErrorEvent } from "./event.ts";

/** https://developer.mozilla.org/docs/Web/API/Window/reportError */
function reportError(error: unknown): void {
  const message = error instanceof Error ? `Uncaught ${error.name}: ${error.message}` : `Uncaught ${String(error)}`;
  if (globalThis.dispatchEvent(new ErrorEvent("error", { error, message }))) reportUncaught(error);
}

/** https://developer.mozilla.org/docs/Web/API/Window/queueMicrotask */
function queueMicrotask(callback: unknown): void {
  if (typeof callback !== "function") {
    throw new TypeError("Failed to execute 'queueMicrotask' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'function'.");
  }
  void Promise.resolve().then(() => {
    try {
      (callback as () => void)();
    } catch (error) {
      try {
        reportError(error);
      } catch (inListener) {
        reportUncaught(inListener);
      }
    }
  });
}

defineGlobals({ reportError, queueMicrotask });
