import { ArrowDownLeft, ArrowUpRight, Cable, Send, Unplug } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, result, type SocketInfo } from "../../api/client";
import { bytes, counted } from "../../logic/size";
import { timeOfDay } from "../../logic/time";
import { confirm } from "../../parts/dialog";
import { Empty } from "../../parts/empty";
import { Icon } from "../../parts/icon";
import { titleOf } from "../../parts/name";
import { Ago } from "../../parts/time";
import { attempt } from "../../parts/toast";
import { ToolButton, useObject } from "./object";

const socketRoute = "/api/v1/namespaces/{namespace}/objects/{object}/sockets/{id}";

/** The hibernatable WebSockets of an object, what went over them, and a box to send more. */
export function Sockets() {
  const { object } = useObject();
  const all = object.webSockets.sockets;
  const [chosen, setChosen] = useState<number>();
  const socket = all.find((one) => one.id === chosen) ?? all[0];
  if (!socket) {
    return (
      <Empty icon={Cable} title="No WebSockets">
        <p>Those that the object takes by ctx.acceptWebSocket() appear here, with what goes over them, also while it sleeps.</p>
      </Empty>
    );
  }
  return (
    <div class="split">
      <ul class="side items" aria-label="WebSockets">
        {all.map((one) => (
          <li key={one.id}>
            <button type="button" class="item tall" aria-current={one === socket ? "true" : undefined} onClick={() => setChosen(one.id)}>
              <span class="mono faint">{one.id}</span>
              <span class="grow stack none">
                <span class="cut">{one.tags.length > 0 ? one.tags.join(", ") : <span class="faint">no tags</span>}</span>
                <span class="cut mono dim">{one.attachment?.preview ?? ""}</span>
              </span>
              <span class="dim small">
                <Ago at={one.openedAt} />
              </span>
            </button>
          </li>
        ))}
      </ul>
      <div class="detail">
        <Socket key={socket.id} of={socket} />
      </div>
    </div>
  );
}

function Socket({ of: socket }: { of: SocketInfo }) {
  const { object, path, refresh } = useObject();
  const [text, setText] = useState("");
  const [to, setTo] = useState<"client" | "object">("client");
  const frames = useRef<HTMLDivElement>(null);
  const newest = socket.frames.at(-1)?.time;
  const params = { params: { path: { ...path, id: String(socket.id) } } };
  useEffect(() => frames.current?.scrollTo(0, frames.current.scrollHeight), [newest, socket.frames.length]);

  const send = async (event: Event) => {
    event.preventDefault();
    const sent = await attempt(() => result(api.POST(`${socketRoute}/send`, { ...params, body: { text, to } })));
    if (sent) setText("");
    await refresh();
  };
  const close = async () => {
    const { yes } = await confirm({
      title: "Close this WebSocket?",
      what: [`${titleOf(object)}, number ${socket.id}${socket.tags.length > 0 ? `, tags ${socket.tags.join(", ")}` : ""}`],
      text: "The client sees a close with code 1000, as if the object had closed it.",
      action: "Close it",
    });
    if (!yes) return;
    await attempt(() => result(api.POST(`${socketRoute}/close`, { ...params, body: { code: 1000 } })), "The WebSocket is closed");
    await refresh();
  };

  return (
    <>
      <div class="toolbar">
        <strong>Number {socket.id}</strong>
        {socket.tags.map((tag) => (
          <span key={tag} class="tag accent">
            {tag}
          </span>
        ))}
        <span class="dim cut grow mono">{socket.attachment && `attachment ${socket.attachment.preview}`}</span>
        <ToolButton icon={Unplug} danger does={close}>
          Close
        </ToolButton>
      </div>
      <div class="frames" ref={frames} tabIndex={0} role="log" aria-label="What went over it">
        {socket.frames.length === 0 && <p class="dim pad">Nothing has gone over it yet.</p>}
        {socket.frames.map((frame, n) => (
          <div key={n} class={`frame ${frame.from}`}>
            <span class="mono faint">{timeOfDay(frame.time)}</span>
            <Icon of={frame.from === "client" ? ArrowUpRight : ArrowDownLeft} />
            <span class="who">{frame.from === "client" ? "client" : "object"}</span>
            <span class="mono what">
              {frame.kind === "text" ? frame.preview : <span class="dim">{frame.kind === "close" ? `close ${frame.preview ?? ""}` : `${bytes(frame.bytes)} binary ${frame.preview ?? ""}`}</span>}
            </span>
            {frame.automatic && <span class="tag">answered asleep</span>}
          </div>
        ))}
      </div>
      <form class="toolbar bottom" onSubmit={send}>
        <select class="field" aria-label="Send" value={to} onChange={(event) => setTo(event.currentTarget.value as "client" | "object")}>
          <option value="client">To the client</option>
          <option value="object">To the object, as the client</option>
        </select>
        <input class="field mono grow" aria-label="Message" placeholder={to === "client" ? "The client gets this" : "The object gets this, and wakes"} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <button type="submit" class="button small primary" disabled={text === ""}>
          <Icon of={Send} />
          Send
        </button>
      </form>
      <span class="hidden" role="status">
        {counted(socket.frames.length, "frame")}
      </span>
    </>
  );
}
