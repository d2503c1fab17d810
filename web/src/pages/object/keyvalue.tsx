import { KeyRound, Plus, Save, Search, Trash2 } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { api, page, result, type Entry } from "../../api/client";
import { CodeEditor } from "../../editor/editor";
import { useResource } from "../../live/resource";
import { bytes, counted } from "../../logic/size";
import { Command } from "../../parts/copy";
import { confirm } from "../../parts/dialog";
import { Empty, Notice } from "../../parts/empty";
import { Icon } from "../../parts/icon";
import { classOf, isOf, titleOf } from "../../parts/name";
import { Table, type TableColumn } from "../../parts/table";
import { attempt } from "../../parts/toast";
import { ToolButton, useObject } from "./object";
import { FacetChoice, useFacet } from "./place";

const columns: TableColumn<Entry>[] = [
  { title: "Key", width: "minmax(110px, 1fr)", narrow: "minmax(0, 1fr)", cell: (entry) => <span class="mono" title={entry.key}>{entry.key}</span> },
  { title: "Value", width: "minmax(140px, 1.6fr)", narrow: "minmax(0, 1fr)", cell: (entry) => <span class="mono dim">{entry.preview}</span> },
  { title: "Type", width: "74px", cell: (entry) => <span class="faint">{entry.type}</span> },
];

const keyRoute = "/api/v1/namespaces/{namespace}/objects/{object}/storage/kv/{key}";

/** The key-value storage of an object, decoded and editable. */
export function KeyValue() {
  const { object, path } = useObject();
  const facet = useFacet();
  const [prefix, setPrefix] = useState("");
  const [limit, setLimit] = useState(1_000);
  const [chosen, setChosen] = useState<string>();
  const [adding, setAdding] = useState(false);
  const place = { path, query: { limit, ...(prefix && { prefix }), ...(facet && { facet }) } };
  const { data, error, refresh } = useResource(
    `kv ${object.namespace} ${object.id} ${prefix} ${limit} ${facet?.join("/")}`,
    () => page(api.GET("/api/v1/namespaces/{namespace}/objects/{object}/storage/kv", { params: place })),
    (event) => isOf(event, object.namespace, object),
  );
  const entry = data?.items.find((one) => one.key === chosen);
  const readonly = facet !== undefined;

  return (
    <div class="split">
      <div class="side">
        <div class="toolbar">
          <FacetChoice />
          <div class="search grow">
            <Icon of={Search} />
            <input class="field" type="search" data-search placeholder="Key begins with…" aria-label="Key begins with" value={prefix} onInput={(event) => setPrefix(event.currentTarget.value)} />
          </div>
          {!readonly && (
            <ToolButton icon={Plus} does={() => setAdding(true)}>
              Add
            </ToolButton>
          )}
        </div>
        {error && <Notice icon={KeyRound} kind="red">{error}</Notice>}
        {data && (
          <Table
            label="Keys"
            columns={columns}
            rows={data.items}
            keyOf={(one) => one.key}
            open={(one) => {
              setChosen(one.key);
              setAdding(false);
            }}
            isChosen={(one) => !adding && one.key === chosen}
            seen={(_, last) => data.cursor !== "" && last > data.items.length - 100 && setLimit(Math.min(limit * 3, 10_000))}
            empty={
              <Empty icon={KeyRound} title={prefix ? "No key begins so" : "No keys"}>
                {!prefix && !readonly && (
                  <>
                    <p>What the object stores by ctx.storage.put() or ctx.storage.kv appears here.</p>
                    <Command>{`doemu storage put ${classOf(object.namespace)} ${titleOf(object)} KEY '"value"'`}</Command>
                  </>
                )}
              </Empty>
            }
          />
        )}
        {data && data.items.length > 0 && (
          <footer class="foot dim">
            {counted(data.items.length, "key")}
            {data.cursor !== "" && " and more"}
          </footer>
        )}
      </div>
      <div class="detail">
        {adding ? (
          <EntryEditor key="new" done={(key) => (setAdding(false), setChosen(key), refresh())} leave={() => setAdding(false)} readonly={false} />
        ) : entry ? (
          <EntryEditor key={`${entry.key}`} entry={entry} done={() => refresh()} leave={() => setChosen(undefined)} readonly={readonly} />
        ) : (
          <Empty icon={KeyRound} title="Choose a key">
            <p>Its value is shown whole, and can be changed. The object sees it at once.</p>
          </Empty>
        )}
      </div>
    </div>
  );
}

