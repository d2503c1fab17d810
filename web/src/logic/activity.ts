import type { JournalEvent } from "../api/client";
import { severityOf } from "./events";

/** What is counted over time. */
export type Measure = "requests" | "calls" | "alarms" | "messages" | "wakes" | "errors";

export const measures: Record<Measure, { title: string; counts: (event: JournalEvent) => boolean }> = {
  requests: { title: "Requests", counts: (event) => event.kind === "request" },
  calls: { title: "Object calls", counts: (event) => event.kind === "rpc" || event.kind === "fetch" },
  alarms: { title: "Alarms run", counts: (event) => event.kind === "alarm" },
  messages: { title: "Socket messages", counts: (event) => event.kind === "socket.message" },
  wakes: { title: "Wakes", counts: (event) => event.kind === "wake" },
  errors: { title: "Errors", counts: (event) => severityOf(event) === "error" },
};

export interface Activity {
  total: number;
  /** The counts of equal spans of time, the oldest first. */
  counts: number[];
}

/** Counts the events of the time before now, in so many equal spans. */
export function activity(events: JournalEvent[], now: number, window: number, spans: number): Record<Measure, Activity> {
  const names = Object.keys(measures) as Measure[];
  const all = Object.fromEntries(names.map((name) => [name, { total: 0, counts: new Array<number>(spans).fill(0) }])) as Record<Measure, Activity>;
  for (let n = events.length - 1; n >= 0; n--) {
    const event = events[n]!;
    const age = now - Date.parse(event.time);
    if (age > window) continue; // not the end: the clock can be set back
    const span = Math.min(spans - 1, Math.max(0, spans - 1 - Math.floor((age / window) * spans)));
    for (const name of names) {
      if (!measures[name].counts(event)) continue;
      all[name].total++;
      all[name].counts[span]!++;
    }
  }
  return all;
}
