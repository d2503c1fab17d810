import { signal } from "@preact/signals";
import { api, page, result, type Info, type JournalEvent } from "../api/client";
import { mergeEvents } from "../logic/events";
import { follow } from "./connection";

/** The events that the page has, in order. */
export const events = signal<JournalEvent[]>([]);

/** What runs; undefined until doemu has told. */
export const info = signal<Info | undefined>(undefined);

/** Counts the doemus that this page has met: with another one nothing that is shown is true any more. */
export const run = signal(0);

/** How many events are asked for at the start; the journal's page asks for the rest. */
const atStart = 2_000;

type Listener = (events: JournalEvent[]) => void;
const listeners = new Set<Listener>();

/** Calls a function with what happens, until stop is called. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Follows what happens for as long as the page lives. */
export function startJournal(): void {
  void follow(meet, () => events.value.at(-1)?.seq ?? 0, (more) => {
    events.value = mergeEvents(events.value, more);
    if (more.some((event) => event.kind === "reload")) void loadInfo();
    for (const listener of listeners) listener(more);
  });
}

export async function loadInfo(): Promise<Info> {
  const now = await result(api.GET("/api/v1/info"));
  info.value = now;
  return now;
}

/** Learns whether it is the doemu of before that answers, and asks for the newest events if not. */
async function meet(): Promise<void> {
  const before = info.value?.startedAt;
  const now = await loadInfo();
  if (now.startedAt === before) return;
  events.value = (await page(api.GET("/api/v1/journal", { params: { query: { last: atStart } } }))).items;
  run.value++;
}

/** Asks for all events that doemu remembers. */
export async function loadAll(): Promise<void> {
  if ((events.value[0]?.seq ?? 1) === 1) return;
  const { items } = await page(api.GET("/api/v1/journal", { params: { query: { limit: 10_000 } } }));
  events.value = mergeEvents(events.value, items);
}
