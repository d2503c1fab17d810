import { expect, test } from "vitest";
import type { JournalEvent } from "../src/api/client";
import { activity } from "../src/logic/activity";
import { matches, mergeEvents, severityOf } from "../src/logic/events";
import { pauseAfter, throttled } from "../src/logic/pace";

const at = (seq: number, more: Partial<JournalEvent> = {}): JournalEvent => ({ seq, time: "2026-01-01T00:00:00.000Z", kind: "rpc", ...more });
const numbers = (events: JournalEvent[]) => events.map((event) => event.seq);

test.each([
  ["what comes after", [1, 2], [3, 4], 9, [1, 2, 3, 4]],
  ["what overlaps", [1, 2, 3], [2, 3, 4], 9, [1, 2, 3, 4]],
  ["what was before", [3, 4], [1, 2, 3, 4], 9, [1, 2, 3, 4]],
  ["a gap that is filled", [1, 5], [2, 3], 9, [1, 2, 3, 5]],
  ["nothing", [1], [], 9, [1]],
  ["the first", [], [7], 9, [7]],
  ["more than is kept", [1, 2], [3, 4], 3, [2, 3, 4]],
])("events merge with %s", (_, before, more, most, want) => {
  expect(numbers(mergeEvents(before.map((n) => at(n)), more.map((n) => at(n)), most))).toEqual(want);
});

test("an event that came twice is the newer one", () => {
  expect(mergeEvents([at(1), at(2)], [at(2, { detail: "new" })])[1]!.detail).toBe("new");
});

test.each([
  [{ kind: "rpc" }, "info"], [{ kind: "rpc", error: "Error: no" }, "error"], [{ kind: "request", status: 404 }, "warn"], [{ kind: "request", status: 500 }, "error"],
  [{ kind: "console", level: "warn" }, "warn"], [{ kind: "hint" }, "warn"], [{ kind: "reset" }, "error"],
])("how bad %j is", (event, want) => expect(severityOf(at(1, event))).toBe(want));

test("a filter", () => {
  const event = at(1, { kind: "alarm.set", namespace: "w-Room", object: "0a", name: "Lobby", detail: "to 12:00" });
  for (const [filter, want] of [
    [{}, true], [{ text: "lobby" }, true], [{ text: " 12:00 " }, true], [{ text: "kitchen" }, false], [{ groups: new Set(["alarms"] as const) }, true],
    [{ groups: new Set(["http"] as const) }, false], [{ groups: new Set<never>() }, true], [{ object: "0a", namespace: "w-Room" }, true], [{ object: "0b" }, false],
    [{ namespace: "w-Hall" }, false], [{ troubleOnly: true }, false],
  ] as const) {
    expect(matches(event, filter), JSON.stringify(filter)).toBe(want);
  }
});

test("activity is counted in spans up to now", () => {
  const now = Date.parse("2026-01-01T00:01:00.000Z");
  const when = (second: number, kind: string, more = {}) => at(second, { kind, time: new Date(now - 60_000 + second * 1000).toISOString(), ...more });
  const counted = activity([when(-1, "rpc"), when(0, "rpc"), when(29, "rpc"), when(31, "request", { status: 500 }), when(60, "rpc"), when(65, "rpc")], now, 60_000, 2);
  expect(counted.calls).toEqual({ total: 4, counts: [2, 2] }); // one is of a time before the clock was set back
  expect(counted.requests).toEqual({ total: 1, counts: [0, 1] });
  expect(counted.errors.total).toBe(1);
  expect(counted.alarms.total).toBe(0);
});

test("a lost connection is tried again soon, and then less often", () => {
  expect([1, 2, 3, 4, 5, 50].map(pauseAfter)).toEqual([500, 1000, 2000, 4000, 5000, 5000]);
});

test("what is throttled runs at once, once more for all that is asked meanwhile, and never twice at a time", async () => {
  let running = 0;
  let ran = 0;
  const soon = throttled(async () => {
    expect(++running).toBe(1);
    ran++;
    await Promise.resolve();
    running--;
  }, 1);
  soon();
  soon();
  soon();
  expect(ran).toBe(1);
  await expect.poll(() => ran).toBe(2);
});
