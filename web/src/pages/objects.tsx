import { Boxes, Search, Trash2 } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, result, type Namespace, type ObjectInfo, type State } from "../api/client";
import { useObjects } from "../live/objects";
import { bytes, count, counted } from "../logic/size";
import { Command, Id } from "../parts/copy";
import { confirm } from "../parts/dialog";
import { Empty, Notice } from "../parts/empty";
import { Icon } from "../parts/icon";
import { classOf } from "../parts/name";
import { allStates, StateMark, stateTitles } from "../parts/state";
import { Table, type TableColumn } from "../parts/table";
import { Ago, Countdown } from "../parts/time";
import { attempt } from "../parts/toast";
import { go, href, objectHref, route, setQuery } from "../route";
import { useNamespaces } from "./overview";

/** Without a namespace, that of the project that has most objects. */
export function Objects() {
  const { data } = useNamespaces();
  const asked = route.value.parts[1];
  if (!data) return <div class="page full" />;
  if (data.length === 0) {
    return (
      <div class="page full">
        <section class="panel fill">
          <Empty icon={Boxes} title="This project has no Durable Object classes">
            <p>A class is bound in the configuration under durable_objects and introduced by a migration.</p>
            <Command>doemu init my-app --template counter</Command>
          </Empty>
        </section>
      </div>
    );
  }
  const namespace = data.find((one) => one.id === asked) ?? (asked === undefined ? [...data].sort((a, b) => b.objects - a.objects)[0] : undefined);
  return (
    <div class="page full">
      <div class="bar" role="group" aria-label="Classes">
        {data.map((one) => (
          <a key={one.id} class="chip" href={href(["objects", one.id])} aria-current={one === namespace ? "page" : undefined} title={one.id}>
            {data.some((other) => other !== one && other.class === one.class) ? one.id : one.class || classOf(one.id)}
            <span class="faint">{count(one.objects)}</span>
          </a>
        ))}
      </div>
      {namespace ? <List key={namespace.id} of={namespace} /> : <Notice icon={Boxes}>There is no namespace {asked}.</Notice>}
    </div>
  );
}

const columns = (namespace: Namespace): TableColumn<ObjectInfo>[] => [
  {
    title: "Object",
    width: "minmax(160px, 1.6fr)",
    narrow: "minmax(0, 1fr)",
    cell: (object) => (
      <a class={object.name ? "name" : "mono"} href={objectHref(namespace.id, object.id)} tabIndex={-1} title={object.name || object.id}>
        {object.name || object.id}
      </a>
    ),
  },
  { title: "Id", width: "104px", cell: (object) => <Id of={object.id} /> },
  { title: "State", width: "104px", narrow: "104px", cell: (object) => <StateMark of={object.state} /> },
  {
    title: "Kept in memory by",
    width: "minmax(120px, 1fr)",
    cell: (object) =>
      object.pinnedBy.length === 0 ? (
        <span class="faint">—</span>
      ) : (
        <span title={object.pinnedBy.map((pin) => `${pin.kind} ${pin.detail ?? ""}`).join("\n")}>
          {object.pinnedBy[0]!.kind} <span class="dim">{object.pinnedBy[0]!.detail}</span>
          {object.pinnedBy.length > 1 && <span class="faint"> +{object.pinnedBy.length - 1}</span>}
        </span>
      ),
  },
  { title: "Sockets", width: "60px", align: "right", cell: (object) => (object.sockets === 0 ? <span class="faint">0</span> : count(object.sockets)) },
  { title: "Alarm", width: "96px", narrow: "62px", align: "right", cell: (object) => (object.alarm ? <Countdown to={object.alarm.next} /> : <span class="faint">—</span>) },
  { title: "Storage", width: "72px", align: "right", cell: (object) => <span class={object.stored ? "" : "faint"}>{bytes(object.bytes)}</span> },
  {
    title: "Last event",
    width: "minmax(150px, 0.9fr)",
    cell: (object) =>
      object.lastEvent ? (
        <>
          {object.lastEvent.kind}{" "}
          <span class="dim">
            <Ago at={object.lastEvent.time} />
          </span>
        </>
      ) : (
        <span class="faint">none since the start</span>
      ),
  },
];

