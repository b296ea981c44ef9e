// Keeps what is typed in this browser until it is sent, per account and file, so that a session that ends loses nothing.
// It is removed when it was sent, when its owner logs out, and after a week.
const PREFIX = "fugong.draft.";
const KEPT_MS = 7 * 86_400_000;

function read(key) {
  try {
    const held = JSON.parse(localStorage.getItem(key) ?? "null");
    return held && Date.now() - held.at < KEPT_MS ? held.fields : {};
  } catch {
    return {};
  }
}

function write(key, fields) {
  if (Object.keys(fields).length) localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields }));
  else localStorage.removeItem(key);
}

export function forgetAll(account) {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(`${PREFIX}${account}.`) || (key.startsWith(PREFIX) && !Object.keys(read(key)).length)) localStorage.removeItem(key);
  }
}

function valueSent(field) {
  if (field.dataset.sent !== undefined) return field.dataset.sent;
  if (field.tagName === "SELECT") return [...field.options].find((one) => one.defaultSelected)?.value ?? "";
  return field.defaultValue;
}

// Fields whose value differs from what the server sent are kept; `changed` is called after one was put back.
export function keep(form, changed) {
  const key = form.dataset.draft;
  const note = document.querySelector("#draft");
  const fields = read(key);
  let isRestored = false;
  for (const [name, value] of Object.entries(fields)) {
    const field = form.elements.namedItem(name);
    if (!field || field.readOnly) continue;
    if (field.value !== value) {
      field.value = value;
      isRestored = true;
      changed(field);
    }
  }
  if (isRestored) {
    note.hidden = false;
    note.textContent = form.dataset.restored + " ";
    const discard = document.createElement("button");
    discard.type = "button";
    discard.textContent = form.dataset.discard;
    discard.addEventListener("click", () => {
      localStorage.removeItem(key);
      location.reload();
    });
    note.append(discard);
  }
  form.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.name || field.name === "csrf") return;
    if (field.value === valueSent(field)) delete fields[field.name];
    else fields[field.name] = field.value;
    write(key, fields);
  });
  // What was typed before this script was there counts, too.
  for (const field of form.elements) {
    if (field.name && field.type !== "hidden" && !field.readOnly && field.value !== valueSent(field)) field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button.main");
    button.disabled = true;
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json", "X-CSRF-Token": form.elements.csrf.value } });
    } catch {
      answer = null;
    }
    button.disabled = false;
    if (answer?.status === 201) {
      const sent = new Set(new FormData(form).keys());
      for (const name of Object.keys(fields)) if (sent.has(name)) delete fields[name];
      write(key, fields);
      location.assign((await answer.json()).address);
      return;
    }
    const told = document.createElement("div");
    told.className = "told bad";
    told.setAttribute("role", "alert");
    told.id = "fault";
    if (answer?.status === 401 || answer?.status === 403 || answer?.redirected) {
      told.textContent = form.dataset.expired + " ";
      const link = document.createElement("a");
      link.href = form.dataset.login;
      link.textContent = form.dataset.again;
      told.append(link);
    } else {
      const error = answer && answer.headers.get("content-type")?.includes("json") ? (await answer.json()).error : "";
      const language = document.documentElement.lang.startsWith("zh") ? 0 : 1;
      told.textContent = error ? error.split(" | ")[language] ?? error : form.dataset.broken;
      if (answer?.status === 409) {
        const again = document.createElement("a");
        again.href = location.href;
        again.textContent = " ↻";
        told.append(again);
      }
    }
    document.querySelector("#fault")?.remove();
    form.before(told);
    told.scrollIntoView({ block: "center" });
  });
}
