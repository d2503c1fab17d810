import { Ban, Camera, MoonStar, Trash2 } from "lucide";
import { createContext, type ComponentChildren, type ComponentType } from "preact";
import { signal } from "@preact/signals";
import { useContext, useEffect } from "preact/hooks";
import { api, ApiError, result, type WholeObject } from "../../api/client";
import { events } from "../../live/journal";
import { useResource, type Resource } from "../../live/resource";
import { count } from "../../logic/size";
import { Command, Id } from "../../parts/copy";
import { confirm } from "../../parts/dialog";
import { Empty, Notice } from "../../parts/empty";
import { Hints } from "../../parts/hints";
import { Icon } from "../../parts/icon";
import { classOf, isOf, titleOf } from "../../parts/name";
import { StateMark } from "../../parts/state";
import { attempt } from "../../parts/toast";
import { href, objectHref, route } from "../../route";
import { KeyValue } from "./keyvalue";
import { Sockets } from "./sockets";
import { Sql } from "./sql";
import { StateTab } from "./state";
import { Timeline } from "./timeline";

/** What the parts of an object's page know. */
export interface ObjectPage {
  object: WholeObject;
  path: { namespace: string; object: string };
  refresh: () => Promise<void>;
}

/** The name of the object that is shown, for the page's head. */
export const shownName = signal("");

const context = createContext<ObjectPage | undefined>(undefined);

/** The object whose page it is. */
export function useObject(): ObjectPage {
  return useContext(context)!;
}

interface Tab {
  title: string;
  n?: (object: WholeObject) => number;
  body: ComponentType;
  shown?: (object: WholeObject) => boolean;
}

const tabs: Record<string, Tab> = {
  state: { title: "State", body: StateTab },
  kv: { title: "Key-value", n: (object) => object.keys, body: KeyValue },
  sql: { title: "SQL", n: (object) => object.tables.length, body: Sql },
  sockets: { title: "WebSockets", n: (object) => object.sockets, body: Sockets },
  timeline: { title: "Timeline", body: Timeline },
};

/** All of one object. It is read where it lies: looking at it does not wake it. */
export function ObjectView() {
  const [, namespace = "", asked = ""] = route.value.parts;
  const whole: Resource<{ object: WholeObject | null }> = useResource(
    `${namespace}/${asked}`,
    async () => {
      try {
        return { object: await result(api.GET("/api/v1/namespaces/{namespace}/objects/{object}", { params: { path: { namespace, object: asked } } })) };
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return { object: null };
        throw error;
      }
    },
    (event) => event.namespace === namespace && (event.object === asked || event.object === whole.data?.object?.id || (asked.startsWith("name:") && event.name === asked.slice(5))),
  );
  const { data, error, refresh } = whole;
  const title = data?.object ? titleOf(data.object) : asked.startsWith("name:") ? asked.slice(5) : asked.slice(0, 12);
  useEffect(() => {
    shownName.value = title;
  }, [title]);
  if (!data) {
    return <div class="page full">{error && <Notice icon={Ban} kind="red">{error}</Notice>}</div>;
  }
  if (!data.object) return <Gone namespace={namespace} asked={asked} />;
  const object = data.object;
  const path = { namespace, object: object.name ? `name:${object.name}` : object.id };
  const chosen = route.value.query.get("tab") ?? "state";
  const Body = (tabs[chosen] ?? tabs["state"]!).body;
  return (
    <context.Provider value={{ object, path, refresh }}>
      <div class="page full">
        {error && <Notice icon={Ban} kind="red">{error}</Notice>}
        <Hints among={events.value.filter((event) => isOf(event, namespace, object))} />
        <section class="panel fill" aria-label="Object">
          <Head />
          <div class="tabs" role="tablist" aria-label="Parts of the object">
            {Object.entries(tabs).map(([name, tab]) => (
              <a key={name} role="tab" id={`tab-${name}`} aria-selected={name === chosen} aria-controls="part" href={objectHref(namespace, asked, name === "state" ? undefined : name)}>
                {tab.title}
                {tab.n && <span class="n">{count(tab.n(object))}</span>}
              </a>
            ))}
          </div>
          <div class="part" id="part" role="tabpanel" aria-labelledby={`tab-${chosen}`}>
            <Body key={object.id} />
          </div>
        </section>
      </div>
    </context.Provider>
  );
}

