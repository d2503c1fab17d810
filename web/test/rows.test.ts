import { expect, test } from "vitest";
import { rangeToRefresh, replaceRange } from "../src/logic/rows";

const rows = (ids: string, version = 1) => [...ids].map((id) => ({ id, version }));
const text = (list: { id: string; version: number }[]) => list.map(({ id, version }) => id + version).join(" ");

test.each([
  ["in the middle", "abcde", "a", "c", "bc", "a1 b2 c2 d1 e1"],
  ["at the beginning", "abc", "", "a", "a", "a2 b1 c1"],
  ["an object that came", "ace", "a", "e", "bcde", "a1 b2 c2 d2 e2"],
  ["an object that went", "abc", "a", "c", "c", "a1 c2"],
  ["all that went", "abc", "", "c", "", ""],
  ["at the end", "ab", "b", "g", "cd", "a1 b1 c2 d2"],
  ["rows outside the range", "abc", "a", "b", "bc", "a1 b2 c1"],
])("a part of a list that is read anew: %s", (_, before, after, upTo, fresh, want) => {
  expect(text(replaceRange(rows(before), after, upTo, rows(fresh, 2)))).toBe(want);
});

test("only what is seen is read anew", () => {
  const list = rows("abcdef");
  expect(rangeToRefresh(list, 1, 3, new Set("c"), true)).toEqual({ after: "a", upTo: "d" });
  expect(rangeToRefresh(list, 1, 3, new Set("f"), true)).toBeUndefined();
  expect(rangeToRefresh(list, 0, 5, new Set(["ff"]), true)).toEqual({ after: "", upTo: "g" });
  expect(rangeToRefresh(list, 0, 5, new Set(["ff"]), false)).toBeUndefined(); // of a page that is not there yet
  expect(rangeToRefresh([], 0, 0, new Set("a"), true)).toEqual({ after: "", upTo: "g" });
});
