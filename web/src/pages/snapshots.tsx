import { Camera, Download, GitCompareArrows, RotateCcw, Trash2 } from "lucide";
import { api, base, headers, page, result, type SnapshotSummary } from "../api/client";
import { useResource } from "../live/resource";
import { bytes, count, counted } from "../logic/size";
import { dateTime } from "../logic/time";
import { Command } from "../parts/copy";
import { confirm } from "../parts/dialog";
import { Empty, Notice } from "../parts/empty";
import { Icon } from "../parts/icon";
import { classOf, titleOf } from "../parts/name";
import { Table, type TableColumn } from "../parts/table";
import { attempt, notify } from "../parts/toast";
import { go, href, objectHref, route, setQuery } from "../route";
import { Differences } from "./differences";
import { Save } from "./save";

const one = "/api/v1/snapshots/{name}";

/** The snapshots, and what differs between them. */
export function Snapshots() {
  const chosen = route.value.parts[1];
  const { data, error, refresh } = useResource("snapshots", async () => (await page(api.GET("/api/v1/snapshots"))).items, (event) => event.kind === "snapshot");
  return (
    <div class="page full">
      {error && <Notice icon={Camera} kind="red">{error}</Notice>}
      <section class="panel fill" aria-label="Snapshots">
        <div class="split">
          <div class="side">
            <Save refresh={refresh} />
            {data && data.length === 0 && (
              <Empty icon={Camera} title="No snapshots yet">
                <p>A snapshot keeps the state of all objects at one instant, their alarms and the clock. Going back to one takes milliseconds.</p>
                <Command>doemu snapshot save before</Command>
              </Empty>
            )}
            <ul class="items" aria-label="Snapshots, the newest first">
              {data?.map((snapshot) => (
                <li key={snapshot.name}>
                  <a class="item tall" href={href(["snapshots", snapshot.name])} aria-current={snapshot.name === chosen ? "page" : undefined}>
                    <span class="grow stack none">
                      <strong class="cut">{snapshot.name}</strong>
                      <span class="dim small cut">
                        {dateTime(snapshot.at)} · {snapshot.whole ? "everything" : "chosen objects"}
                      </span>
                    </span>
                    <span class="dim small right">
                      {counted(snapshot.objects, "object")}
                      <br />
                      {bytes(snapshot.bytes)}
                    </span>
                  </a>
                </li>
              ))}
            </ul>
          </div>
          <div class="detail">
            {chosen ? (
              data && <Snapshot key={chosen} name={chosen} all={data} refresh={refresh} />
            ) : (
              <Empty icon={GitCompareArrows} title="Choose a snapshot">
                <p>It can be compared with what is now, or with another one, and restored.</p>
              </Empty>
            )}
          </div>
        </div>
      </section>
    </div>
  );
}

