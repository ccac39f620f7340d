// One card at a time, every choice saved as it is made, and nothing lost when the line is down.
// Without this file the same page is one long form with a button at its end.

const form = document.querySelector("form[data-survey]");
const words = form.dataset;
const status = document.querySelector("[data-status]");
const cards = [...form.querySelectorAll("[data-card]")];
const shelf = `survey-${words.survey}`; // answers that have not reached the server yet
const RETRY = 5000;

// --- What is waiting to be saved -------------------------------------------------------------

function waiting() {
  try {
    return JSON.parse(localStorage.getItem(shelf)) ?? {};
  } catch {
    return {};
  }
}

function keep(queue) {
  try {
    if (Object.keys(queue).length) localStorage.setItem(shelf, JSON.stringify(queue));
    else localStorage.removeItem(shelf);
  } catch {
    // A full or forbidden storage: the answer still goes to the server.
  }
}

function say(text, state) {
  status.textContent = text;
  status.dataset.state = state;
}

let busy = false;
let memory = waiting();

function put(name, value) {
  memory[name] = value;
  keep(memory);
  flush();
}

async function flush() {
  if (busy || !Object.keys(memory).length) return;
  busy = true;
  say(words.saving, "saving");
  while (Object.keys(memory).length) {
    const [name, value] = Object.entries(memory)[0];
    const outcome = await send(name, value);
    if (outcome === "offline") {
      say(words.offline, "offline");
      setTimeout(flush, RETRY);
      break;
    }
    if (memory[name] === value) delete memory[name]; // it may have been changed meanwhile
    keep(memory);
    if (outcome === "closed" || outcome === "refused") {
      say(outcome === "closed" ? words.closed : words.refused, "refused");
      break;
    }
  }
  busy = false;
  if (!Object.keys(memory).length && status.dataset.state === "saving") say(words.saved, "saved");
}

async function send(name, value) {
  const remark = name.startsWith("remark.");
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  if (remark) {
    const slug = name.slice("remark.".length);
    body.set(`comment.${slug}`, value.text);
    body.set(`evidence.${slug}`, value.evidence);
  } else {
    body.set(name, value);
    const seen = form.elements[`seen.${name}`];
    if (seen) body.set(`seen.${name}`, seen.value);
  }
  let reply;
  try {
    reply = await fetch(remark ? words.comment : words.answer, { method: "POST", body });
  } catch {
    return "offline";
  }
  return heard(reply, name, value);
}

async function heard(reply, name, value) {
  if (reply.status === 204) return "saved";
  if (reply.status >= 500 || reply.status === 429) return "offline";
  if (reply.status === 410) return "closed";
  const told = await reply.json().catch(() => ({}));
  if (reply.status === 409) {
    ask(name, value, told);
    return "saved";
  }
  if (!reply.ok) return "refused";
  for (const [answered, version] of Object.entries(told)) {
    const seen = form.elements[`seen.${answered}`];
    if (seen) seen.value = version;
  }
  return "saved";
}

// The same question was answered in another window: both answers are shown, one is chosen.
function ask(name, mine, theirs) {
  const card = form.querySelector(`[name="${CSS.escape(name)}"]`)?.closest("[data-card]");
  const seen = form.elements[`seen.${name}`];
  if (!card || !seen) return;
  seen.value = theirs.version;
  const place = card.querySelector(".conflict");
  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button plain";
    made.textContent = text;
    made.addEventListener("click", () => {
      place.hidden = true;
      act();
    });
    return made;
  };
  place.replaceChildren(
    `${words.conflict} (${theirs.value ?? "–"} / ${mine}) `,
    button(words.keep, () => put(name, mine)),
    button(words.take, () => choose(name, theirs.value)),
  );
  place.hidden = false;
}

function choose(name, value) {
  for (const radio of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    radio.checked = radio.value === String(value);
  }
  mark();
}

// --- Cards -----------------------------------------------------------------------------------

let here = 0;

function show(place, focus = true) {
  here = Math.max(0, Math.min(place, cards.length - 1));
  cards.forEach((card, other) => { card.hidden = other !== here; });
  const back = form.querySelector('[data-go="back"]');
  back.hidden = here === 0 && !words.before;
  if (focus) {
    window.scrollTo({ top: 0 });
    cards[here].querySelector(".question").focus({ preventScroll: true });
  }
  mark();
}

