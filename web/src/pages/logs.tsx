import { Pause, Play, ScrollText, Search, TriangleAlert } from "lucide";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { JournalEvent } from "../api/client";
import { events, loadAll } from "../live/journal";
import { groups, kept, matches, type EventFilter, type Group } from "../logic/events";
import { count, counted } from "../logic/size";
import { Command } from "../parts/copy";
import { Empty } from "../parts/empty";
import { EventList } from "../parts/eventlist";
import { Icon } from "../parts/icon";
import { attempt } from "../parts/toast";
import { route, setQuery } from "../route";

/** The journal: all that happened, as it happens. */
export function Logs() {
  const { query } = route.value;
  const [text, setText] = useState(query.get("text") ?? "");
  const chosen = new Set((query.get("groups") ?? "").split(",").filter((name): name is Group => name in groups));
  const namespace = query.get("namespace") ?? "";
  const troubleOnly = query.has("trouble");
  useEffect(() => void attempt(loadAll), []);
  useEffect(() => setQuery({ text: text || undefined }), [text]);

  const filter: EventFilter = { groups: chosen, namespace, object: "", text, troubleOnly };
  const [stopped, setStopped] = useState<JournalEvent[]>();
  const all = stopped ?? events.value;
  const shown = useMemo(() => all.filter((event) => matches(event, filter)), [all, query.get("groups"), namespace, text, troubleOnly]);
  const namespaces = useMemo(() => [...new Set(all.flatMap((event) => event.namespace || []))].sort(), [all]);
  const filtered = shown.length !== all.length;
  const since = stopped ? (events.value.at(-1)?.seq ?? 0) - (stopped.at(-1)?.seq ?? 0) : 0;
  const toggle = (group: Group) => {
    const next = new Set(chosen);
    if (!next.delete(group)) next.add(group);
    setQuery({ groups: [...next].join(",") || undefined });
  };

  return (
    <div class="page full">
      <section class="panel fill" aria-label="Log">
        <header class="wraps">
          <div class="search grow">
            <Icon of={Search} />
            <input class="field" type="search" data-search placeholder="Kind, object, text…" aria-label="Find in the log" value={text} onInput={(event) => setText(event.currentTarget.value)} />
          </div>
          {namespaces.length > 0 && (
            <select class="field" aria-label="Class" value={namespace} onChange={(event) => setQuery({ namespace: event.currentTarget.value || undefined })}>
              <option value="">All classes</option>
              {namespaces.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
          <button type="button" class="chip" aria-pressed={troubleOnly} onClick={() => setQuery({ trouble: troubleOnly ? undefined : "1" })}>
            <Icon of={TriangleAlert} />
            Problems only
          </button>
          <button type="button" class="button small" aria-pressed={stopped !== undefined} onClick={() => setStopped(stopped ? undefined : events.value)}>
            <Icon of={stopped ? Play : Pause} />
            {stopped ? "Go on" : "Pause"}
          </button>
        </header>
        <div class="toolbar kinds" role="group" aria-label="Kinds">
          {(Object.keys(groups) as Group[]).map((group) => (
            <button key={group} type="button" class="chip" aria-pressed={chosen.has(group)} onClick={() => toggle(group)} title={groups[group].kinds.join(", ")}>
              {groups[group].title}
            </button>
          ))}
        </div>
        <EventList
          events={shown}
          label="Events"
          empty={
            filtered ? (
              <Empty icon={Search} title="No event is like that">
                <button
                  type="button"
                  class="button small"
                  onClick={() => {
                    setText("");
                    setQuery({ groups: undefined, namespace: undefined, trouble: undefined });
                  }}
                >
                  Show all {count(all.length)}
                </button>
              </Empty>
            ) : (
              <Empty icon={ScrollText} title="Nothing has happened yet">
                <p>Send the Worker a request, and it appears here.</p>
                <Command>curl http://localhost:8787/</Command>
              </Empty>
            )
          }
        />
        {all.length > 0 && (
          <footer class="foot dim">
            {filtered ? `${count(shown.length)} of ${counted(all.length, "event")}` : counted(all.length, "event")}
            {stopped && <span role="status">{counted(since, "event")} since the pause</span>}
            <span class="faint wide">doemu remembers the newest {count(kept)}</span>
          </footer>
        )}
      </section>
    </div>
  );
}
