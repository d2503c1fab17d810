import { expect, test } from "vitest";
import { countdown, day, editable, hour, minute, parseSpan, parseTime, relative, second, span } from "../src/logic/time";

test.each([
  [0, "0 ms"], [0.44, "0.4 ms"], [12, "12 ms"], [999, "999 ms"], [1000, "1 s"], [4250, "4.2 s"], [59_999, "59 s"],
  [minute, "1 min"], [3 * minute + 20 * second, "3 min 20 s"], [hour - 1, "59 min 59 s"], [day + 2 * hour, "1 d 2 h"], [400 * day, "1 y 35 d"], [-1500, "−1.5 s"],
])("a span of %d ms", (ms, want) => expect(span(ms)).toBe(want));

test.each([
  [0, "due"], [-5, "due"], [1, "00:01"], [59_001, "01:00"], [hour, "1:00:00"], [2 * day + 3 * hour + 4 * minute + 5 * second, "2d 03:04:05"],
])("a countdown of %d ms", (ms, want) => expect(countdown(ms)).toBe(want));

test.each([
  [500, "now"], [-999, "now"], [90_000, "in 1 min 30 s"], [-2_940, "2 s ago"], [-2 * hour, "2 h ago"],
])("what is %d ms away", (ms, want) => expect(relative(1e12 + ms, 1e12)).toBe(want));

test.each([
  ["250", 250], ["90s", 90_000], ["1h30m", 5_400_000], [" 1.5 d ", 1.5 * day], ["2 hours", 2 * hour], ["", undefined], ["soon", undefined], ["1 parsec", undefined], ["-1s", undefined],
])("the span %j", (text, want) => expect(parseSpan(text)).toBe(want));

test.each([
  ["2026-11-25", "2026-11-25T00:00:00.000Z"], ["2026-11-25 10:30", "2026-11-25T10:30:00.000Z"], ["2026-11-25T10:30:01.5Z", "2026-11-25T10:30:01.500Z"],
  ["2026-11-25T10:30+02:00", "2026-11-25T08:30:00.000Z"], ["1700000000000", "2023-11-14T22:13:20.000Z"], ["+1h", "2026-01-01T01:00:00.000Z"], ["in 2 min", "2026-01-01T00:02:00.000Z"],
  ["tomorrow", undefined], ["2026-13-45", undefined], ["+soon", undefined],
])("the time %j", (text, want) => {
  const at = parseTime(text, Date.UTC(2026, 0, 1));
  expect(at === undefined ? undefined : new Date(at).toISOString()).toBe(want);
});

test("a time that is edited is read as it was", () => {
  for (const iso of ["2026-11-25T10:30:00.000Z", "2026-11-25T10:30:00.125Z"]) expect(new Date(parseTime(editable(iso), 0)!).toISOString()).toBe(iso);
});
