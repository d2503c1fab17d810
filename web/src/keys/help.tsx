import { pages } from "../pages";
import { Dialog } from "../parts/dialog";

const keys: [string[], string][] = [
  [["Ctrl", "K"], "Search objects and commands"],
  [["/"], "Search on this page"],
  [["t"], "Light or dark"],
  [["?"], "These keys"],
];

const inLists: [string[], string][] = [
  [["↑", "↓"], "To another row; j and k too"],
  [["Enter"], "Open the row, or edit the cell"],
  [["Shift", "Del"], "Delete the row of a table, after a question"],
  [["Esc"], "Leave what was begun"],
];

const inConsole: [string[], string][] = [
  [["Ctrl", "Enter"], "Run"],
  [["Ctrl", "Shift", "Enter"], "Explain the query's plan"],
];

/** What the keys do. */
export function Help({ close }: { close: () => void }) {
  return (
    <Dialog title="Keys" close={close}>
      <div class="body keys" tabIndex={0} role="region" aria-label="Keys">
        <h1>Keys</h1>
        <Section title="Everywhere" keys={keys} />
        <Section title="Pages" keys={pages.map((page) => [["g", page.key], page.title])} />
        <Section title="In lists and tables" keys={inLists} />
        <Section title="In the SQL console" keys={inConsole} />
      </div>
      <footer>
        <button type="button" class="button" autofocus onClick={close}>
          Close
        </button>
      </footer>
    </Dialog>
  );
}

function Section({ title, keys }: { title: string; keys: [string[], string][] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {keys.map(([press, does]) => (
          <div key={does}>
            <dt>
              {press.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
