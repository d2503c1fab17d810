// node:process, which is a global too.
//
// https://developers.cloudflare.com/workers/runtime-apis/nodejs/process/

import EventEmitter from "../vendor/events.js";
import { invalidValue } from "./checks.ts";

type Callback = (...args: unknown[]) => unknown;

const version = "22.19.0";

/** process.env: its values are strings, whatever is assigned. */
function makeEnv(): Record<string, string> {
  return new Proxy<Record<string, string>>({}, {
    set: (target, key, value) => typeof key === "symbol" || Reflect.set(target, key, `${value as string}`),
    defineProperty(target, key, descriptor) {
      for (const attribute of ["configurable", "writable", "enumerable"] as const) {
        if (Reflect.getOwnPropertyDescriptor(target, key) === undefined && descriptor[attribute] !== true) {
          throw invalidValue(`descriptor.${attribute}`, descriptor, `process.env value must be ${attribute}`);
        }
      }
      return Reflect.defineProperty(target, key, "value" in descriptor ? { ...descriptor, value: `${descriptor.value as string}` } : descriptor);
    },
  });
}

const env = makeEnv();

/** Fills process.env with what env has that is text or JSON. */
export function fillProcessEnv(values: Record<string, string>): void {
  for (const [name, value] of Object.entries(values)) env[name] = value;
}

// Time stands still during a turn.
const hrtime = Object.assign(
  (before?: [number, number]): [number, number] => {
    const now = Date.now();
    const at: [number, number] = [Math.floor(now / 1000), (now % 1000) * 1e6];
    if (before === undefined) return at;
    const [seconds, nanoseconds] = [at[0] - before[0], at[1] - before[1]];
    return nanoseconds < 0 ? [seconds - 1, nanoseconds + 1e9] : [seconds, nanoseconds];
  },
  { bigint: (): bigint => BigInt(Date.now()) * 1_000_000n },
);

let directory = "/bundle";

const members = {
  env,
  version: `v${version}`,
  versions: { node: version },
  title: "workerd",
  argv: ["workerd"],
  argv0: "workerd",
  execArgv: [] as string[],
  execPath: "",
  arch: "x64",
  platform: "linux",
  pid: 1,
  ppid: 0,
  exitCode: undefined as number | undefined,
  debugPort: 0,
  connected: false,
  features: {
    inspector: false, debug: false, uv: true, ipv6: true, tls_alpn: true, tls_sni: true, tls_ocsp: true, tls: true, openssl_is_boringssl: true,
    cached_builtins: true, require_module: false, typescript: false,
  },
  release: { name: "node", lts: true, sourceUrl: "", headersUrl: "" },
  nextTick(callback: Callback, ...args: unknown[]): void {
    if (typeof callback !== "function") throw new TypeError('The "callback" argument must be of type function.');
    queueMicrotask(() => callback(...args));
  },
  hrtime,
  uptime: (): number => 0,
  cwd: (): string => directory,
  chdir(to: string): void {
    directory = to.startsWith("/") ? to : `${directory}/${to}`;
  },
  umask: (): number => 0o22,
  emitWarning(warning: unknown): void {
    const error = warning instanceof Error ? warning : Object.assign(new Error(`${warning as string}`), { name: "Warning" });
    console.warn(error);
    void queueMicrotask(() => void processObject.emit("warning", error));
  },
};

/** The object itself: an EventEmitter with the members above. */
export const processObject = Object.assign(
  Object.create(
    Object.create(EventEmitter.prototype as object, { [Symbol.toStringTag]: { value: "process", configurable: true } }) as object,
  ) as { emit(event: string, ...args: unknown[]): boolean },
  members,
);

/** What node:process exports. */
export const processNames = members;