/** Typing is not interrupted: what is looked for is asked for when it rests. */
function useRested(text: string, ms = 150): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), ms);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}

function List({ of: namespace }: { of: Namespace }) {
  const { query } = route.value;
  const state = (allStates as string[]).includes(query.get("state") ?? "") ? (query.get("state") as State) : "";
  const [text, setText] = useState(query.get("prefix") ?? "");
  const prefix = useRested(text);
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => setQuery({ prefix: prefix || undefined }), [prefix]);
  const { rows, ready, error, seen, whole } = useObjects({ namespace: namespace.id, state, prefix });
  const filtered = state !== "" || prefix !== "";
  const total = filtered ? undefined : namespace.objects;

  const deleteAll = async () => {
    const { yes } = await confirm({
      title: `Delete all objects of ${namespace.class || classOf(namespace.id)}?`,
      what: [`${namespace.id}: ${counted(namespace.objects, "object")}`],
      text: "Their storage, alarms and WebSockets go. A snapshot that was saved before brings them back.",
      action: `Delete ${counted(namespace.objects, "object")}`,
    });
    if (yes) await attempt(() => result(api.POST("/api/v1/reset", { body: { namespace: namespace.id } })), ({ deleted }) => `${counted(deleted, "object")} deleted`);
  };

  return (
    <section class="panel fill" aria-label="Objects">
      <header>
        <div class="search grow">
          <Icon of={Search} />
          <input
            ref={search}
            class="field"
            type="search"
            data-search
            placeholder="Name or id begins with…"
            aria-label="Name or id begins with"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </div>
        <div class="segments" role="group" aria-label="State">
          <button type="button" aria-pressed={state === ""} onClick={() => setQuery({ state: undefined })}>
            All
          </button>
          {allStates.map((one) => (
            <button key={one} type="button" aria-pressed={state === one} title={stateTitles[one].means} onClick={() => setQuery({ state: one })}>
              <span class={`state ${one}`}>
                <i aria-hidden="true" />
              </span>
              <span class="wide">{stateTitles[one].title}</span>
              <span class="n">{count(namespace.states[one])}</span>
            </button>
          ))}
        </div>
        <button type="button" class="button plain square danger" aria-label="Delete all objects" title="Delete all objects" disabled={namespace.objects === 0} onClick={deleteAll}>
          <Icon of={Trash2} />
        </button>
      </header>
      {error && <div class="body red">{error}</div>}
      <Table
        label={`Objects of ${namespace.id}`}
        columns={columns(namespace)}
        rows={rows}
        keyOf={(object) => object.id}
        open={(object) => go(objectHref(namespace.id, object.id))}
        seen={seen}
        total={total}
        empty={ready && !error && <NoObjects namespace={namespace} filtered={filtered} />}
      />
      {rows.length > 0 && (
        <footer class="foot dim" aria-live="polite">
          {filtered ? counted(rows.length, "object") + (whole ? "" : " and more") : counted(Math.max(namespace.objects, rows.length), "object")}
          <span class="faint wide">Looking at an object does not wake it.</span>
        </footer>
      )}
    </section>
  );
}

function NoObjects({ namespace, filtered }: { namespace: Namespace; filtered: boolean }) {
  if (filtered && namespace.objects > 0) {
    return (
      <Empty icon={Search} title="No object is like that">
        <p>
          {counted(namespace.objects, "object")} of {namespace.class} {namespace.objects === 1 ? "is" : "are"} there.
        </p>
      </Empty>
    );
  }
  return (
    <Empty icon={Boxes} title={`No objects of ${namespace.class || classOf(namespace.id)} yet`}>
      <p>An object is there once it has storage, an alarm, or code of it runs. Let the Worker reach one, or call a method from outside:</p>
      <Command>{`doemu objects rpc ${namespace.class || classOf(namespace.id)} my-object METHOD`}</Command>
    </Empty>
  );
}
