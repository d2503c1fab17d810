// Streams that cross between isolates: the sender reads or writes its own, a pipe in Go lies between.

import { asyncContext } from "../async_context.ts";
import { bytesOf, encodeText } from "../encoding/text.ts";
import { host } from "../kernel.ts";
import { hostStream, streamBody } from "../http/body.ts";
import { deserialize, hostType, serialize } from "../serialize/index.ts";
import { hostTags } from "../serialize/tags.ts";
import { ReadableStream, WritableStream } from "../vendor/streams.js";

const readerLeft = "ReadableStream sent over RPC was canceled or released by the remote execution context.";
const readerGone = "ReadableStream received over RPC disconnected prematurely.";

hostType(ReadableStream, {
  tag: hostTags.readableStream,
  byReference: true,
  write(to, stream) {
    if (stream.locked) throw new TypeError("The ReadableStream has been locked to a reader.");
    to.references!.add(streamBody(stream, readerGone, reasonOf));
  },
  read: (from) => hostStream(from.references!.next("r"), undefined, cancel),
});

// Tells the sender why nobody reads on, as far as the reason can cross.
function cancel(body: number, reason: unknown): void {
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  try {
    if (reason !== undefined) bytes = serialize(reason);
  } catch {
    // The sender learns that nobody reads on.
  }
  if (bytes === undefined) host["body.cancel"](body);
  else host["body.cancel"](body, "Error", readerLeft, bytes);
}

function reasonOf(bytes: ArrayBuffer | undefined): unknown {
  try {
    if (bytes !== undefined) return deserialize(bytes);
  } catch {
    // from another session may come anything
  }
  return new Error(readerLeft);
}

hostType(WritableStream, {
  tag: hostTags.writableStream,
  byReference: true,
  write(to, stream) {
    if (stream.locked) throw new TypeError("The WritableStream has been locked to a writer.");
    const [body, ref] = host["rpc.pipe"]();
    void asyncContext.outside(() => drain(body, stream));
    to.references!.add(ref);
  },
  read(from) {
    const number = from.references!.next("w");
    return new WritableStream({
      write: (chunk: unknown) => host["body.write"](number, bytes(chunk)),
      close: () => host["body.end"](number),
      abort: () => host["body.fail"](number, ""),
    });
  },
});

// Writes what comes into the sender's stream; what that throws ends the receiver's writing.
async function drain(body: number, stream: WritableStream): Promise<void> {
  const writer = stream.getWriter();
  try {
    for (;;) {
      const chunk = await host["body.read"](body);
      if (chunk === null) break;
      await writer.write(new Uint8Array(chunk));
    }
    await writer.close();
  } catch (error) {
    const [name, message] = error instanceof Error ? [error.name, error.message] : ["Error", String(error)];
    host["body.cancel"](body, name, message);
    writer.abort(error).catch(() => {});
  }
}

function bytes(chunk: unknown): Uint8Array<ArrayBuffer> {
  if (typeof chunk === "string") return encodeText(chunk);
  if (chunk instanceof ArrayBuffer || ArrayBuffer.isView(chunk)) return bytesOf(chunk);
  throw new TypeError("This WritableStream only accepts bytes and strings.");
}
