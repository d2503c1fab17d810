import { signal } from "@preact/signals";
import { createParser } from "eventsource-parser";

import { pauseAfter } from "../logic/pace";
import { base, denied, headers, type JournalEvent } from "../api/client";

/** Whether events arrive: not yet, as they happen, or not since the connection was lost. */
export type ConnectionState = "connecting" | "live" | "lost";

export const connection = signal<ConnectionState>("connecting");

/** doemu writes a comment each 15 s: a connection that is silent for longer is dead. */
const silence = 40_000;

/**
 * Follows the journal by server-sent events for as long as the page lives: `meet` is called before each
 * connection, `since` then gives the number to go on from. EventSource is not used, because it sends no token.
 */
export async function follow(meet: () => Promise<void>, since: () => number, take: (events: JournalEvent[]) => void): Promise<never> {
  for (let failures = 0; ; ) {
    const closing = new AbortController();
    try {
      await meet();
      const response = await fetch(`${base}/api/v1/events?since=${since()}`, { headers: headers(), signal: closing.signal, cache: "no-store" });
      if (response.status === 401) denied.value = true;
      if (!response.ok || !response.body) throw new Error(`doemu answered ${response.status}`);
      failures = 0;
      connection.value = "live";
      await read(response.body, closing, take);
    } catch {
      // Why does not matter: what is shown is that it is lost, and that it is tried again.
    }
    closing.abort();
    connection.value = "lost";
    await pause(pauseAfter(++failures));
  }
}

async function read(body: ReadableStream<Uint8Array>, closing: AbortController, take: (events: JournalEvent[]) => void): Promise<void> {
  let events: JournalEvent[] = [];
  const parser = createParser({ onEvent: (message) => events.push(JSON.parse(message.data) as JournalEvent) });
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  for (;;) {
    const dead = setTimeout(() => closing.abort(), silence);
    const { done, value } = await reader.read();
    clearTimeout(dead);
    if (done) return;
    parser.feed(value);
    if (events.length > 0) take(events);
    events = [];
  }
}

/** Waits, but no longer than until the page is looked at again or the network is back. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
      removeEventListener("online", done);
      resolve();
    };
    const seen = () => document.visibilityState === "visible" && done();
    const timer = setTimeout(done, ms);
    document.addEventListener("visibilitychange", seen);
    addEventListener("online", done);
  });
}
