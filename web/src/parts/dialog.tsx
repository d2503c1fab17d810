import type { ComponentChildren } from "preact";
import { signal } from "@preact/signals";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** A dialog over the page, which Escape and a click beside it close. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before anything is painted, so that what is typed next goes into it.
  useLayoutEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onMouseDown={(event) => event.target === dialog.current && close()}
    >
      {children}
    </dialog>
  );
}

interface Question {
  title: string;
  /** What it means. */
  text: ComponentChildren;
  /** What goes, by its names. */
  what?: string[];
  /** What the button says that does it. */
  action: string;
  /** A choice that goes with it. */
  option?: string;
  answer: (yes: boolean, option: boolean) => void;
}

const question = signal<Question | undefined>(undefined);

/** Asks before something is done that cannot be taken back: whether to do it, and how the option was chosen. */
export function confirm(ask: Omit<Question, "answer">): Promise<{ yes: boolean; option: boolean }> {
  question.value?.answer(false, false);
  return new Promise((resolve) => {
    question.value = {
      ...ask,
      answer: (yes, option) => {
        question.value = undefined;
        resolve({ yes, option });
      },
    };
  });
}

/** Where the questions of confirm appear. */
export function Questions() {
  return question.value && <Ask key={question.value.title} {...question.value} />;
}

function Ask({ title, text, what, action, option, answer }: Question) {
  const [chosen, setChosen] = useState(false);
  return (
    <Dialog title={title} close={() => answer(false, false)}>
      <div class="body">
        <h1>{title}</h1>
        {what && what.length > 0 && (
          <ul class="what">
            {what.map((name) => (
              <li key={name}>{name}</li>
            ))}
          </ul>
        )}
        <p class="dim">{text}</p>
        {option && (
          <label class="check">
            <input type="checkbox" checked={chosen} onChange={(event) => setChosen(event.currentTarget.checked)} />
            {option}
          </label>
        )}
      </div>
      <footer>
        <button type="button" class="button" autofocus onClick={() => answer(false, false)}>
          Cancel
        </button>
        <button type="button" class="button danger solid" onClick={() => answer(true, chosen)}>
          {action}
        </button>
      </footer>
    </Dialog>
  );
}
