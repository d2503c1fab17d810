import { asyncContext } from "../async_context.ts";
import { bytesOf, encodeText } from "../encoding/text.ts";
import { host } from "../kernel.ts";
import type { ReadableStream } from "../vendor/streams.js";

/**
 * Sends a stream's chunks to Go, each when Go has taken the one before; gives the body's number. What
 * makes the chunks runs in no context: it is the runtime that asks for them. `gone` is what the reader
 * gets when the stream ends with an error.
 */
export function pump(stream: InstanceType<typeof ReadableStream>, length: number | undefined, gone?: string): number {
  const body = host["body.open"](length ?? -1, gone);
  void asyncContext.outside(() => run(stream, body));
  return body;
}

async function run(stream: InstanceType<typeof ReadableStream>, body: number): Promise<void> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      await host["body.write"](body, chunk(value));
    }
    host["body.end"](body);
  } catch (error) {
    host["body.fail"](body, error instanceof Error ? error.message : String(error));
    reader.cancel(error).catch(() => {});
  }
}

function chunk(value: unknown): Uint8Array<ArrayBuffer> {
  if (typeof value === "string") return encodeText(value);
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return bytesOf(value);
  throw new TypeError("This ReadableStream did not return bytes.");
}
