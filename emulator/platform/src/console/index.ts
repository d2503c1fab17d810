import { asyncContext } from "../async_context.ts";
import { errorText, stackLines } from "../errors.ts";
import { defineGlobals } from "../globals.ts";
import { host, on } from "../kernel.ts";
import { inspect } from "./inspect.ts";
import { format } from "./format.ts";

declare module "../kernel.ts" {
  interface Host {
    /** Writes one line, or several, that a program logged; for Tail Workers the values and their errors as JSON. */
    "console.write"(level: string, text: string, values?: string, errors?: string): void;
    /** Reports an error that nobody handled. */
    "console.uncaught"(text: string, name: string, message: string, stack: string): void;
  }
}

let indent = "";
const counts = new Map<string, number>();
const timers = new Map<string, number>();

let traced = false;

/** Says whether Tail Workers want to see what is logged. */
export function traceLogs(on: boolean): void {
  traced = on;
}

function write(level: string, args: unknown[]): void {
  const formatted = format(args);
  const text = indent === "" ? formatted : formatted.replace(/^/gm, indent);
  if (traced) host["console.write"](level, text, ...traceOf(args));
  else host["console.write"](level, text);
}

// What JSON says of the values, an error by its text; and what there is to know of the errors.
function traceOf(args: unknown[]): [values: string, errors: string | undefined] {
  const values = args.map((value) => {
    try {
      return JSON.stringify(value instanceof Error ? String(value) : value) ?? "null";
    } catch {
      return JSON.stringify(inspect(value));
    }
  });
  if (!args.some((value) => value instanceof Error)) return [`[${values.join(",")}]`, undefined];
  const errors = args.map((value) =>
    value instanceof Error ? { name: String(value.name), message: String(value.message), stack: stackLines(value) } : null,
  );
  return [`[${values.join(",")}]`, JSON.stringify(errors)];
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
    const text = format(args);
    write("log", [`${text === "" ? "Trace" : `Trace: ${text}`}\n${stackLines(new Error())}`.trimEnd()]);
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
export function reportUncaught(error: unknown): void {
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  host["console.uncaught"](errorText(error, inspect), String(name), String(message), error instanceof Error ? stackLines(error) : "");
}

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