interface EntryEditorProps {
  entry?: Entry;
  done: (key: string) => void;
  leave: () => void;
  readonly: boolean;
}

function EntryEditor({ entry, done, leave, readonly }: EntryEditorProps) {
  const { object, path, refresh } = useObject();
  const facet = useFacet();
  const [key, setKey] = useState(entry?.key ?? "");
  const [text, setText] = useState<string>();
  const params = { params: { path: { ...path, key } } };
  // A list leaves out what is long.
  const { data: whole } = useResource(
    `key ${object.id} ${entry?.key} ${entry?.bytes} ${entry?.preview}`,
    async () => (entry ? result(api.GET(keyRoute, { params: { path: { ...path, key: entry.key }, ...(facet && { query: { facet } }) } })) : undefined),
  );
  const was = whole ? (whole.json === undefined ? undefined : JSON.stringify(whole.json, null, 2)) : undefined;
  // What was there when the edit began: a value that changes meanwhile takes nothing away from it.
  const [begun, setBegun] = useState(was);
  const shown = text ?? begun ?? "";
  const changed = text !== undefined && text !== begun;
  const value = parse(shown);
  const [round, setRound] = useState(0);
  const discard = () => {
    if (text !== undefined) setRound(round + 1); // the editor has what was typed
    setText(undefined);
    setBegun(was);
  };
  useEffect(() => {
    if (!changed) discard();
  }, [was]);

  const save = async () => {
    if (!value.ok || key === "") return;
    const saved = await attempt(() => result(api.PUT(keyRoute, { ...params, body: value.json as never })), `${key} is stored`);
    if (!saved) return;
    setText(undefined);
    setBegun(JSON.stringify(value.json, null, 2));
    done(key);
    await refresh();
  };
  const remove = async () => {
    const { yes } = await confirm({ title: "Delete this key?", what: [key], text: `It goes from the storage of ${titleOf(object)}.`, action: "Delete the key" });
    if (!yes) return;
    await attempt(() => result(api.DELETE(keyRoute, params)), `${key} is deleted`);
    leave();
    done("");
    await refresh();
  };

  return (
    <div class="entry">
      <div class="toolbar">
        {entry ? (
          <>
            <strong class="mono cut grow" title={entry.key}>
              {entry.key}
            </strong>
            <span class="tag">{entry.type}</span>
            <span class="dim">{bytes(entry.bytes)}</span>
          </>
        ) : (
          <label class="grow">
            <span class="hidden">Key</span>
            <input class="field mono" autofocus placeholder="Key" value={key} spellcheck={false} onInput={(event) => setKey(event.currentTarget.value)} />
          </label>
        )}
        {entry && !readonly && (
          <button type="button" class="button plain small square danger" aria-label="Delete the key" title="Delete the key" onClick={remove}>
            <Icon of={Trash2} />
          </button>
        )}
      </div>
      {entry && whole && was === undefined && (
        <div class="pad stack">
          <pre class="value">{whole.preview}</pre>
          <p class="dim">JSON cannot say all of this {whole.type}. {!readonly && "What is stored below takes its place, as JSON."}</p>
        </div>
      )}
      {!readonly || was !== undefined ? (
        <div class="editor">
          <CodeEditor initial={begun ?? ""} key={round} changed={setText} label={`Value of ${entry?.key ?? "the new key"}, as JSON`} placeholder='{"any": "JSON"}' language={{ of: "json" }} run={() => void save()} />
        </div>
      ) : null}
      {!readonly && (
        <div class="toolbar bottom">
          <span class="grow cut">
            {!value.ok && shown !== "" ? <span class="red">{value.problem}</span> : changed && was !== begun && <span class="amber">It was changed meanwhile: storing takes that back</span>}
          </span>
          {(changed || !entry) && (
            <button type="button" class="button small" onClick={() => (entry ? discard() : leave())}>
              Leave
            </button>
          )}
          <button type="button" class="button small primary" disabled={!value.ok || key === "" || (!!entry && !changed)} onClick={save} title="Ctrl Enter">
            <Icon of={Save} />
            Store
          </button>
        </div>
      )}
    </div>
  );
}

function parse(text: string): { ok: true; json: unknown } | { ok: false; problem: string } {
  try {
    return { ok: true, json: JSON.parse(text) };
  } catch (error) {
    return { ok: false, problem: (error as Error).message };
  }
}