function Snapshot({ name, all, refresh }: { name: string; all: SnapshotSummary[]; refresh: () => Promise<void> }) {
  const params = { params: { path: { name } } };
  const summary = all.find((snapshot) => snapshot.name === name);
  const against = route.value.query.get("with");
  if (!summary) {
    return <Empty icon={Camera} title={`There is no snapshot ${name}`} />;
  }
  const restore = async () => {
    const goes = await attempt(() => whatGoes(name));
    if (!goes) return;
    const { yes, option } = await confirm({
      title: `Go back to ${name}?`,
      what: [`${summary.whole ? "Everything" : "The chosen objects"}, as of ${dateTime(summary.at)} UTC`, ...goes],
      text: summary.whole
        ? "Objects get the state that they had, those that came since are deleted, and the clock goes back. What is now is lost, unless it is saved before."
        : "These objects get the state that they had. What they have now is lost, unless it is saved before.",
      action: "Restore",
      option: "Keep hibernatable WebSockets connected",
    });
    if (!yes) return;
    await attempt(
      () => result(api.POST(`${one}/restore`, { ...params, body: { webSockets: option ? "keep" : "close" } })),
      ({ restored, deleted }) => `${counted(restored, "object")} restored${deleted > 0 ? `, ${count(deleted)} deleted that came since` : ""}`,
    );
  };
  const remove = async () => {
    const { yes } = await confirm({ title: "Delete this snapshot?", what: [name], text: "The objects stay as they are now.", action: "Delete the snapshot" });
    if (!yes) return;
    await attempt(() => result(api.DELETE(one, params)), `${name} is deleted`);
    go(href(["snapshots"]));
    await refresh();
  };
  return (
    <>
      <div class="toolbar">
        <strong class="cut grow">{name}</strong>
        {summary.frozen && <span class="tag">clock stood</span>}
        <button type="button" class="button small primary" onClick={restore}>
          <Icon of={RotateCcw} />
          Restore
        </button>
        <button type="button" class="button small square" aria-label="Export as an archive" title="Export as an archive" onClick={() => download(name)}>
          <Icon of={Download} />
        </button>
        <button type="button" class="button small square danger" aria-label="Delete the snapshot" title="Delete the snapshot" onClick={remove}>
          <Icon of={Trash2} />
        </button>
      </div>
      <div class="toolbar">
        <label class="check">
          Compare with
          <select class="field" value={against ?? ""} onChange={(event) => setQuery({ with: event.currentTarget.value || undefined })}>
            <option value="">nothing: show its objects</option>
            <option value="now">what is now</option>
            {all
              .filter((other) => other.name !== name)
              .map((other) => (
                <option key={other.name}>{other.name}</option>
              ))}
          </select>
        </label>
        {against !== "now" && (
          <button type="button" class="button small" onClick={() => setQuery({ with: "now" })}>
            <Icon of={GitCompareArrows} />
            What has changed since
          </button>
        )}
      </div>
      {against ? <Differences from={name} to={against} /> : <Items name={name} />}
    </>
  );
}

/** How many objects a question names. */
const mostNamed = 12;

/** What a restore changes, object by object, as lines of a question. */
async function whatGoes(name: string): Promise<string[]> {
  const { objects, more } = await result(api.GET("/api/v1/snapshots/{name}/diff/{other}", { params: { path: { name, other: "now" } } }));
  if (objects.length === 0) return ["No object differs from it"];
  const becomes = { added: "is deleted: it came since", removed: "comes back", changed: "changes back" };
  const lines = objects.slice(0, mostNamed).map((object) => `${classOf(object.namespace)} ${titleOf(object)} ${becomes[object.change]}`);
  const unnamed = objects.length - lines.length;
  return unnamed > 0 || more ? [...lines, unnamed > 0 ? `and ${counted(unnamed, "more object")}${more ? " at least" : ""}` : "and more"] : lines;
}

/** An archive is fetched by the page, since a link sends no token. */
async function download(name: string): Promise<void> {
  const answer = await fetch(`${base}/api/v1/snapshots/${encodeURIComponent(name)}/archive`, { headers: headers() }).catch(() => undefined);
  if (!answer?.ok) {
    notify("The archive could not be read.", "error");
    return;
  }
  const url = URL.createObjectURL(await answer.blob());
  const link = Object.assign(document.createElement("a"), { href: url, download: `${name}.tar.gz` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

type Item = Awaited<ReturnType<typeof itemsOf>>[number];

async function itemsOf(name: string) {
  return (await result(api.GET(one, { params: { path: { name } } }))).items;
}

const columns: TableColumn<Item>[] = [
  {
    title: "Object",
    width: "minmax(150px, 1fr)",
    narrow: "minmax(0, 1fr)",
    cell: (item) => (
      <a class="name" href={objectHref(item.namespace, item.id)} title={item.name || item.id}>
        <span class="dim">{classOf(item.namespace)}</span> {titleOf(item)}
      </a>
    ),
  },
  { title: "Alarm, in UTC", width: "156px", cell: (item) => (item.alarm ? <span class="dim">{dateTime(item.alarm)}</span> : <span class="faint">—</span>) },
  { title: "Storage", width: "80px", narrow: "70px", align: "right", cell: (item) => bytes(item.bytes) },
];

function Items({ name }: { name: string }) {
  const { data, error } = useResource(`snapshot ${name}`, () => itemsOf(name));
  if (error) return <p class="pad red">{error}</p>;
  return (
    data && (
      <Table label="Objects of the snapshot" columns={columns} rows={data} keyOf={(item) => `${item.namespace} ${item.id}`} empty={<Empty icon={Camera} title="It has no objects" />} />
    )
  );
}
