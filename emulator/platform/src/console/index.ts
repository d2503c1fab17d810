import { asyncContext } from "../async_context.ts";
import { errorText } from "../errors.ts";
import { defineGlobals } from "../globals.ts";
import { host, on } from "../kernel.ts";
import { inspect } from "./inspect.ts";
import { format } from "./format.ts";

declare module "../kernel.ts" {
  interface Host {
    /** Writes one line, or several, that a program logged. */
    "console.write"(level: string, text: string): void;
    /** Reports an error that nobody handled. */
    "console.uncaught"(text: string): void;
  }
}

let indent = "";
const counts = new Map<string, number>();
const timers = new Map<string, number>();

function write(level: string, args: unknown[]): void {
  const text = format(args);
  host["console.write"](level, indent === "" ? text : text.replace(/^/gm, indent));
}

const since = (label: string): string => `${label}: ${(performance.now() - timers.get(label)!).toFixed(2)}ms`;

/**
 * The console. What is written goes into doemu's log.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/console/
 */
export const console = {
  log: (...args: unknown[]): void => write("log", args),
  info: (...args: unknown[]): void => write("info", args),
  warn: (...args: unknown[]): void => write("warn", args),
  error: (...args: unknown[]): void => write("error", args),
  debug: (...args: unknown[]): void => write("debug", args),
  trace: (...args: unknown[]): void => {
    const stack = String(new Error().stack).split("\n").slice(1).join("\n");
    write("log", [`Trace: ${format(args)}\n${stack}`.trimEnd()]);
  },
  dir: (value: unknown): void => write("log", [inspect(value)]),
  dirxml: (...args: unknown[]): void => write("log", args),
  table: (value: unknown): void => write("log", [value]),
  group: (...args: unknown[]): void => {
    if (args.length > 0) write("log", args);
    indent += "  ";
  },
  groupCollapsed: (...args: unknown[]): void => console.group(...args),
  groupEnd: (): void => {
    indent = indent.slice(2);
  },
  count: (label = "default"): void => {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    write("log", [`${label}: ${counts.get(label)}`]);
  },
  countReset: (label = "default"): void => void counts.delete(label),
  time: (label = "default"): void => void timers.set(label, performance.now()),
  timeLog: (label = "default", ...args: unknown[]): void => {
    if (timers.has(label)) write("log", [since(label), ...args]);
  },
  timeEnd: (label = "default"): void => {
    if (timers.has(label)) write("log", [since(label)]);
    timers.delete(label);
  },
  assert: (condition: unknown, ...args: unknown[]): void => {
    if (!condition) write("error", args.length === 0 ? ["Assertion failed"] : ["Assertion failed:", ...args]);
  },
  clear: (): void => {},
  timeStamp: (): void => {},
};
defineGlobals({ console });

/** Reports an error that nobody handled. */
export const reportUncaught = (error: unknown): void => host["console.uncaught"](errorText(error));

// The rejections that were told to the program; a handler that one gets later is told too.
const told = new WeakSet<Promise<unknown>>();

function tell(type: string, promise: Promise<unknown>, reason?: unknown): boolean {
  const event = new PromiseRejectionEvent(type, { promise, reason, cancelable: true });
  return asyncContext.within(asyncContext.ofRejection(promise), () => {
    try {
      return globalThis.dispatchEvent(event as unknown as Event);
    } catch (error) {
      reportUncaught(error);
      return true;
    }
  });
}

on("unhandled", (promise, reason) => {
  told.add(promise);
  if (tell("unhandledrejection", promise, reason)) reportUncaught(reason);
});
on("handled", (promise) => {
  if (told.delete(promise)) tell("rejectionhandled", promise);
});
