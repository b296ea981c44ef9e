// Sends files one after the other as they are, shows how far each is, and watches until each is answered.
const form = document.querySelector("#upload");
const base = document.body.dataset.base;
const words = form.dataset;
const list = document.querySelector("#sent");
const told = document.querySelector("#told");
const input = form.querySelector("#files");
const drop = document.querySelector("#drop");
const language = document.documentElement.lang.startsWith("zh") ? 0 : 1;
const queue = [];
let isSending = false;

const inLanguage = (sentence) => sentence.split(" | ")[language] ?? sentence;

function add(file, isTrial) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  name.textContent = file.name;
  const state = document.createElement("span");
  state.className = "tag none";
  const bar = document.createElement("progress");
  bar.max = Math.max(file.size, 1);
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  item.append(name, " ", state, bar);
  list.prepend(item);
  queue.push({ file, isTrial, item, state, bar });
}

function say(one, text, tone) {
  one.state.textContent = text;
  one.state.className = `tag ${tone}`;
}

function end(one, text, tone) {
  one.bar.remove();
  say(one, text, tone);
  told.textContent = `${one.file.name} · ${text}`;
}

function endLoggedOut(one) {
  end(one, words.login, "bad");
  one.item.append(" ", linkTo(words.door, words.again));
}

function linkTo(address, text) {
  const link = document.createElement("a");
  link.href = address;
  link.textContent = text;
  return link;
}

function send(one) {
  return new Promise((resolve) => {
    if (one.file.size > Number(words.max)) {
      end(one, words.large, "bad");
      resolve();
      return;
    }
    const request = new XMLHttpRequest();
    const query = new URLSearchParams({ name: one.file.name, trial: one.isTrial ? "1" : "0" });
    request.open("POST", `${base}/department/uploads?${query}`);
    request.setRequestHeader("X-CSRF-Token", form.elements.csrf.value);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      one.bar.value = event.loaded;
      say(one, `${words.sending} ${Math.floor((100 * event.loaded) / Math.max(event.total, 1))} %`, "none");
    });
    request.addEventListener("load", () => {
      if (request.status === 201) {
        one.bar.removeAttribute("value");
        say(one, words.waiting, "none");
        watch(one, request.response.ticket);
      } else {
        const error = request.response?.error;
        if (request.status === 401 || request.status === 403) endLoggedOut(one);
        else end(one, error ? inLanguage(error) : words.broken, "bad");
      }
      resolve();
    });
    request.addEventListener("error", () => {
      end(one, words.broken, "bad");
      resolve();
    });
    request.send(one.file);
  });
}

async function watch(one, ticket) {
  let pause = 500;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 1.2, 2000);
    let answer;
    try {
      answer = await fetch(`${base}/department/uploads?${new URLSearchParams({ u: ticket })}`, { headers: { Accept: "application/json" } });
    } catch {
      continue; // the network is away for a moment: the file is received
    }
    if (answer.status === 401 || answer.redirected) {
      endLoggedOut(one);
      return;
    }
    if (!answer.ok) continue;
    const [found] = (await answer.json()).files;
    if (!found.is_answered) continue;
    end(one, (found.is_trial ? `${words.tried}: ` : "") + found.word, found.tone);
    if (!found.is_trial) {
      const counts = document.createElement("span");
      counts.className = "soft";
      counts.textContent = words.counts.replace("{accepted}", found.accepted).replace("{returned}", found.returned);
      one.item.append(" ", counts);
    }
    one.item.append(" ", linkTo(found.address, words.open));
    if (!found.is_trial) showState();
    return;
  }
}

// What is due, what came and the calendar, as they are now.
async function showState() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#state");
  if (fresh) document.querySelector("#state").replaceWith(document.importNode(fresh, true));
}

async function work() {
  if (isSending) return;
  isSending = true;
  while (queue.length) await send(queue.shift());
  isSending = false;
}

function take(files) {
  const isTrial = form.querySelector("#trial").checked;
  for (const file of files) add(file, isTrial);
  work();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  take([...input.files]);
  form.querySelector("#files").value = "";
});
// A file that is dropped beside the field is taken, too: a browser would open it in place of the page.
for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) drop.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  if (event.dataTransfer?.files.length) take([...event.dataTransfer.files]);
});
