// The tail handler: what other Workers' events were like.

import { errorText } from "../errors.ts";
import { tag } from "../globals.ts";
import { eventKind } from "./handlers.ts";

/** An event as Go wrote it down; see TraceItem in trace.go. */
interface Trace {
  kind: string;
  event: Record<string, unknown>;
  logs: object[];
  exceptions: object[];
  truncated: boolean;
  [property: string]: unknown;
}

interface TracedRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  cf?: object;
}

/** https://developers.cloudflare.com/workers/runtime-apis/handlers/tail/#tailitems */
class TraceItem {
  constructor(trace: Trace) {
    const { kind, event, logs, exceptions, truncated, ...rest } = trace;
    Object.assign(this, {
      ...rest,
      cpuTime: 0,
      truncated,
      diagnosticsChannelEvents: [],
      exceptions: exceptions.map((exception) => Object.assign(new TraceException(), exception)),
      logs: logs.map((log) => Object.assign(new TraceLog(), log)),
      event: infos[kind]!(event),
    });
  }
}
tag(TraceItem, "TraceItem");

class TraceLog {}
tag(TraceLog, "TraceLog");
class TraceException {}
tag(TraceException, "TraceException");

const hidden = "REDACTED";

// A header whose name tells that its value is a secret.
const secretHeader = /^(set-)?cookie$|auth|key|secret|token|jwt/i;

// What looks like an id in an address: 32 hexadecimal digits or more; or 21 characters of base 64 or more with
// two capital letters, two small ones and two digits at least.
function redactIds(url: string): string {
  return url.replace(/[A-Za-z0-9+/_-]{21,}/g, (run) => {
    if (/^[0-9a-fA-F-]+$/.test(run) && run.replaceAll("-", "").length >= 32) return hidden;
    const many = (of: RegExp): boolean => (run.match(of) ?? []).length >= 2;
    return !run.includes("/") && many(/[A-Z]/g) && many(/[a-z]/g) && many(/[0-9]/g) ? hidden : run;
  });
}

/** A request with its secrets hidden; getUnredacted() has it as it was. */
class FetchEventInfoRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly #whole: TracedRequest;

  constructor(whole: TracedRequest, redacted = true) {
    this.#whole = whole;
    const headers = Object.entries(whole.headers).map(([name, value]): [string, string] => {
      const key = name.toLowerCase();
      return [key, redacted && secretHeader.test(key) ? hidden : value];
    });
    this.url = redacted ? redactIds(whole.url) : whole.url;
    this.method = whole.method;
    this.headers = Object.fromEntries(headers);
    if (whole.cf !== undefined) Object.assign(this, { cf: whole.cf });
  }

  getUnredacted(): FetchEventInfoRequest {
    return new FetchEventInfoRequest(this.#whole, false);
  }
}
tag(FetchEventInfoRequest, "FetchEventInfoRequest");

// A class for each kind of event, which says what it is by its name alone.
function info(name: string, make: (event: never) => object): (event: Record<string, unknown>) => object {
  class Info {}
  Object.defineProperty(Info, "name", { value: name });
  tag(Info, name);
  return (event) => Object.assign(new Info(), make(event as never));
}

const infos: Record<string, (event: Record<string, unknown>) => object> = {
  fetch: info("FetchEventInfo", ({ request, response }: { request: TracedRequest; response?: object }) => ({
    request: new FetchEventInfoRequest(request),
    ...(response !== undefined && { response }),
  })),
  rpc: info("JsRpcEventInfo", (event: object) => event),
  alarm: info("AlarmEventInfo", ({ scheduledTime }: { scheduledTime: number }) => ({ scheduledTime: new Date(scheduledTime) })),
  scheduled: info("ScheduledEventInfo", (event: object) => event),
  queue: info("QueueEventInfo", (event: object) => event),
  socket: info("HibernatableWebSocketEventInfo", (event: object) => ({ getWebSocketEvent: event })),
};

eventKind("tail", (traces: Trace[]) => ({
  argument: traces.map((trace) => new TraceItem(trace)),
  outcome: (error) => (error === undefined ? { outcome: "ok" } : { outcome: "exception", error: errorText(error) }),
}));
