import type { FaultRule } from "../api/client";
import { span } from "./time";

export const points: Record<string, string> = {
  rpc: "A method call",
  fetch: "A request to the object",
  alarm: "An alarm",
  websocket: "A WebSocket message",
  "storage.commit": "A commit of storage",
};

export const actions: Record<string, { title: string; says: string }> = {
  error: { title: "fails", says: "It fails with an error, before it has begun" },
  delay: { title: "is delayed", says: "It comes later, by the emulator's clock" },
  disconnect: { title: "is disconnected", says: "It is done, and the caller does not learn of it" },
  reset: { title: "resets the object", says: "The object loses its memory, before it has begun" },
};

/** A rule as a sentence: "A method call of shop-Cart fails, in 30 % of cases, the next 5 times". */
export function sentence(rule: FaultRule): string {
  const of = rule.object ? ` of ${rule.namespace ? `${rule.namespace} ` : ""}${rule.object.replace(/^name:/, "")}` : rule.namespace ? ` of ${rule.namespace}` : "";
  const does = rule.what === "delay" ? `is delayed by ${span(rule.ms ?? 0)}` : (actions[rule.what]?.title ?? rule.what);
  const often = rule.rate ? `, in ${Math.round(rule.rate * 1000) / 10} % of cases` : "";
  const times = rule.next ? (rule.next === 1 ? ", the next time" : `, the next ${rule.next} times`) : "";
  return `${points[rule.where] ?? rule.where}${of} ${does}${often}${times}`;
}