function stateOf(card) {
  const chosen = (kind) => form.querySelector(`[name="${kind}.${CSS.escape(card.dataset.card)}"]:checked`)?.value;
  const exposure = chosen("exposure");
  if (exposure !== undefined) return exposure === "-1" ? "seen" : "done";
  const level = chosen("performance");
  if (level === "0" || level === "-1") return "seen";
  return level !== undefined && chosen("importance") !== undefined ? "done" : "";
}

function mark() {
  cards.forEach((card, place) => {
    const dot = document.querySelector(`[aria-current] [data-dot="${CSS.escape(card.dataset.card)}"]`);
    if (dot) dot.className = place === here ? `now ${stateOf(card)}` : stateOf(card);
  });
}

function step(forward) {
  if (forward && here < cards.length - 1) show(here + 1);
  else if (!forward && here > 0) show(here - 1);
  else if (forward || words.before) {
    const part = forward ? words.after : words.before;
    location.href = `?part=${part}${forward ? "" : "#last"}`;
  }
}

function firstOpen() {
  const named = cards.findIndex((card) => `#${card.dataset.card}` === location.hash);
  if (named >= 0) return named;
  if (location.hash === "#last") return cards.length - 1;
  const open = cards.findIndex((card) => stateOf(card) === "");
  return open >= 0 ? open : 0;
}

// --- Events ----------------------------------------------------------------------------------

form.addEventListener("change", (event) => {
  const { name, type, value } = event.target;
  if (type === "radio") put(name, value);
  else if (name) remark(event.target.closest("[data-card]").dataset.card);
  mark();
});

let typing;
form.addEventListener("input", (event) => {
  if (event.target.tagName !== "TEXTAREA") return;
  clearTimeout(typing);
  typing = setTimeout(() => remark(event.target.closest("[data-card]").dataset.card), 1500);
});

function remark(slug) {
  put(`remark.${slug}`, {
    text: form.elements[`comment.${slug}`].value,
    evidence: form.elements[`evidence.${slug}`].value,
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  step(event.submitter?.dataset.go !== "back");
});
form.querySelector('[data-go="back"]').addEventListener("click", (event) => {
  event.preventDefault();
  step(false);
});

window.addEventListener("online", flush);
window.addEventListener("hashchange", () => show(firstOpen()));

// --- Keys ------------------------------------------------------------------------------------

const hint = form.querySelector("[data-keys]");
const LEVELS = { 1: "1", 2: "2", 3: "3", 4: "4", 5: "5", 0: "0", "?": "-1" };
let keysOn = localStorage.getItem("survey-keys") !== "off";

function tellKeys() {
  const turn = hint.querySelector("button");
  hint.hidden = false;
  hint.querySelector("span").textContent = keysOn ? hint.dataset.on : hint.dataset.off;
  turn.textContent = keysOn ? turn.dataset.turnOff : turn.dataset.turnOn;
}

hint.querySelector("button").addEventListener("click", () => {
  keysOn = !keysOn;
  localStorage.setItem("survey-keys", keysOn ? "on" : "off");
  tellKeys();
});

document.addEventListener("keydown", (event) => {
  const typed = event.target.closest("textarea, input[type=url], button, a, summary");
  if (!keysOn || typed || event.ctrlKey || event.metaKey || event.altKey) return;
  const card = cards[here];
  const value = LEVELS[event.key];
  const radio = value && card.querySelector(`.levels input[value="${value}"]`);
  if (radio) {
    radio.checked = true;
    radio.dispatchEvent(new Event("change", { bubbles: true }));
    event.preventDefault();
  } else if (event.key === "Enter") {
    event.preventDefault();
    step(true);
  }
});

// --- Begin -----------------------------------------------------------------------------------

for (const [name, value] of Object.entries(memory)) {
  if (name.startsWith("remark.")) {
    const slug = name.slice("remark.".length);
    if (form.elements[`comment.${slug}`]) form.elements[`comment.${slug}`].value = value.text;
  } else choose(name, value);
}
form.classList.add("one-at-a-time");
show(firstOpen(), false);
tellKeys();
flush();
