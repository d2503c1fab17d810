import { asyncContext } from "../async_context.ts";
import { bytesOf, encodeText } from "../encoding/text.ts";
import { host, on } from "../kernel.ts";
import { cancelReason } from "../streams/identity.ts";
import type { ReadableStream } from "../vendor/streams.js";

declare module "../kernel.ts" {
  interface Events {
    /** Nobody reads on what a program writes; begun tells whether anybody ever did, and the reason is serialized. */
    "body.left": [body: number, begun: boolean, reason: ArrayBuffer | undefined];
  }
}

// What each pump does when its reader leaves, by the body's number.
const readers = new Map<number, (begun: boolean, reason?: ArrayBuffer) => void>();

on("body.left", (body, begun, reason) => readers.get(body)?.(begun, reason));

/**
 * Sends a stream's chunks to Go, each when Go has taken the one before; gives the body's number. What
 * makes the chunks runs in no context: it is the runtime that asks for them. `gone` is what the reader
 * gets when the stream ends with an error, and `reasonOf` makes what the stream is cancelled with of the reader's reason.
 */
export function pump(
  stream: InstanceType<typeof ReadableStream>, length: number | undefined, gone?: string, reasonOf?: (bytes: ArrayBuffer | undefined) => unknown,
): number {
  const body = host["body.open"](length ?? -1, gone);
  void asyncContext.outside(() => run(stream, body, reasonOf));
  return body;
}

async function run(
  stream: InstanceType<typeof ReadableStream>, body: number, reasonOf: (bytes: ArrayBuffer | undefined) => unknown = () => undefined,
): Promise<void> {
  const reader = stream.getReader();
  let left = false;
  // The stream of an answer that was never sent is not cancelled: nobody has asked for it.
  const leave = (begun: boolean, reason?: ArrayBuffer): void => {
    if (left) return;
    left = true;
    readers.delete(body);
    host["body.end"](body);
    if (begun) reader.cancel(cancelReason(stream) ?? reasonOf(reason)).catch(() => {});
  };
  readers.set(body, leave);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (left || done) break;
      const bytes = chunk(value);
      if (bytes.byteLength === 0) continue;
      try {
        await host["body.write"](body, bytes);
      } catch {
        leave(true); // nobody reads
        return;
      }
    }
    host["body.end"](body);
  } catch (error) {
    host["body.fail"](body, error instanceof Error ? error.message : String(error));
    reader.cancel(error).catch(() => {});
  } finally {
    readers.delete(body);
  }
}

function chunk(value: unknown): Uint8Array<ArrayBuffer> {
  if (typeof value === "string") return encodeText(value);
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return bytesOf(value);
  throw new TypeError("This ReadableStream did not return bytes.");
}
