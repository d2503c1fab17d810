import { useEffect, useRef, useState } from "preact/hooks";
import type { Editor, Language } from "./setup";

interface CodeEditorProps {
  /** What is in it until somebody types. Another one replaces what was typed. */
  initial: string;
  changed: (text: string) => void;
  label: string;
  placeholder?: string;
  language: Language;
  run?: (shift: boolean) => void;
}

/** An editor for code. It is loaded when the first one is shown: most pages have none. */
export function CodeEditor({ initial, changed, label, placeholder = "", language, run = () => undefined }: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor>();
  const newest = useRef({ changed, run, initial, language });
  newest.current = { changed, run, initial, language };
  const schema = JSON.stringify(language);

  useEffect(() => {
    let gone = false;
    let made: Editor | undefined;
    void import("./setup").then(({ createEditor }) => {
      const element = host.current;
      if (gone || !element) return;
      made = createEditor({
        parent: element.shadowRoot ?? element.attachShadow({ mode: "open" }),
        text: newest.current.initial,
        label,
        placeholder,
        language: newest.current.language,
        changed: (to) => newest.current.changed(to),
        run: (shift) => newest.current.run(shift),
      });
      setEditor(made);
    });
    return () => {
      gone = true;
      made?.destroy();
    };
  }, []);
  useEffect(() => editor?.setText(initial), [editor, initial]);
  useEffect(() => editor?.setLanguage(newest.current.language), [editor, schema]);

  return <div class="code" ref={host} data-editor={label} onClick={() => editor?.focus()} />;
}
