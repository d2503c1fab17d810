import { Camera, ListChecks, Plus, Upload, X } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, base, headers, page, result, type SnapshotSummary } from "../api/client";
import { count, counted } from "../logic/size";
import { Dialog } from "../parts/dialog";
import { Icon } from "../parts/icon";
import { classOf } from "../parts/name";
import { attempt } from "../parts/toast";
import { go, href } from "../route";
import { useNamespaces } from "./overview";

/** A namespace, or one object of it. */
interface Choice {
  namespace: string;
  object?: string;
}

/** Saves a snapshot of everything, or of what is chosen. */
export async function saveSnapshot(name = "", objects?: Choice[]): Promise<SnapshotSummary | undefined> {
  return attempt(
    () => result(api.POST("/api/v1/snapshots", { body: { ...(name && { name }), ...(objects && { objects }) } })),
    (saved) => `Saved ${saved.name}: ${counted(saved.objects, "object")}`,
  );
}

/** Where snapshots come from: what is now, or an archive. */
export function Save({ refresh }: { refresh: () => Promise<void> }) {
  const [name, setName] = useState("");
  const [choosing, setChoosing] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const save = async (objects?: Choice[]) => {
    const saved = await saveSnapshot(name.trim(), objects);
    if (!saved) return;
    setName("");
    setChoosing(false);
    await refresh();
    go(href(["snapshots", saved.name]));
  };
  const take = async () => {
    const archive = file.current?.files?.[0];
    if (!archive) return;
    await importArchive(archive);
    file.current!.value = "";
    await refresh();
  };
  return (
    <>
      <form class="toolbar" onSubmit={(event) => (event.preventDefault(), void save())}>
        <input class="field grow" aria-label="Name of the new snapshot" placeholder="Name, or by the time" value={name} onInput={(event) => setName(event.currentTarget.value)} />
        <button type="submit" class="button small primary" title="Save everything">
          <Icon of={Camera} />
          Save
        </button>
        <button type="button" class="button small square" aria-label="Save chosen objects" title="Save chosen objects" onClick={() => setChoosing(true)}>
          <Icon of={ListChecks} />
        </button>
        <button type="button" class="button small square" aria-label="Import an archive" title="Import an archive" onClick={() => file.current?.click()}>
          <Icon of={Upload} />
        </button>
        <input ref={file} type="file" accept=".gz,.tgz,application/gzip" hidden onChange={take} aria-label="Archive" />
      </form>
      {choosing && <Choose name={name} rename={setName} save={save} close={() => setChoosing(false)} />}
    </>
  );
}

/** An archive's name is the snapshot's. */
async function importArchive(archive: File): Promise<void> {
  const name = archive.name.replace(/(\.tar)?(\.t?gz)?$/, "");
  await attempt(async () => {
    const answer = await fetch(`${base}/api/v1/snapshots/${encodeURIComponent(name)}/archive`, {
      method: "POST",
      headers: { ...headers(), "Content-Type": "application/gzip" },
      body: archive,
    });
    const { success, errors } = (await answer.json()) as { success: boolean; errors: { message: string }[] };
    if (!success) throw new Error(errors[0]?.message);
  }, `${name} is imported`);
}

interface ChooseProps {
  name: string;
  rename: (name: string) => void;
  save: (objects: Choice[]) => Promise<void>;
  close: () => void;
}

function Choose({ name, rename, save, close }: ChooseProps) {
  const { data: namespaces } = useNamespaces();
  const [chosen, setChosen] = useState<Choice[]>([]);
  const has = (one: Choice) => chosen.some((other) => other.namespace === one.namespace && other.object === one.object);
  const without = (one: Choice) => chosen.filter((other) => other.namespace !== one.namespace || other.object !== one.object);
  const toggle = (one: Choice) => setChosen(has(one) ? without(one) : [...chosen, one]);
  const single = chosen.filter((one) => one.object);
  return (
    <Dialog title="Save chosen objects" close={close}>
      <div class="body">
        <h1>Save chosen objects</h1>
        <label class="labelled">
          Name
          <input class="field" placeholder="By the time" value={name} onInput={(event) => rename(event.currentTarget.value)} />
        </label>
        <fieldset class="stack choices">
          <legend class="dim small">Whole classes</legend>
          {namespaces?.map((one) => (
            <label key={one.id} class="check">
              <input type="checkbox" checked={has({ namespace: one.id })} onChange={() => toggle({ namespace: one.id })} />
              <span class="cut grow">{one.id}</span>
              <span class="faint">{count(one.objects)}</span>
            </label>
          ))}
        </fieldset>
        {namespaces && namespaces.length > 0 && <AddObject namespaces={namespaces.map((one) => one.id)} add={(one) => has(one) || toggle(one)} />}
        {single.length > 0 && (
          <ul class="bar" aria-label="Chosen objects">
            {single.map((one) => (
              <li key={`${one.namespace} ${one.object}`}>
                <button type="button" class="chip" aria-pressed="true" title="Leave it out" onClick={() => setChosen(without(one))}>
                  {classOf(one.namespace)} {one.object!.replace(/^name:/, "").slice(0, 24)}
                  <Icon of={X} />
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
      <footer>
        <button type="button" class="button" onClick={close}>
          Cancel
        </button>
        <button type="button" class="button primary" disabled={chosen.length === 0} onClick={() => save(chosen)}>
          Save
        </button>
      </footer>
    </Dialog>
  );
}

/** How many names are proposed while one is typed. */
const mostProposed = 8;

function AddObject({ namespaces, add }: { namespaces: string[]; add: (one: Choice) => void }) {
  const [namespace, setNamespace] = useState(namespaces[0]!);
  const [text, setText] = useState("");
  const [names, setNames] = useState<string[]>([]);
  const object = text.trim();
  useEffect(() => {
    let current = true;
    page(api.GET("/api/v1/namespaces/{namespace}/objects", { params: { path: { namespace }, query: { limit: mostProposed, ...(object && { prefix: object }) } } })).then(
      ({ items }) => current && setNames(items.map(({ name, id }) => name || id)),
      () => undefined, // what is proposed is a help only: saving tells what is wrong
    );
    return () => {
      current = false;
    };
  }, [namespace, object]);
  const submit = (event: Event) => {
    event.preventDefault();
    if (object === "") return;
    add({ namespace, object: /^[0-9a-f]{64}$/.test(object) ? object : `name:${object}` });
    setText("");
  };
  return (
    <form class="bar" onSubmit={submit}>
      <select class="field" aria-label="Class of the object" value={namespace} onChange={(event) => setNamespace(event.currentTarget.value)}>
        {namespaces.map((one) => (
          <option key={one} value={one}>
            {classOf(one)}
          </option>
        ))}
      </select>
      <input class="field grow" aria-label="Name or id of an object" placeholder="Name or id of an object" list="objects-to-save" autocomplete="off" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      <datalist id="objects-to-save">
        {names.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <button type="submit" class="button small" disabled={object === ""}>
        <Icon of={Plus} />
        Choose
      </button>
    </form>
  );
}
