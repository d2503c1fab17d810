// AbortSignals that cross between isolates: the receiver's follows the sender's.

import { AbortController, AbortSignal } from "../events/abort.ts";
import { flag } from "../flags.ts";
import { DOMException } from "../errors.ts";
import { hostType } from "../serialize/index.ts";
import { hostTags } from "../serialize/tags.ts";
import { exportValue } from "./exports.ts";
import type { Incoming } from "./payload.ts";
import { makeStub, type RpcStub } from "./stub.ts";

type Follower = RpcStub & ((reason: unknown) => Promise<void>);

hostType(AbortSignal, {
  tag: hostTags.abortSignal,
  byReference: true,
  write(to, signal) {
    if (!flag("enable_abortsignal_rpc")) throw new DOMException("AbortSignal serialization is not enabled.", "DataCloneError");
    to.value(signal.aborted);
    if (signal.aborted) {
      to.value(signal.reason);
      return;
    }
    to.references!.add(exportValue(new Source(signal).subscribe, true, undefined));
  },
  read(from) {
    const controller = new AbortController();
    if (from.value() === true) {
      controller.abort(from.value());
      return controller.signal;
    }
    const references = from.references as Incoming;
    // The session holds on to the sender's side; without one it is the signal that does.
    const source = makeStub(references.next("s"), references.session) as Follower;
    sources.set(controller.signal, source);
    source((reason: unknown) => controller.abort(reason)).catch(() => {
      // The sender is gone: its signal will not abort any more.
    });
    return controller.signal;
  },
});

const sources = new WeakMap<AbortSignal, RpcStub>();

/** A signal that another isolate follows. */
class Source {
  readonly subscribe: ((follower: Follower) => void) & { [Symbol.dispose]?: () => void };

  constructor(signal: AbortSignal) {
    let follower: Follower | undefined;
    const tell = (): void => {
      void follower?.(signal.reason).catch(() => {});
    };
    this.subscribe = (given) => {
      follower = given.dup() as Follower;
      if (signal.aborted) tell();
      else signal.addEventListener("abort", tell);
    };
    this.subscribe[Symbol.dispose] = () => {
      signal.removeEventListener("abort", tell);
      follower?.[Symbol.dispose]();
      follower = undefined;
    };
  }
}
