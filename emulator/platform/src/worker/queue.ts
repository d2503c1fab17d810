// The queue handler: a batch of messages, and what becomes of each.

import { flag } from "../flags.ts";
import { tag } from "../globals.ts";
import { deserialize } from "../serialize/index.ts";
import { eventKind } from "./handlers.ts";

interface Sent {
  id: string;
  timestamp: Date;
  attempts: number;
  body?: unknown;
  serializedBody?: ArrayBuffer;
}

interface Retry {
  delaySeconds?: number;
}

interface Fate {
  ackAll: boolean;
  retryBatch: { retry: boolean } & Retry;
  explicitAcks: string[];
  retryMessages: ({ msgId: string } & Retry)[];
}

/** https://developers.cloudflare.com/queues/configuration/javascript-apis/#message */
class Message {
  readonly id: string;
  readonly timestamp: Date;
  readonly attempts: number;
  readonly body: unknown;
  readonly #fate: Fate;

  constructor(sent: Sent, fate: Fate) {
    this.id = sent.id;
    this.timestamp = sent.timestamp;
    this.attempts = sent.attempts;
    this.body = sent.serializedBody === undefined ? sent.body : deserialize(sent.serializedBody);
    this.#fate = fate;
  }

  ack(): void {
    if (!this.#fate.explicitAcks.includes(this.id)) this.#fate.explicitAcks.push(this.id);
  }

  retry({ delaySeconds }: Retry = {}): void {
    this.#fate.retryMessages.push({ msgId: this.id, ...(delaySeconds !== undefined && { delaySeconds }) });
  }
}
tag(Message, "QueueMessage");

/** https://developers.cloudflare.com/queues/configuration/javascript-apis/#messagebatch */
class MessageBatch {
  readonly queue: string;
  readonly messages: readonly Message[];
  readonly #fate: Fate;

  constructor(queue: string, messages: Sent[], fate: Fate) {
    this.queue = queue;
    this.messages = messages.map((sent) => new Message(sent, fate));
    this.#fate = fate;
  }

  ackAll(): void {
    if (!this.#fate.retryBatch.retry) this.#fate.ackAll = true;
  }

  retryAll({ delaySeconds }: Retry = {}): void {
    if (this.#fate.ackAll) return;
    this.#fate.retryBatch = { retry: true, ...(delaySeconds !== undefined && { delaySeconds }) };
  }
}
tag(MessageBatch, "QueueEvent");

eventKind("queue", (bytes: ArrayBuffer) => {
  const { queue, messages } = deserialize(bytes) as { queue: string; messages: Sent[] };
  const fate: Fate = { ackAll: false, retryBatch: { retry: false }, explicitAcks: [], retryMessages: [] };
  return {
    argument: new MessageBatch(queue, messages, fate),
    waits: !flag("queue_consumer_no_wait_for_wait_until"),
    outcome(error, failed) {
      if (error !== undefined) console.error(error);
      return { outcome: error === undefined && !failed ? "ok" : "exception", ...fate };
    },
  };
});
