import { Play, Send, X } from "lucide";
import { useState } from "preact/hooks";
import { api, ApiError, messageOf, result, type Value } from "../../api/client";
import { now } from "../../live/clock";
import { bytes, count, counted } from "../../logic/size";
import { dateTime, editable, parseTime } from "../../logic/time";
import { classOf } from "../../parts/name";
import { confirm } from "../../parts/dialog";
import { Icon } from "../../parts/icon";
import { stateTitles } from "../../parts/state";
import { Countdown, Ago } from "../../parts/time";
import { attempt, notify } from "../../parts/toast";
import { titleOf } from "../../parts/name";
import { useObject } from "./object";
import { ObjectEvents } from "./timeline";

export function StateTab() {
  return (
    <div class="columns pad scroll">
      <div class="stack gap">
        <Facts />
        <AlarmPanel />
        <Call />
      </div>
      <section class="panel" aria-labelledby="recent">
        <header>
          <h2 id="recent">What happened to it</h2>
        </header>
        <ObjectEvents last={20} />
      </section>
    </div>
  );
}

function Facts() {
  const { object } = useObject();
  return (
    <section class="panel" aria-labelledby="facts">
      <header>
        <h2 id="facts">{stateTitles[object.state].title}</h2>
        <span class="dim">{stateTitles[object.state].means}</span>
      </header>
      <dl class="body facts">
        <dt>Kept in memory by</dt>
        <dd>
          {object.pinnedBy.length === 0 ? (
            <span class="dim">{object.state === "idle" ? "nothing: it leaves when its time is over" : "nothing"}</span>
          ) : (
            <ul>
              {object.pinnedBy.map((pin, n) => (
                <li key={n}>
                  {pin.kind} <code class="dim">{pin.detail}</code>
                </li>
              ))}
            </ul>
          )}
        </dd>
        <dt>Storage</dt>
        <dd>
          {object.stored ? bytes(object.bytes) : "none"}
          <span class="dim">
            {object.stored && `, ${counted(object.keys, "key")}, ${counted(object.tables.length, "table")}`}
            {object.facets.length > 0 && `, ${counted(object.facets.length, "facet")}`}
          </span>
        </dd>
        <dt>WebSockets</dt>
        <dd>
          {object.sockets === 0 ? <span class="dim">none that hibernate</span> : count(object.sockets)}
          {object.webSockets.autoResponse && (
            <span class="dim">
              {", answers "}
              <code>{object.webSockets.autoResponse.request}</code> with <code>{object.webSockets.autoResponse.response}</code> asleep
            </span>
          )}
        </dd>
        {object.generation !== undefined && (
          <>
            <dt>Code</dt>
            <dd>generation {object.generation}</dd>
          </>
        )}
        {object.locationHint && (
          <>
            <dt>Location hint</dt>
            <dd>
              {object.locationHint} <span class="dim">which has no effect here</span>
            </dd>
          </>
        )}
        {object.lastEvent && (
          <>
            <dt>Last event</dt>
            <dd>
              {object.lastEvent.kind}{" "}
              <span class="dim">
                <Ago at={object.lastEvent.time} />
              </span>
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function AlarmPanel() {
  const { object, path, refresh } = useObject();
  const [text, setText] = useState<string>();
  const params = { params: { path } };
  const { alarm } = object;
  const at = text === undefined ? undefined : parseTime(text, now.value);

  const set = async (event: Event) => {
    event.preventDefault();
    if (at === undefined) return;
    const done = await attempt(
      () => result(api.PUT("/api/v1/namespaces/{namespace}/objects/{object}/alarm", { ...params, body: { at: new Date(at).toISOString() } })),
      `The alarm is due at ${dateTime(at)}`,
    );
    if (done) setText(undefined);
    await refresh();
  };

  return (
    <section class="panel" aria-labelledby="alarm">
      <header>
        <h2 id="alarm">Alarm</h2>
        {alarm && (
          <span class="big">
            <Countdown to={alarm.next} />
          </span>
        )}
        {alarm && (
          <div class="side">
            <button type="button" class="button small" onClick={async () => (await fire(path, titleOf(object)), await refresh())}>
              <Icon of={Play} />
              Fire now
            </button>
            <button type="button" class="button small" onClick={() => setText(editable(alarm.at))}>
              Move
            </button>
            <button type="button" class="button small danger" onClick={async () => (await cancel(path, titleOf(object), alarm.at)) && (await refresh())}>
              Cancel
            </button>
          </div>
        )}
      </header>
      <div class="body stack">
        {alarm ? (
          <dl class="facts">
            <dt>Set to</dt>
            <dd>{dateTime(alarm.at)} UTC</dd>
            {alarm.next !== alarm.at && (
              <>
                <dt>Runs again at</dt>
                <dd>{dateTime(alarm.next)} UTC</dd>
              </>
            )}
            {alarm.attempt > 0 && (
              <>
                <dt>Failed</dt>
                <dd class="red">
                  {counted(alarm.attempt, "time")}
                  {alarm.lastError && `: ${alarm.lastError.split("\n", 1)[0]}`}
                </dd>
              </>
            )}
          </dl>
        ) : (
          text === undefined && (
            <div class="bar">
              <span class="dim grow">No alarm is set.</span>
              <button type="button" class="button small" onClick={() => setText("+1 min")}>
                Set one
              </button>
            </div>
          )
        )}
        {text !== undefined && (
          <form class="bar" onSubmit={set}>
            <label class="labelled grow">
              Time in UTC, or as +90s, +1h 30m
              <input class="field" autofocus value={text} aria-invalid={at === undefined} onInput={(event) => setText(event.currentTarget.value)} />
            </label>
            <span class="dim at">{at === undefined ? "not a time" : dateTime(at)}</span>
            <button type="submit" class="button small primary" disabled={at === undefined}>
              {alarm ? "Move" : "Set"}
            </button>
            <button type="button" class="button small" onClick={() => setText(undefined)}>
              Leave
            </button>
          </form>
        )}
      </div>
    </section>
  );
}

interface Path {
  namespace: string;
  object: string;
}

/** Runs an alarm now, and says what came of it. */
export async function fire(path: Path, title: string): Promise<void> {
  const done = await attempt(() => result(api.POST("/api/v1/namespaces/{namespace}/objects/{object}/alarm/fire", { params: { path } })));
  if (!done) return;
  if (done.error) notify(`The alarm of ${title} failed: ${done.error}`, "error");
  else notify(`The alarm of ${title} has run`);
}

/** Cancels an alarm, if that is meant. */
export async function cancel(path: Path, title: string, at: string): Promise<boolean> {
  const { yes } = await confirm({
    title: `Cancel the alarm of ${title}?`,
    what: [`${classOf(path.namespace)} ${title}, ${dateTime(at)} UTC`],
    text: "Its handler will not run. The object is not told.",
    action: "Cancel the alarm",
  });
  if (yes) await attempt(() => result(api.DELETE("/api/v1/namespaces/{namespace}/objects/{object}/alarm", { params: { path } })), `The alarm of ${title} is cancelled`);
  return yes;
}

type Answer = { value: Value } | { problem: string; stack?: string | undefined };

function Call() {
  const { object, path, refresh } = useObject();
  const [method, setMethod] = useState("");
  const [args, setArgs] = useState("");
  const [answer, setAnswer] = useState<Answer>();
  const [busy, setBusy] = useState(false);
  const parsed = parseArguments(args);

  const call = async (event: Event) => {
    event.preventDefault();
    if (!parsed || method.trim() === "") return;
    setBusy(true);
    try {
      const value = await result(
        api.POST("/api/v1/namespaces/{namespace}/objects/{object}/rpc/{method}", {
          params: { path: { ...path, method: method.trim() } },
          headers: { "Content-Type": "application/json" },
          body: { args: parsed } as never,
        }) as Promise<{ data?: { result: Value }; error?: unknown; response: Response }>,
      );
      setAnswer({ value });
    } catch (error) {
      setAnswer({ problem: messageOf(error), stack: error instanceof ApiError ? error.thrown?.stack : undefined });
    }
    setBusy(false);
    await refresh();
  };

  return (
    <section class="panel" aria-labelledby="call">
      <header>
        <h2 id="call">Call a method</h2>
        <span class="dim">{object.state === "active" || object.state === "idle" ? "as a stub does" : "as a stub does; it wakes the object"}</span>
      </header>
      <form class="body stack" onSubmit={call}>
        <div class="call">
          <label class="labelled">
            Method
            <input class="field mono" value={method} placeholder="history" spellcheck={false} autocomplete="off" onInput={(event) => setMethod(event.currentTarget.value)} />
          </label>
          <label class="labelled grow">
            Arguments, as JSON
            <input class="field mono" value={args} placeholder={'"text", 5, {"a": true}'} spellcheck={false} autocomplete="off" aria-invalid={!parsed} onInput={(event) => setArgs(event.currentTarget.value)} />
          </label>
          <button type="submit" class="button primary" disabled={!parsed || method.trim() === "" || busy}>
            <Icon of={Send} />
            Call
          </button>
        </div>
        {answer && (
          <div class="answer" role="status">
            <button type="button" class="button plain small square" aria-label="Clear the answer" onClick={() => setAnswer(undefined)}>
              <Icon of={X} />
            </button>
            {"value" in answer ? (
              <pre>{answer.value.json !== undefined ? JSON.stringify(answer.value.json, null, 2) : answer.value.preview}</pre>
            ) : (
              <pre class="red">{answer.stack || answer.problem}</pre>
            )}
          </div>
        )}
      </form>
    </section>
  );
}

function parseArguments(text: string): unknown[] | undefined {
  try {
    return JSON.parse(`[${text}]`) as unknown[];
  } catch {
    return undefined;
  }
}
