// One card at a time, every choice saved as it is made, and nothing lost when the line is down.
// Without this file the same page is a form for a whole section with a button at its end.

const status = document.querySelector("[data-status]");
const words = status.dataset;
const form = document.querySelector("form[data-survey]");
const SOON = 800; // milliseconds
const MOST_ALIVE = 60000; // letters; a browser refuses to keep more alive
const RETRY = [2000, 5000, 15000, 30000];

const named = (name) => `[name="${CSS.escape(name)}"]`;
const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

let saying;

// Only saving that takes a while is put into words: a screen reader reads them all.
function say(state) {
  clearTimeout(saying);
  status.dataset.state = state;
  if (state === "saving") saying = setTimeout(() => { status.textContent = words.saving; }, SOON);
  else if (status.textContent !== words[state]) status.textContent = words[state];
}

// --- What this device keeps until the server has it ---------------------------------
// One entry an answer, so that two windows do not overwrite each other's.

const prefix = `survey.${words.storageKey}.`;
const queue = new Map();

function stored() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return []; // forbidden: answers still go to the server
  }
}

function keep(name, entry) {
  queue.set(name, entry);
  try {
    localStorage.setItem(prefix + name, JSON.stringify(entry));
  } catch {
    // Full or forbidden: it stays in this window.
  }
}

function drop(name) {
  queue.delete(name);
  try {
    localStorage.removeItem(prefix + name);
  } catch {
    // It was never there.
  }
}

function recall() {
  for (const key of stored()) {
    try {
      queue.set(key.slice(prefix.length), JSON.parse(localStorage.getItem(key)));
    } catch {
      localStorage.removeItem(key);
    }
  }
}

// Which questions this device has answered, without the answers: so that it can say at the next visit
// which of them were replaced or withdrawn elsewhere.
const record = `given.${words.storageKey}`;

function answeredHere() {
  try {
    return new Set(JSON.parse(localStorage.getItem(record)) ?? []);
  } catch {
    return new Set();
  }
}

function noteAnswered(name, isAnswered) {
  const names = answeredHere();
  if (isAnswered) names.add(name);
  else names.delete(name);
  try {
    localStorage.setItem(record, JSON.stringify([...names]));
  } catch {
    // It cannot be said then.
  }
}

function tellReplaced() {
  const place = document.querySelector("[data-replaced]");
  const names = [...answeredHere()].filter((name) => form.querySelector(named(`seen.${name}`))?.value === "none");
  const replaced = new Set(names.map(cardOf));
  names.forEach((name) => noteAnswered(name, false));
  if (!replaced.size) return;
  place.querySelector("ul").replaceChildren(...[...replaced].map((card) => {
    const item = document.createElement("li");
    item.textContent = card.querySelector(".question").textContent;
    return item;
  }));
  place.hidden = false;
}

// --- Saving: everything that waits at once; if something of it is refused, one after the other ---

const undecided = new Set(); // cards on which something could not be saved as it stands
let sending = null;
let failures = 0;
let later;

function save() {
  clearTimeout(later);
  sending ??= work().finally(() => { sending = null; });
  return sending;
}

async function work() {
  while (queue.size) {
    say("saving");
    let outcome = await send([...queue]);
    for (const entry of outcome === "apart" ? [...queue] : []) {
      outcome = await send([entry]);
      if (outcome !== "saved") break;
    }
    if (outcome !== "saved") {
      say(outcome);
      if (outcome === "offline") later = setTimeout(save, RETRY[Math.min(failures++, RETRY.length - 1)]);
      return;
    }
    failures = 0;
  }
  say(undecided.size ? "undecided" : "saved");
}

async function send(entries) {
  const body = new URLSearchParams();
  for (const [name, entry] of entries) {
    for (const [field, value] of Object.entries(entry.fields)) body.set(field, value);
    body.set(`seen.${name}`, entry.seen ?? "none");
  }
  body.set("end", "1"); // a body that breaks off on its way has lost this
  let reply;
  try {
    reply = await fetch(words.door, {
      method: "POST", body, redirect: "manual",
      keepalive: String(body).length < MOST_ALIVE, // arrives even if the page is left just now
      headers: { "X-CSRFToken": token() },
    });
  } catch {
    return "offline";
  }
  if (reply.status >= 500 || reply.status === 429) return "offline";
  if (reply.type === "opaqueredirect") return "refused"; // signed out meanwhile
  return hear(reply, entries);
}

