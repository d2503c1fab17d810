// The Worker that names.sh runs on workerd: what each Node module exports there, as ../node/names.json has it.
//   "f" a function, "c" a class, {"v": …} a value, {"n": "…"} a bigint, {"o": {…}} an object with members, {"a": […]} an array.
const modules = ("assert assert/strict async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns " +
  "dns/promises domain events fs fs/promises http http2 https inspector inspector/promises module net os path path/posix path/win32 " +
  "perf_hooks process punycode querystring readline readline/promises repl sqlite stream stream/consumers stream/promises stream/web " +
  "string_decoder sys test timers timers/promises tls trace_events tty url util util/types v8 vm wasi worker_threads zlib _http_agent " +
  "_http_client _http_common _http_incoming _http_outgoing _http_server _stream_duplex _stream_passthrough _stream_readable " +
  "_stream_transform _stream_writable _stream_wrap _tls_common _tls_wrap").split(" ");

function kind(value, depth) {
  switch (typeof value) {
    case "function":
      return Object.getOwnPropertyNames(value.prototype ?? {}).length > 1 || /^class\b/.test(Function.prototype.toString.call(value)) ? "c" : "f";
    case "bigint":
      return { n: String(value) };
    case "symbol":
      return { s: value.description };
    case "object":
      if (value === null) return { v: null };
      if (Array.isArray(value)) return value.every((v) => typeof v === "string") ? { a: value } : { o: {} };
      if (depth === 0) return { o: {} };
      return { o: Object.fromEntries(Object.getOwnPropertyNames(value).filter((k) => k !== "default" && !(value instanceof ReadableStream)).map((k) => [k, kind(value[k], depth - 1)])) };
    default:
      return Number.isFinite(value) || typeof value !== "number" ? { v: value } : { o: {} };
  }
}

export default {
  async fetch() {
    const all = {};
    for (const name of modules) {
      const namespace = await import(`node:${name}`);
      all[name] = {};
      for (const key of Object.keys(namespace).sort()) {
        // What is of this run, or belongs to no module that could be without it.
        if (name === "process" && ["stdin", "stdout", "stderr", "env", "config"].includes(key)) all[name][key] = { o: {} };
        else all[name][key] = key === "default" ? (typeof namespace.default === "function" ? "f" : { o: {} }) : kind(namespace[key], 3);
      }
    }
    return new Response(`{\n${Object.entries(all).map(([name, names]) => `${JSON.stringify(name)}: ${JSON.stringify(names)}`).join(",\n")}\n}\n`);
  },
};
