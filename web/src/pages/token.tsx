import { KeyRound } from "lucide";
import { useState } from "preact/hooks";
import { base, token, useToken } from "../api/client";
import { Icon } from "../parts/icon";

/** Asks for the token that doemu was started with. */
export function AskToken() {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(token.value !== "");
  const send = async (event: Event) => {
    event.preventDefault();
    const response = await fetch(`${base}/api/v1/info`, { headers: { Authorization: `Bearer ${text.trim()}` } }).catch(() => undefined);
    if (response?.ok) useToken(text.trim());
    else setWrong(true);
  };
  return (
    <main class="token">
      <form class="panel" onSubmit={send}>
        <div class="body stack">
          <h1>
            <Icon of={KeyRound} /> doemu asks for its token
          </h1>
          <p class="dim">
            It was started with <code>--admin-token</code>. The token is kept in this tab until it is closed.
          </p>
          <label class="labelled">
            Token
            <input class="field" type="password" autocomplete="off" autofocus value={text} aria-invalid={wrong} onInput={(e) => (setText(e.currentTarget.value), setWrong(false))} />
          </label>
          {wrong && (
            <p class="red" role="alert">
              doemu does not take this token.
            </p>
          )}
          <div class="bar">
            <button type="submit" class="button primary" disabled={text.trim() === ""}>
              Go on
            </button>
          </div>
        </div>
      </form>
    </main>
  );
}
