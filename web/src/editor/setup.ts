import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { sql, SQLite } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Annotation, Compartment, EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers, placeholder as placeholderOf } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** What is edited: SQL with the tables that there are, or JSON. */
export type Language = { of: "sql"; tables: Record<string, string[]> } | { of: "json" };

export interface EditorOptions {
  /** An open shadow root: there the editor's styles are constructed, which the page's policy allows. */
  parent: ShadowRoot;
  text: string;
  label: string;
  placeholder: string;
  language: Language;
  changed: (text: string) => void;
  /** What Ctrl Enter does, and with Shift. */
  run: (shift: boolean) => void;
}

export interface Editor {
  /** Replaces the text, without a word to `changed`. */
  setText: (text: string) => void;
  setLanguage: (language: Language) => void;
  focus: () => void;
  destroy: () => void;
}

/** Marks what a person has not typed. */
const given = Annotation.define<true>();

const theme = EditorView.theme({
  "&": { fontSize: "12.5px", color: "var(--text)", backgroundColor: "var(--surface)", height: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6" },
  ".cm-content": { caretColor: "var(--text)", padding: "8px 0" },
  ".cm-line": { padding: "0 12px 0 6px" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--faint)", border: "none", paddingLeft: "6px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--accent) 25%, transparent)" },
  ".cm-placeholder": { color: "var(--faint)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--line-strong)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--line-strong)", borderRadius: "6px", boxShadow: "var(--shadow)", overflow: "hidden" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "12px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-completionDetail": { color: "var(--faint)" },
});

const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--code-keyword)", fontWeight: "500" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: [tags.comment, tags.lineComment, tags.blockComment], color: "var(--code-comment)", fontStyle: "italic" },
  { tag: [tags.propertyName], color: "var(--text)" },
]);

/**
 * Types over what is selected. Left to the browser, Chrome keeps the colour of what goes by a style of its own, which
 * the page's policy blocks and tells of.
 */
const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { from, to, empty } = view.state.selection.main;
    const text = event.data;
    if (event.inputType !== "insertText" || !text || empty || view.composing || view.state.readOnly) return false;
    const insert = () =>
      view.state.update({ changes: { from, to, insert: text }, selection: { anchor: from + text.length }, userEvent: "input.type", scrollIntoView: true });
    if (!view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, text, insert))) view.dispatch(insert());
    return true;
  },
});

function languageOf(language: Language): Extension {
  if (language.of === "json") return json();
  return sql({ dialect: SQLite, schema: language.tables, upperCaseKeywords: true });
}

/** Makes an editor. */
export function createEditor({ parent, text, label, placeholder, language, changed, run }: EditorOptions): Editor {
  const compartment = new Compartment();
  const view = new EditorView({
    parent,
    root: parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        keymap.of([
          { key: "Mod-Enter", run: () => (run(false), true) },
          { key: "Shift-Mod-Enter", run: () => (run(true), true) },
        ]),
        typeOver,
        lineNumbers(),
        history(),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ icons: false }),
        // Tab leaves the editor, as everything else that is reached by it.
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label }),
        placeholderOf(placeholder),
        compartment.of(languageOf(language)),
        syntaxHighlighting(highlight),
        theme,
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !update.transactions.every((transaction) => transaction.annotation(given))) changed(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    setText: (to) => view.state.doc.toString() !== to && view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: to }, annotations: given.of(true) }),
    setLanguage: (to) => view.dispatch({ effects: compartment.reconfigure(languageOf(to)) }),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
