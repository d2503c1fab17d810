import { Box, Camera, CirclePlay, FastForward, Moon, RefreshCw, Search, SkipForward, Snowflake, Keyboard, type IconNode } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, page } from "../api/client";
import { frozen } from "../live/clock";
import { info } from "../live/journal";
import { hour } from "../logic/time";
import { pages } from "../pages";
import { advance, freeze, next, resume } from "../pages/clock";
import { reload } from "../pages/overview";
import { saveSnapshot } from "../pages/save";
import { Dialog } from "../parts/dialog";
import { Icon } from "../parts/icon";
import { titleOf } from "../parts/name";
import { go, href, objectHref } from "../route";
import { switchTheme } from "../theme";
import { openHelp } from "./keys";

interface Command {
  title: string;
  hint?: string;
  icon: IconNode;
  does: () => void;
}

function commands(): Command[] {
  return [
    ...pages.map((page) => ({ title: page.title, hint: `g ${page.key}`, icon: page.icon, does: () => go(href(page.path === "" ? [] : [page.path])) })),
    ...(info.value?.workers ?? []).flatMap((worker) =>
      worker.classes.map((one) => ({ title: `Objects of ${one.name}`, hint: one.namespace, icon: Box, does: () => go(href(["objects", one.namespace])) })),
    ),
    frozen.value ? { title: "Let the clock run on", icon: CirclePlay, does: resume } : { title: "Freeze the clock", icon: Snowflake, does: freeze },
    { title: "Advance the clock by an hour", icon: FastForward, does: () => advance(hour) },
    { title: "Advance the clock to what is due next", icon: SkipForward, does: next },
    { title: "Save a snapshot", icon: Camera, does: () => void saveSnapshot() },
    { title: "Build the code again", icon: RefreshCw, does: () => void reload() },
    { title: "Light or dark", hint: "t", icon: Moon, does: switchTheme },
    { title: "Keys", hint: "?", icon: Keyboard, does: openHelp },
  ];
}

/** How many objects of each class are found. */
const mostFound = 6;

/** The objects whose name or id begins with a text. */
async function find(text: string): Promise<Command[]> {
  const namespaces = (info.value?.workers ?? []).flatMap((worker) => worker.classes.map((one) => one.namespace));
  const found = await Promise.all(
    namespaces.map(async (namespace) => {
      const { items } = await page(api.GET("/api/v1/namespaces/{namespace}/objects", { params: { path: { namespace }, query: { prefix: text, limit: mostFound } } }));
      return items.map((object) => ({ title: titleOf(object), hint: namespace, icon: Box, does: () => go(objectHref(namespace, object.id)) }));
    }),
  );
  return found.flat();
}

/** Finds what a person wants: a page, an object, something to do. */
export function Palette({ close }: { close: () => void }) {
  const [text, setText] = useState("");
  const [objects, setObjects] = useState<Command[]>([]);
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const asked = text.trim();

  useEffect(() => {
    if (asked === "") {
      setObjects([]);
      return;
    }
    let late = false;
    const timer = setTimeout(() => {
      find(asked).then(
        (found) => !late && setObjects(found),
        () => !late && setObjects([]), // the connection says why
      );
    }, 80);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [asked]);

  const words = asked.toLowerCase().split(/\s+/);
  const fitting = commands().filter((command) => words.every((word) => `${command.title} ${command.hint ?? ""}`.toLowerCase().includes(word)));
  const all = [...fitting, ...objects];
  const chosen = Math.min(at, all.length - 1);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [chosen]);

  const run = (command: Command | undefined) => {
    if (!command) return;
    close();
    command.does();
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt((chosen + 1) % Math.max(1, all.length));
    else if (event.key === "ArrowUp") setAt((chosen - 1 + all.length) % Math.max(1, all.length));
    else if (event.key === "Enter") run(all[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Search objects and commands" close={close}>
      <div class="palette">
        <div class="search">
          <Icon of={Search} />
          <input
            class="field"
            autofocus
            role="combobox"
            aria-expanded="true"
            aria-controls="found"
            aria-activedescendant={all.length > 0 ? `found-${chosen}` : undefined}
            aria-label="Search objects and commands"
            placeholder="An object's name or id, a page, a command"
            value={text}
            onInput={(event) => (setText(event.currentTarget.value), setAt(0))}
            onKeyDown={press}
          />
        </div>
        <ul ref={list} id="found" role="listbox" aria-label="Found">
          {all.map((command, n) => (
            <li key={`${command.title} ${command.hint}`} id={`found-${n}`} role="option" aria-selected={n === chosen} onMouseMove={() => setAt(n)} onClick={() => run(command)}>
              <Icon of={command.icon} />
              <span class="grow cut">{command.title}</span>
              <span class="faint">{command.hint}</span>
            </li>
          ))}
        </ul>
        {all.length === 0 && <p class="dim pad">Nothing begins with “{asked}”.</p>}
      </div>
    </Dialog>
  );
}
