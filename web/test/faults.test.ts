import { expect, test } from "vitest";
import { sentence } from "../src/logic/faults";
import { bytes, counted } from "../src/logic/size";

test.each([
  [{ where: "rpc", what: "error" }, "A method call fails"],
  [{ where: "rpc", what: "error", namespace: "shop-Cart", rate: 0.3, next: 5 }, "A method call of shop-Cart fails, in 30 % of cases, the next 5 times"],
  [{ where: "fetch", what: "delay", ms: 1500, object: "name:ann" }, "A request to the object of ann is delayed by 1.5 s"],
  [{ where: "alarm", what: "reset", namespace: "n-A", object: "name:x", next: 1 }, "An alarm of n-A x resets the object, the next time"],
  [{ where: "newer", what: "newest" }, "newer newest"],
])("the rule %j", (rule, want) => expect(sentence({ met: 0, happened: 0, ...rule })).toBe(want));

test.each([[0, "0 B"], [999, "999 B"], [1000, "1.0 kB"], [12_345, "12 kB"], [999_949, "1000 kB"], [999_950, "1.0 MB"], [5e15, "5000 TB"]])("%d bytes", (n, want) => expect(bytes(n)).toBe(want));

test("what is counted", () => expect([counted(1, "key"), counted(0, "key"), counted(10_000, "entry", "entries")]).toEqual(["1 key", "0 keys", "10,000 entries"]));
