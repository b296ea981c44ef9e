// Rows that are mended in place: each is judged by the rules of its report as it is typed.
import { keep } from "./draft.js";

const form = document.querySelector("#grid");
const words = form.dataset;
const PAUSE_MS = 250;
const waiting = new Map();

const cellsOf = (row) => [...row.querySelectorAll("input[data-at]")].sort((one, other) => one.dataset.at - other.dataset.at); // as sent, not as shown
const isChanged = (row) => cellsOf(row).some((cell) => cell.value !== cell.dataset.sent);
const isAnswered = (row) => Boolean(row.querySelector("select")?.value);
const rowsOf = (table) => [...table.tBodies[0].rows].filter((row) => !row.classList.contains("done"));

function mark(row, tone, text) {
  const state = row.querySelector(".state");
  state.className = `tag ${tone} state`;
  state.textContent = text;
  row.dataset.good = tone === "good" ? "1" : "";
  sum();
}

function sum() {
  const rows = [...form.querySelectorAll("table[data-sheet]")].flatMap(rowsOf);
  const changed = rows.filter((row) => isChanged(row) || isAnswered(row));
  const good = changed.filter((row) => row.dataset.good || isAnswered(row));
  document.querySelector("#sum").textContent = changed.length ? words.sum.replace("{changed}", changed.length).replace("{good}", good.length) : "";
}

function list(place, said) {
  place.replaceChildren(
    ...said.map((one) => {
      const item = document.createElement("li");
      item.className = one.tone;
      item.textContent = one.text;
      return item;
    }),
  );
}

function show(row, judged) {
  for (const cell of cellsOf(row)) {
    const said = judged.cells[cell.dataset.at] ?? [];
    const says = cell.parentElement.querySelector(".says");
    const isBad = said.some((one) => one.tone === "bad");
    list(says, said);
    cell.parentElement.className = isBad ? "bad" : said.some((one) => one.tone === "ask") ? "ask" : cell.value !== cell.dataset.sent ? "good" : "";
    cell.toggleAttribute("aria-invalid", isBad);
    if (isBad) cell.setAttribute("aria-invalid", "true");
    if (said.length) cell.setAttribute("aria-describedby", says.id);
    else cell.removeAttribute("aria-describedby");
  }
  list(row.querySelector(".about"), judged.about);
  mark(row, judged.good ? "good" : "bad", judged.good ? words.good : words.bad);
}

async function judge(table) {
  const before = waiting.get(table);
  before?.abort();
  const control = new AbortController();
  waiting.set(table, control);
  const rows = rowsOf(table).filter((row) => isChanged(row)).slice(0, 100);
  if (!rows.length) return;
  const asked = { sheet: Number(table.dataset.sheet), rows: rows.map((row) => ({ row: Number(row.dataset.row), cells: cellsOf(row).map((cell) => cell.value) })) };
  let answer;
  try {
    answer = await fetch(words.judge, {
      method: "POST",
      body: JSON.stringify(asked),
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": form.elements.csrf.value },
      signal: control.signal,
    });
  } catch {
    return; // another key was pressed, or the network is away: sending judges it again
  }
  if (!answer.ok || answer.redirected) return;
  const found = (await answer.json()).rows;
  if (control.signal.aborted) return;
  for (const one of found) show(table.querySelector(`tr[data-row="${one.row}"]`), one);
}

const timers = new Map();
function typed(field) {
  const row = field.closest("tr");
  if (!row) return;
  const table = row.closest("table");
  if (field.dataset.at !== undefined && isChanged(row)) mark(row, "none", words.checking);
  else if (isAnswered(row)) mark(row, "ask", words.answered);
  else if (!isChanged(row)) mark(row, "none", words.unchanged);
  if (field.dataset.at === undefined) return;
  clearTimeout(timers.get(table));
  timers.set(table, setTimeout(() => judge(table), PAUSE_MS));
}

form.addEventListener("input", (event) => typed(event.target));
for (const button of form.querySelectorAll(".take")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const cell = document.getElementById(button.dataset.for);
    cell.value = button.dataset.value;
    cell.dispatchEvent(new Event("input", { bubbles: true }));
    cell.focus();
  });
}
form.addEventListener("keydown", (event) => {
  const cell = event.target;
  if (cell.dataset.at === undefined || !["ArrowUp", "ArrowDown", "Enter"].includes(event.key)) return;
  event.preventDefault();
  const row = cell.closest("tr");
  const next = event.key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling;
  next?.querySelector(`input[data-at="${cell.dataset.at}"]`)?.focus();
});
keep(form, typed);