async function hear(reply, entries) {
  const told = await reply.json().catch(() => null);
  if (reply.status === 410) {
    stored().forEach((key) => localStorage.removeItem(key)); // what was typed stays in sight
    return "closed";
  }
  if (told === null) return "refused";
  if (reply.ok) {
    for (const [name, entry] of entries) saved(name, entry, told[name]);
    return "saved";
  }
  if (entries.length > 1) return "apart";
  if (reply.status === 409 && !told.stale?.length) return "offline"; // too many at once: again later
  const [[name, entry]] = entries;
  if (reply.status !== 409) tell(name, [told.error ?? words.refused]);
  else if (!choose(name, entry, told.stale[0])) return "refused";
  drop(name);
  return "saved";
}

function saved(name, entry, seen) {
  const now = queue.get(name);
  if (now === entry) drop(name);
  else if (now) keep(name, { ...now, seen }); // changed while it was on its way
  const field = document.querySelector(named(`seen.${name}`));
  if (field && seen !== undefined) field.value = seen || "none";
  if (seen !== undefined) noteAnswered(name, Boolean(seen));
}

// --- What a card has to say --------------------------------------------------------------------

function cardOf(name) {
  return form?.querySelector(named(name))?.closest("[data-card]");
}

function tell(name, parts) {
  const card = cardOf(name);
  const place = card?.querySelector("[data-told]");
  if (!place) return;
  place.replaceChildren(...parts);
  if (!parts.length) return void undecided.delete(card);
  undecided.add(card);
  if (card.hidden) show(cards.indexOf(card));
  place.scrollIntoView({ block: "center" });
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button plain";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

// The same question was answered in another window: both answers are shown, one is chosen.
function choose(name, mine, there) {
  const card = cardOf(name);
  if (!form) location.href = "?part=_all";
  if (!card) return false; // it is still on its way to this page
  const done = (act) => () => {
    tell(name, []);
    act();
  };
  const said = document.createElement("p");
  said.textContent = `${words.elsewhere} ${inWords(name, there.value)}`;
  document.querySelector(named(`seen.${name}`)).value = there.seen;
  tell(name, [
    said,
    button(words.take, done(() => {
      put(name, there.value, there.evidence);
      mark();
      save();
    })),
    button(words.keep, done(() => {
      keep(name, { ...mine, seen: there.seen });
      save();
    })),
  ]);
  return true;
}

function inWords(name, value) {
  const chosen = form.querySelector(`${named(name)}[value="${CSS.escape(value)}"]`);
  const text = chosen ? chosen.closest("label").innerText.replace(/\s+/g, " ").trim() : value;
  return text ? `“${text}”` : words.nothing;
}

// Show an answer on its card; nothing is saved by that.
function put(name, value, evidence = "") {
  const fields = form.querySelectorAll(named(name));
  for (const field of fields) {
    if (field.type === "radio") field.checked = field.value === value;
    else field.value = value;
  }
  if (name.startsWith("comment.")) {
    const link = form.querySelector(named(name.replace("comment.", "evidence.")));
    if (link) link.value = evidence;
    if (value || evidence) fields[0]?.closest("details").setAttribute("open", "");
  }
}

// --- One card at a time ------------------------------------------------------------------------

const title = document.title.split(" · ").slice(-2).join(" · ");
let cards = [];
let here = 0;

function show(place, { focus = true, address = "push" } = {}) {
  here = Math.max(0, Math.min(place, cards.length - 1));
  cards.forEach((card, other) => { card.hidden = other !== here; });
  for (const section of form.querySelectorAll("[data-part]")) {
    section.hidden = !section.contains(cards[here]);
  }
  const part = cards[here].closest("[data-part]").dataset.part;
  const url = `?part=${part}#${cards[here].id}`;
  document.title = `${cards[here].querySelector(".question").textContent} · ${title}`;
  if (address === "push") history.pushState(null, "", url);
  if (address === "replace") history.replaceState(null, "", url);
  for (const field of document.querySelectorAll('input[name="next"]')) {
    field.value = location.pathname + url; // another language or colour leads back to this card
  }
  for (const item of document.querySelectorAll("[data-section]")) {
    if (item.dataset.section === part) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  }
  form.querySelector('[data-go="back"]').hidden = here === 0 && !form.dataset.before;
  if (focus) {
    window.scrollTo({ top: 0 });
    cards[here].querySelector(".question").focus({ preventScroll: true });
  }
  mark();
}

function stateOf(card) {
  const chosen = (kind) => card.querySelector(`input[name^="${kind}."]:checked`)?.value;
  const level = chosen("exposure") ?? chosen("performance");
  if (level === "-1" || level === "0") return "seen";
  const needs = card.querySelector('input[name^="importance."]') ? chosen("importance") : level;
  if (level !== undefined && needs !== undefined) return "done";
  return level !== undefined || needs !== undefined ? "skipped" : "";
}

function isOpen(card) {
  return !["done", "seen"].includes(stateOf(card));
}

// The outline, the minutes left and the way to clear an answer follow what was chosen.
function mark() {
  const outline = document.querySelector("[data-outline]");
  const dots = [...outline.querySelectorAll("[data-dot]")];
  for (const card of cards) {
    const dot = outline.querySelector(`[data-dot="${CSS.escape(card.id)}"]`);
    if (dot) dot.dataset.state = stateOf(card);
    card.querySelector("[data-clear]").hidden = !card.querySelector("input[type=radio]:checked");
  }
  const state = (dot) => dot.dataset.state ?? dot.className.replace("now", "").trim();
  const answered = (dot) => state(dot) === "done" || state(dot) === "seen";
  const last = dots.findLastIndex((dot) => state(dot) !== "");
  dots.forEach((dot, place) => {
    const shown = answered(dot) || place > last ? state(dot) : "skipped";
    dot.className = dot.dataset.dot === cards[here].id ? `${shown} now` : shown;
  });
  count(outline, dots, answered);
}

function count(outline, dots, answered) {
  const fill = (text, done, total) => text.replace("{done}", done).replace("{total}", total);
  const told = outline.dataset;
  const open = dots.filter((dot) => !answered(dot));
  const second = (dot) => Number(dot.dataset.dot.startsWith("q-") ? told.secondsQ : told.secondsC);
  const seconds = open.reduce((sum, dot) => sum + second(dot), 0);
  const minutes = Math.max(1, Math.floor(seconds / 60 + 0.5));
  outline.querySelector("[data-left]").textContent =
    !seconds ? told.none : minutes === 1 ? told.one : told.many.replace("{n}", minutes);
  outline.querySelector("[data-count]").textContent =
    fill(told.done, dots.length - open.length, dots.length);
  for (const group of outline.querySelectorAll(".dots")) {
    const own = [...group.querySelectorAll("[data-dot]")];
    group.setAttribute("aria-label", fill(told.done, own.filter(answered).length, own.length));
  }
}

async function step(forward) {
  if (forward && undecided.has(cards[here])) {
    return cards[here].querySelector("[data-told]").scrollIntoView({ block: "center" });
  }
  const next = here + (forward ? 1 : -1);
  if (cards[next]) return show(next);
  const part = forward ? form.dataset.after : form.dataset.before;
  if (!part) return undefined;
  await save();
  if (!navigator.onLine) say("offline");
  else if (!queue.size) location.href = `?part=${part}`; // else the status line says why not
  return undefined;
}

// The other sections come along quietly, so that no question needs the line to be up.
async function fetchTheRest() {
  if (cards.length === document.querySelectorAll("[data-dot]").length) return;
  const reply = await fetch("?part=_all", { redirect: "error" }).catch(() => null);
  if (!reply?.ok) return;
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const all = page.querySelector("form[data-survey]");
  if (!all) return;
  const current = cards[here];
  const own = form.querySelector("[data-part]");
  let place = own; // what is in use stays where it is: it may have the focus
  for (const section of all.querySelectorAll("[data-part]")) {
    if (section.dataset.part === own.dataset.part) place = form.querySelector(".step");
    else place.before(Object.assign(document.importNode(section, true), { hidden: true }));
  }
  Object.assign(form.dataset, { before: all.dataset.before, after: all.dataset.after });
  cards = [...form.querySelectorAll("[data-card]")];
  queue.forEach((entry, name) => put(name, entry.value, entry.evidence));
  show(cards.indexOf(current), { focus: false, address: "none" });
}

function wanted() {
  const asked = cards.findIndex((card) => `#${card.id}` === location.hash);
  const open = cards.findIndex(isOpen);
  return Math.max(0, asked >= 0 ? asked : open);
}

// --- What is chosen and typed ------------------------------------------------------------------

function noted(name, value, evidence) {
  const known = queue.get(name);
  if (known && known.value === value && known.evidence === evidence) return;
  const seen = known?.seen ?? form.querySelector(named(`seen.${name}`))?.value;
  const fields = { [name]: value };
  if (evidence !== undefined) fields[name.replace("comment.", "evidence.")] = evidence;
  tell(name, []);
  keep(name, { fields, value, evidence, seen });
  save();
}

function saveComment(card) {
  const said = (kind) => card.querySelector(`[name^="${kind}."]`);
  noted(said("comment").name, said("comment").value, said("evidence").value);
}

let typing;

// Whatever is being typed is taken as it is now.
function settle() {
  clearTimeout(typing);
  const card = document.activeElement?.closest("[data-card]");
  if (card && document.activeElement.matches("textarea, input[type=url]")) saveComment(card);
}

function listen() {
  form.addEventListener("change", ({ target }) => {
    if (target.type === "radio") noted(target.name, target.value);
    else if (target.name) saveComment(target.closest("[data-card]"));
    mark();
  });
  form.addEventListener("input", ({ target }) => {
    if (target.tagName !== "TEXTAREA") return;
    clearTimeout(typing);
    typing = setTimeout(() => saveComment(target.closest("[data-card]")), SOON);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const by = event.submitter?.dataset ?? {};
    if ("clear" in by) clear(event.submitter.closest("[data-card]"));
    else if (by.go) step(by.go !== "back");
  });
  form.querySelector('[data-go="back"]').addEventListener("click", (event) => {
    event.preventDefault();
    step(false);
  });
  document.querySelector("[data-outline]").addEventListener("click", (event) => {
    const part = event.target.closest("[data-section]")?.dataset.section;
    const place = cards.findIndex((card) => card.closest("[data-part]").dataset.part === part);
    if (!event.target.closest("a") || place < 0) return;
    event.preventDefault();
    const open = cards.findIndex((card, at) =>
      at >= place && card.closest("[data-part]").dataset.part === part && isOpen(card));
    show(open >= 0 ? open : place);
  });
  window.addEventListener("popstate", () => show(wanted(), { address: "none" }));
}

function clear(card) {
  for (const field of card.querySelectorAll("input[type=radio]:checked")) {
    field.checked = false;
    noted(field.name, "");
  }
  card.querySelector(".question").focus();
  mark();
}

// --- Keys: 1 to 5, 0, ?; they can be turned off --------------------------------------------------

const hint = document.querySelector("[data-keys]");
let keysOn = true;

function tellKeys() {
  const turn = hint.querySelector("button");
  hint.hidden = false;
  hint.querySelector("span").textContent = keysOn ? hint.dataset.on : hint.dataset.off;
  turn.textContent = keysOn ? turn.dataset.turnOff : turn.dataset.turnOn;
}

function listenToKeys() {
  try {
    keysOn = localStorage.getItem("survey-keys") !== "off";
  } catch {
    keysOn = true;
  }
  hint.querySelector("button").addEventListener("click", () => {
    keysOn = !keysOn;
    try {
      localStorage.setItem("survey-keys", keysOn ? "on" : "off");
    } catch {
      // Forgotten with this window.
    }
    tellKeys();
  });
  document.addEventListener("keydown", (event) => {
    const typed = event.target.closest("textarea, input[type=url]");
    if (!keysOn || typed || event.ctrlKey || event.metaKey || event.altKey) return;
    const offered = [...cards[here].querySelectorAll(".levels > label input")];
    const radio = event.key === "0" || event.key === "?"
      ? cards[here].querySelector(`.optout input[value="${event.key === "0" ? "0" : "-1"}"]`)
      : /^[1-5]$/.test(event.key) && offered[event.key - 1];
    if (!radio) return;
    event.preventDefault();
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
  });
  tellKeys();
}

// --- Begin -------------------------------------------------------------------------------------

recall();
window.addEventListener("online", save);
document.addEventListener("visibilitychange", () => {
  if (form && document.hidden) settle();
  save();
});
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

if (form) {
  cards = [...form.querySelectorAll("[data-card]")];
  queue.forEach((entry, name) => put(name, entry.value, entry.evidence));
  form.classList.add("one-at-a-time");
  form.querySelector('[data-go="next"]').textContent = hint.dataset.next;
  listen();
  listenToKeys();
  show(wanted(), { focus: false, address: "replace" });
  fetchTheRest().then(() => {
    tellReplaced();
    save();
  });
} else save();

// Whoever signs out on a shared device, or withdraws, leaves nothing on it.
document.querySelector("form[data-leave]")?.addEventListener("submit", () => {
  [...stored(), record].forEach((key) => localStorage.removeItem(key));
});

// Sending waits for what this device still keeps.
document.querySelector("form[data-send]")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  await save();
  if (!queue.size) event.target.submit();
});
