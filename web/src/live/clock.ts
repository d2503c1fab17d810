import { computed, effect, signal } from "@preact/signals";
import { api, result, type Clock } from "../api/client";
import { connection } from "./connection";
import { listen } from "./journal";
import { throttled } from "../logic/pace";

/** What the emulator's clock showed, and when by the browser's. */
const reading = signal<{ clock: Clock; read: number } | undefined>(undefined);

/** What the emulator's clock showed when it was last asked. */
export const clock = computed(() => reading.value?.clock);

export const frozen = computed(() => clock.value?.mode === "frozen");

/** The browser's time, moved on while somebody looks. */
const beat = signal(performance.now());

/** The emulator's time now: it stands when its clock stands, or when doemu does not answer. */
export const now = computed(() => {
  const at = reading.value;
  if (!at) return Date.now();
  const shown = Date.parse(at.clock.now);
  return at.clock.mode === "frozen" || connection.value === "lost" ? shown : shown + Math.max(0, beat.value - at.read);
});

/** The emulator's time in whole seconds, for what need not be more exact. */
export const nowSecond = computed(() => Math.floor(now.value / 1000) * 1000);

/** Takes a reading that came with another answer. */
export function showClock(clock: Clock): void {
  reading.value = { clock, read: performance.now() };
  beat.value = reading.value.read;
}

async function ask(): Promise<void> {
  try {
    showClock(await result(api.GET("/api/v1/clock")));
  } catch {
    // The connection says that doemu does not answer.
  }
}

const beatEvery = 250;
/** Nothing tells that another has stopped or moved the clock. */
const askEvery = 1_500;

/** Follows the emulator's clock for as long as the page lives. */
export function startClock(): void {
  const askSoon = throttled(ask, 300);
  setInterval(() => {
    if (document.visibilityState === "visible" && !frozen.value) beat.value = performance.now();
  }, beatEvery);
  setInterval(() => document.visibilityState === "visible" && connection.value === "live" && askSoon(), askEvery);
  document.addEventListener("visibilitychange", askSoon);
  listen(askSoon);
  effect(() => {
    if (connection.value === "live") void ask();
  });
}
