import type { JournalEvent } from "../api/client";

/** How many events the page keeps: as many as doemu does. */
export const kept = 10_000;

/**
 * The newest events of two lists that are each in order, which may overlap: a list that was asked for and the
 * stream do.
 */
export function mergeEvents(before: JournalEvent[], more: JournalEvent[], most = kept): JournalEvent[] {
  if (more.length === 0) return before;
  const last = before.at(-1)?.seq ?? 0;
  const first = more[0]!;
  if (first.seq > last) return newest(before.concat(more), most);
  const merged: JournalEvent[] = [];
  let a = 0;
  let b = 0;
  while (a < before.length || b < more.length) {
    const left = before[a];
    const right = more[b];
    if (right === undefined || (left !== undefined && left.seq < right.seq)) {
      merged.push(left!);
      a++;
    } else {
      if (left?.seq === right.seq) a++;
      merged.push(right);
      b++;
    }
  }
  return newest(merged, most);
}

function newest(events: JournalEvent[], most: number): JournalEvent[] {
  return events.length > most ? events.slice(events.length - most) : events;
}

/** What a person looks for in the journal. */
export type Group = "http" | "calls" | "alarms" | "sockets" | "life" | "console" | "trouble" | "edits";

export const groups: Record<Group, { title: string; kinds: string[] }> = {
  http: { title: "Requests", kinds: ["request", "fetch"] },
  calls: { title: "Calls", kinds: ["rpc", "run"] },
  alarms: { title: "Alarms", kinds: ["alarm", "alarm.set", "alarm.delete", "alarm.retry", "alarm.giveup"] },
  sockets: { title: "WebSockets", kinds: ["socket.open", "socket.message", "socket.close", "socket.error"] },
  life: { title: "Lifecycle", kinds: ["wake", "hibernate", "evict", "reload"] },
  console: { title: "Console", kinds: ["console"] },
  edits: { title: "Edits", kinds: ["edit", "delete", "restore", "snapshot"] },
  trouble: { title: "Trouble", kinds: ["uncaught", "reset", "fault", "hint"] },
};

const groupOfKind = new Map(Object.entries(groups).flatMap(([group, { kinds }]) => kinds.map((kind) => [kind, group as Group] as const)));

/** The group of an event. What this page does not know yet is of the lifecycle. */
export function groupOf(event: JournalEvent): Group {
  return groupOfKind.get(event.kind) ?? "life";
}

/** How bad an event is. */
export function severityOf(event: JournalEvent): "error" | "warn" | "info" {
  if (event.error || event.kind === "uncaught" || event.kind === "reset" || event.kind === "alarm.giveup" || event.level === "error" || (event.status ?? 0) >= 500) {
    return "error";
  }
  if (event.kind === "hint" || event.kind === "fault" || event.kind === "socket.error" || event.level === "warn" || (event.status ?? 0) >= 400) return "warn";
  return "info";
}

export interface EventFilter {
  groups: ReadonlySet<Group>;
  namespace: string;
  object: string;
  text: string;
  troubleOnly: boolean;
}

/** Whether a filter lets an event through. An empty filter lets all through. */
export function matches(event: JournalEvent, filter: Partial<EventFilter>): boolean {
  if (filter.namespace && event.namespace !== filter.namespace) return false;
  if (filter.object && event.object !== filter.object) return false;
  if (filter.groups?.size && !filter.groups.has(groupOf(event))) return false;
  if (filter.troubleOnly && severityOf(event) === "info") return false;
  const text = filter.text?.trim().toLowerCase();
  if (!text) return true;
  return [event.kind, event.detail, event.error, event.name, event.object, event.namespace, event.worker, event.status?.toString()].some((part) =>
    part?.toLowerCase().includes(text),
  );
}
