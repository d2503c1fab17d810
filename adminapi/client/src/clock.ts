// The clock of a world: by it timers, alarms and their retries run, and time is told.

import type { Schemas } from "./admin.js";
import type { Caller } from "./calls.js";

/** What happened while time passed. */
export type Passage = Schemas["Passed"];

/** What the clock shows. */
export type ClockStatus = Schemas["Clock"];

/** A moment: a Date, milliseconds since 1970, or text in the form of RFC 3339. */
export type Moment = Date | number | string;

/** A length of time: milliseconds, or text such as "90s", "1h30m", "2d". */
export type Span = number | string;

export class Clock {
  readonly #caller: Caller;

  /** @internal */
  constructor(caller: Caller) {
    this.#caller = caller;
  }

  status(): Promise<ClockStatus> {
    return this.#caller.route("GET", "clock");
  }

  /** What the time is there. */
  async now(): Promise<Date> {
    return new Date((await this.status()).now);
  }

  /** Stops the clock; at another time if one is given. */
  async freeze(at?: Moment): Promise<void> {
    await this.#caller.route("POST", "clock/freeze");
    if (at !== undefined) await this.set(at);
  }

  /** Lets the clock run. */
  async resume(): Promise<void> {
    await this.#caller.route("POST", "clock/resume");
  }

  /** Lets time pass on a clock that stands: all that falls due happens, in order, and has ended when this returns. */
  async advance(span: Span): Promise<Passage> {
    const ms = milliseconds(span);
    return this.#caller.route("POST", "clock/advance", { ms });
  }

  /** Moves the clock without passing through the time between. */
  async set(at: Moment): Promise<Passage> {
    return this.#caller.route("POST", "clock/set", { at: at instanceof Date ? at.toISOString() : at });
  }

  /** Lets time pass up to what falls due next. */
  async next(): Promise<Passage> {
    return this.#caller.route("POST", "clock/next");
  }

  /** Waits until nothing is being done that does not wait for time or for the outside. */
  async settle(): Promise<void> {
    await this.#caller.route("POST", "settle");
  }
}

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function milliseconds(span: Span): number {
  if (typeof span === "number") return span;
  let sum = 0;
  const rest = span.replace(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*/g, (_, amount: string, unit: string) => {
    sum += Number(amount) * units[unit]!;
    return "";
  });
  if (rest !== "" || span.trim() === "") throw new TypeError(`"${span}" is no length of time: write 1h30m, 90s, 500ms, or milliseconds.`);
  return sum;
}
