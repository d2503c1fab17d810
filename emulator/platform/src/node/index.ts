// The Node modules, as far as they are here.
// https://developers.cloudflare.com/workers/runtime-apis/nodejs/

import assert from "../vendor/assert.js";
import buffer from "../vendor/buffer.js";
import EventEmitter from "../vendor/events.js";
import path from "../vendor/path.js";
import util from "../vendor/util.js";
import { inspect } from "../console/inspect.ts";
import { format } from "../console/format.ts";
import { host } from "../kernel.ts";
import { defineNodeModule } from "../modules.ts";
import * as asyncHooks from "./async_hooks.ts";
import "./absent.ts";
import { MockFunctionContext, MockTracker } from "./mock.ts";
import { processNames, processObject } from "./process.ts";
import { timers, timersPromises } from "./timers.ts";

type Names = Record<string, unknown>;

const members = (value: object): Names =>
  Object.fromEntries(
    Object.getOwnPropertyNames(value)
      .filter((name) => !["length", "name", "prototype", "arguments", "caller", "default"].includes(name))
      .map((name) => [name, (value as Names)[name]]),
  );

defineNodeModule("assert", { ...members(assert), AssertionError: assert.AssertionError }, assert);
defineNodeModule("assert/strict", members(assert.strict), assert.strict);
defineNodeModule("events", { ...members(EventEmitter), EventEmitter }, EventEmitter);
defineNodeModule("buffer", { ...members(buffer), Blob, File, atob, btoa });
defineNodeModule("path", members(path), path);
defineNodeModule("path/posix", members(path), path);
defineNodeModule("async_hooks", { ...asyncHooks });
defineNodeModule("timers", timers);
defineNodeModule("timers/promises", timersPromises);
// https://nodejs.org/api/test.html#mocking
defineNodeModule("test", { mock: new MockTracker(), MockFunctionContext, MockTracker });
defineNodeModule("util", {
  ...members(util),
  inspect: (value: unknown, options?: { depth?: number | null }) => inspect(value, options?.depth ?? 2),
  format: (...args: unknown[]) => format(args),
  TextEncoder,
  TextDecoder,
  stripVTControlCharacters: (text: string) => text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, ""),
});
defineNodeModule("process", processNames, processObject);
defineNodeModule("crypto", {
  randomUUID: () => crypto.randomUUID(),
  webcrypto: crypto,
  getRandomValues: (array: ArrayBufferView) => crypto.getRandomValues(array),
  randomBytes: (size: number) => {
    const bytes = buffer.Buffer.alloc(size);
    host["crypto.random"](bytes);
    return bytes;
  },
});
