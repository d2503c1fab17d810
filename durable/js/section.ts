// Critical sections: blockConcurrencyWhile and what is built on it.

import { asyncContext } from "doemu-internal:platform/async_context.ts";
import { host, on } from "doemu-internal:platform/kernel.ts";
import { thrown } from "./errors.ts";

const waiting = new Map<number, () => Promise<void>>();
let last = 0;

on("section", (id) => {
  const work = waiting.get(id);
  waiting.delete(id);
  void work?.();
});

/**
 * Runs a callback while only events that it started itself are delivered.
 *
 * @param onFailure What a failure of the callback does: it resets the object, and whoever awaits the
 *   section never goes on; or it rejects the promise.
 */
export function inSection<T>(callback: () => T | PromiseLike<T>, onFailure: "reset" | "reject"): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const id = ++last;
    host["section.begin"](id);
    const work = async (): Promise<void> => {
      try {
        const value = await callback();
        host["section.end"](id);
        resolve(value);
      } catch (error) {
        if (onFailure === "reset") {
          host["section.fail"](...thrown(error, { durableObjectReset: true }));
          return;
        }
        host["section.end"](id);
        reject(error);
      }
    };
    waiting.set(id, asyncContext.wrap(work));
  });
}
