// Strings become code only while a Worker starts, and only if its compatibility date allows that.
//
// https://developers.cloudflare.com/workers/runtime-apis/web-standards/#javascript-standards

import { flag } from "../flags.ts";
import { defineGlobals } from "../globals.ts";

let allowed = true;

// Called by another name, it sees global variables only.
const evaluateGlobally = globalThis.eval;

/** Evaluates code that does not come from the program, which may not do that itself. */
export const evaluate = (code: string): unknown => evaluateGlobally(code);

const refusal = (): EvalError => new EvalError("Code generation from strings disallowed for this context");

// A constructor of functions in whose place programs get one that may refuse. A proxy is like it in all
// that can be asked. Only `new Function()` without a body is no code in workerd's eyes.
function guard(prototype: object, empty: boolean): Function {
  const native = (prototype as { constructor: Function }).constructor;
  const check = (args: unknown[]): void => {
    if (!allowed && !(empty && args.length === 0)) throw refusal();
  };
  const guarded: Function = new Proxy(native, {
    apply(_, self, args: unknown[]) {
      check(args);
      return Reflect.apply(native, self, args) as unknown;
    },
    construct(_, args: unknown[], newTarget) {
      check(args);
      return Reflect.construct(native, args, newTarget === guarded ? native : newTarget) as object;
    },
  });
  Object.defineProperty(prototype, "constructor", { value: guarded });
  return guarded;
}

const kinds = [async () => {}, function* () {}, async function* () {}];
for (const kind of kinds) guard(Object.getPrototypeOf(kind) as object, false);
defineGlobals({ Function: guard(Function.prototype, true) });

// The engine's own eval sees the variables around it, so it must stay until the Worker has started.
function refuseEval(): void {
  if (flag("allow_insecure_inefficient_logged_eval")) return;
  allowed = false;
  // A method has no prototype and is no constructor, as the real one.
  const guarded = {
    eval(code?: unknown): unknown {
      if (typeof code === "string") throw refusal();
      return code;
    },
  };
  defineGlobals(guarded);
}

/** Called before a Worker's code is evaluated. */
export function beforeStart(): void {
  if (!flag("allow_eval_during_startup")) refuseEval();
}

/** Called when it has been. */
export function afterStart(): void {
  if (allowed) refuseEval();
}
