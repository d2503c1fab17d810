import { asyncContext } from "../async_context.ts";
import { callerLine } from "../caller.ts";
import { DOMException } from "../errors.ts";
import { defineGlobals, tag } from "../globals.ts";
import { host, on } from "../kernel.ts";
import { reportUncaught } from "../console/index.ts";

declare module "../kernel.ts" {
  interface Host {
    /** Starts a timer; source is the line that set it. */
    "timer.start"(id: number, ms: number, repeat: boolean, source: string): void;
    "timer.stop"(id: number): void;
  }
  interface Events {
    timer: [id: number];
    /** All timers have ended unfired. */
    "timer.end": [];
  }
}

const longest = 3153600000000;
const mostTimers = 10_000;

interface Timer {
  callback: (...args: unknown[]) => unknown;
  args: unknown[];
  repeat: boolean;
}

const timers = new Map<number, Timer>();
let last = 0;
let finished = 0;

function start(name: string, callback: unknown, ms: unknown, repeat: boolean, args: unknown[]): number {
  if (typeof callback !== "function") {
    throw new TypeError(`Failed to execute '${name}' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'function'.`);
  }
  if (timers.size >= mostTimers) {
    throw new DOMException(
      `You have exceeded the number of active timeouts you may set. max active timeouts: ${mostTimers}, ` +
        `current active timeouts: ${timers.size}, finished timeouts: ${finished}`,
      "QuotaExceededError",
    );
  }
  const delay = Math.trunc(Number(ms ?? 0));
  const id = ++last;
  host["timer.start"](id, Math.min(Math.max(Number.isNaN(delay) ? 0 : delay, 0), longest), repeat, callerLine());
  timers.set(id, { callback: asyncContext.wrap(callback as Timer["callback"]), args, repeat });
  return id;
}

function stop(id: unknown): void {
  if (timers.delete(Number(id))) host["timer.stop"](Number(id));
}

on("timer", (id) => {
  const timer = timers.get(id);
  if (timer === undefined) return;
  if (!timer.repeat) {
    timers.delete(id);
    finished++;
  }
  try {
    timer.callback(...timer.args);
  } catch (error) {
    reportUncaught(error);
  }
});

on("timer.end", () => {
  timers.clear();
  finished = 0;
});

const setTimeout = (callback: unknown, ms?: unknown, ...args: unknown[]): number =>
  start("setTimeout", callback, ms, false, args);
const setInterval = (callback: unknown, ms?: unknown, ...args: unknown[]): number =>
  start("setInterval", callback, ms, true, args);

const timeOrigin = 0;

class Performance {
  /** Milliseconds since timeOrigin; it stands still during a turn. */
  now(): number {
    return Date.now();
  }
  /** 0, as in workerd. */
  get timeOrigin(): number {
    return timeOrigin;
  }
  toJSON(): object {
    return { timeOrigin };
  }
}
tag(Performance, "Performance");

/**
 * https://developers.cloudflare.com/workers/runtime-apis/scheduler/
 */
class Scheduler {
  /** Resolves after a time. */
  wait(ms: number, options?: { signal?: AbortSignal }): Promise<void> {
    const signal = options?.signal;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const id = setTimeout(resolve, ms);
      signal?.addEventListener("abort", () => {
        stop(id);
        reject(signal.reason as Error);
      });
    });
  }
}
tag(Scheduler, "Scheduler");

defineGlobals({
  setTimeout,
  setInterval,
  clearTimeout: (id?: unknown) => stop(id),
  clearInterval: (id?: unknown) => stop(id),
  setImmediate: (callback: unknown, ...args: unknown[]) => start("setImmediate", callback, 0, false, args),
  clearImmediate: (id?: unknown) => stop(id),
  performance: new Performance(),
  Performance,
  scheduler: new Scheduler(),
  Scheduler,
});