function Gone({ namespace, asked }: { namespace: string; asked: string }) {
  return (
    <div class="page full">
      <section class="panel fill">
        <Empty icon={Ban} title="There is no such object">
          <p>
            {asked.startsWith("name:") ? `${classOf(namespace)} ${asked.slice(5)}` : asked.slice(0, 16)} has no storage, no alarm and nothing in memory. It comes when the Worker reaches it, or:
          </p>
          {asked.startsWith("name:") && <Command>{`doemu objects rpc ${classOf(namespace)} ${asked.slice(5)} METHOD`}</Command>}
          <a class="link" href={href(["objects", namespace])}>
            All objects of {classOf(namespace)}
          </a>
        </Empty>
      </section>
    </div>
  );
}

function Head() {
  const { object, path, refresh } = useObject();
  const params = { params: { path } };
  const title = titleOf(object);
  const inMemory = object.state === "active" || object.state === "idle";

  const evict = async () => {
    const { yes, option } = await confirm({
      title: `Take ${title} out of memory?`,
      what: [`${object.namespace} ${object.name ?? object.id}`],
      text: "What it keeps in variables is lost, as when Cloudflare evicts it; its storage stays. The next event wakes it.",
      action: "Evict",
      ...(object.sockets > 0 && { option: `Close its ${object.sockets} WebSockets too, in place of letting them hibernate` }),
    });
    if (!yes) return;
    await attempt(
      () => result(api.POST("/api/v1/namespaces/{namespace}/objects/{object}/evict", { ...params, body: { webSockets: option ? "close" : "hibernate" } })),
      ({ ms }) => `${title} has left memory, in ${ms} ms`,
    );
    await refresh();
  };
  const snapshot = async () => {
    await attempt(
      () => result(api.POST("/api/v1/snapshots", { body: { objects: [{ namespace: object.namespace, object: object.id }] } })),
      ({ name }) => `Saved as snapshot ${name}`,
    );
  };
  const remove = async () => {
    const { yes } = await confirm({
      title: `Delete ${title}?`,
      what: [
        `${object.namespace} ${object.name ?? object.id}`,
        `${count(object.keys)} keys, ${object.tables.map((table) => `${table.name} (${count(table.rows)} rows)`).join(", ") || "no tables"}`,
        `${object.sockets} WebSockets, ${object.alarm ? "an alarm" : "no alarm"}`,
      ],
      text: "All of it goes. A snapshot that was saved before brings it back.",
      action: "Delete the object",
    });
    if (!yes) return;
    await attempt(() => result(api.DELETE("/api/v1/namespaces/{namespace}/objects/{object}", params)), `${title} is deleted`);
    await refresh();
  };

  return (
    <header class="object-head">
      <div class="grow">
        <div class="bar tight">
          <h2 class="title cut" title={object.name || object.id}>
            {object.name || <span class="mono">{object.id.slice(0, 16)}…</span>}
          </h2>
          <StateMark of={object.state} />
        </div>
        <div class="bar tight dim small">
          <a class="link" href={href(["objects", object.namespace])}>
            {object.namespace}
          </a>
          <Id of={object.id} short={16} />
        </div>
      </div>
      <div class="side">
        <ToolButton icon={MoonStar} disabled={!inMemory} does={evict}>
          Evict
        </ToolButton>
        <ToolButton icon={Camera} does={snapshot}>
          Snapshot
        </ToolButton>
        <ToolButton icon={Trash2} danger does={remove}>
          Delete
        </ToolButton>
      </div>
    </header>
  );
}

interface ToolButtonProps {
  icon: typeof Trash2;
  does: () => void;
  disabled?: boolean;
  danger?: boolean;
  children: ComponentChildren;
}

export function ToolButton({ icon, does, disabled = false, danger = false, children }: ToolButtonProps) {
  return (
    <button type="button" class={danger ? "button small danger" : "button small"} disabled={disabled} onClick={does}>
      <Icon of={icon} />
      {children}
    </button>
  );
}
