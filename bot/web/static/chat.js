// The chat page. The server makes every piece of the conversation as HTML with an id; here they are put in their place.

const log = document.getElementById("log");
const status = document.getElementById("status");
const form = document.getElementById("composer");
const question = document.getElementById("question");
const welcome = document.getElementById("welcome");
const framed = document.body.classList.contains("framed");
// Milliseconds between two attempts to send, and to look for news where there is no stream.
const AGAIN = 2000;
// Milliseconds that thanks stay.
const FADES = 5000;
let news;
let fading;
// Inside another site's page no cookie tells the server the language.
const speaking = `?lang=${document.documentElement.lang}`;

function say(text, trouble = false) {
  clearTimeout(fading);
  status.textContent = text;
  status.classList.toggle("trouble", trouble);
}

// The connection is there again; whatever else was said stays.
function found() {
  if (status.textContent === log.dataset.lost) say("");
}

async function request(method, path, body) {
  const response = await fetch(path + speaking, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw Object.assign(new Error(answer.error?.text || log.dataset.lost), { status: response.status });
  return answer;
}

// The conversation ------------------------------------------------------------------------------------------------

function put({ items, whole }) {
  const ids = new Set(items.map((item) => item.id));
  if (whole) {
    for (const old of [...log.children]) if (!ids.has(old.id) && !("sending" in old.dataset)) old.remove();
  }
  for (const { id, html } of items) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const fresh = holder.content.firstElementChild;
    const old = document.getElementById(id);
    if (!old) log.append(fresh);
    else if (old.dataset.made !== html) {
      const had = old.contains(document.activeElement);
      old.replaceWith(fresh);
      if (had) fresh.focus({ preventScroll: true });
    } else continue;
    fresh.dataset.made = html;
  }
  const empty = !log.children.length;
  welcome.hidden = !empty;
  document.getElementById("anew").hidden = empty;
  if (whole && !empty && log.getAttribute("aria-live") === "off") log.lastElementChild.scrollIntoView({ block: "start" });
  // What was there when the page was opened is not read aloud.
  setTimeout(() => log.setAttribute("aria-live", "polite"), 500);
}

function listen() {
  news = new EventSource(`/api/news${speaking}`);
  news.addEventListener("conversation", (event) => { found(); put(JSON.parse(event.data)); });
  news.addEventListener("draft", (event) => {
    const { id, html } = JSON.parse(event.data);
    const answer = document.querySelector(`#${id} .answer[aria-busy]`);
    if (answer) answer.innerHTML = `<div class="words" aria-hidden="true">${html}</div>`;
  });
  news.onerror = () => {
    if (news.readyState === EventSource.CLOSED) look();
    else say(log.dataset.lost);
  };
}

// Where no stream comes through, and to find out why.
async function look() {
  try {
    put(await request("GET", "/api/conversation"));
    found();
    setTimeout(listen, AGAIN);
  } catch (error) {
    if (error.status === 401) {
      say(log.dataset.noCookies, true);
      document.getElementById("elsewhere").hidden = !framed;
      return;
    }
    say(error.message, true);
    setTimeout(look, AGAIN);
  }
}

// Asking ----------------------------------------------------------------------------------------------------------

function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// how: quoted, a question out of the library; for_anybody, whatever the person told of themselves is left aside.
async function ask(text, how = {}) {
  const turn = document.getElementById("sending").content.firstElementChild.cloneNode(true);
  turn.querySelector(".asked").textContent = text;
  log.append(turn);
  welcome.hidden = true;
  turn.scrollIntoView({ block: "start" });
  const key = randomKey();
  for (let tries = 0; ; tries += 1) {
    try {
      const { id } = await request("POST", "/api/questions", { key, text, ...how });
      say("");
      // The news may have brought it already.
      if (document.getElementById(id)) turn.remove();
      else {
        turn.id = id;
        delete turn.dataset.sending;
      }
      const here = document.getElementById(id);
      if (how.quoted || how.for_anybody) here.focus({ preventScroll: true });
      here.scrollIntoView({ block: "start" });
      return;
    } catch (error) {
      // The same key is the same question, so that trying again does no harm.
      if (!error.status || error.status >= 500) {
        say(log.dataset.sending);
        await new Promise((wait) => setTimeout(wait, AGAIN * Math.min(tries + 1, 5)));
        continue;
      }
      turn.remove();
      welcome.hidden = Boolean(log.children.length);
      question.value ||= text;
      grow();
      say(error.message, true);
      document.getElementById("elsewhere").hidden = !(framed && error.status === 401);
      return;
    }
  }
}

function grow() {
  question.style.height = "auto";
  question.style.height = `${question.scrollHeight + 2}px`;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = question.value.trim();
  if (!text) return question.focus();
  question.value = "";
  grow();
  ask(text);
});
question.addEventListener("input", grow);
question.addEventListener("keydown", (event) => {
  // A keyboard that is still putting a Vietnamese letter together uses Enter for that.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  form.requestSubmit();
});

// What can be pressed -----------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const at = (selector) => event.target.closest(selector);
  const asked = at("[data-ask]");
  if (asked) {
    asked.closest("dialog")?.close();
    ask(asked.dataset.ask, "forAnybody" in asked.dataset ? { for_anybody: true } : { quoted: true });
  } else if (at("[data-shown]")) send(at("[data-turn]"), at("[data-shown]").dataset.shown === "yes");
  else if (at("[data-open]")) open(at("[data-open]").dataset.open);
  else if (at("[data-close]")) at("dialog").close();
  else if (at(".cite")) {
    event.preventDefault();
    show(at(".cite").getAttribute("href").slice(1));
  } else if (at("[data-vote]")) vote(at(".feedback"), at("[data-vote]").dataset.vote, at("[data-vote]"));
  else if (at("[data-reason]")) judge(at(".feedback"), "down", { reason: at("[data-reason]").dataset.reason });
  else if (at("[data-tell]")) tell(at("[data-tell]"));
  else if (at("[data-profile]")) use(at("[data-profile]").dataset.profile === "use");
});

function show(id) {
  const source = document.getElementById(id);
  source.open = true;
  source.querySelector("summary").focus();
  source.scrollIntoView({ block: "nearest" });
}

function vote(box, chosen, button) {
  judge(box, button.getAttribute("aria-pressed") === "true" ? null : chosen, {});
}

async function judge(box, chosen, more) {
  try {
    await request("POST", "/api/feedback", { turn: box.dataset.turn, vote: chosen, ...more });
  } catch (error) {
    return say(error.message, true);
  }
  for (const button of box.querySelectorAll("[data-vote]")) {
    button.setAttribute("aria-pressed", String(button.dataset.vote === chosen));
  }
  if (more.reason) {
    for (const button of box.querySelectorAll("[data-reason]")) {
      button.setAttribute("aria-pressed", String(button.dataset.reason === more.reason));
    }
  }
  box.querySelector(".why").hidden = chosen !== "down" || "note" in more;
  say(chosen ? log.dataset.thanks : log.dataset.kept);
  fading = setTimeout(() => say(""), FADES);
}

async function tell(button) {
  const wanted = button.getAttribute("aria-pressed") !== "true";
  try {
    const { state, text } = await request("POST", "/api/wishes", { turn: button.dataset.tell, wanted });
    button.setAttribute("aria-pressed", String(state === "asked"));
    // They were told meanwhile: what they wished for is in the page.
    button.hidden = state === "told";
    say(text);
    fading = setTimeout(() => say(""), FADES);
  } catch (error) {
    say(error.message, true);
  }
}

// Answers go by the profile or not, whichever button below an answer it was.
async function use(wanted) {
  try {
    const { used, text, label } = await request("POST", "/api/profile", { used: wanted });
    for (const button of document.querySelectorAll("[data-profile]")) {
      button.dataset.profile = used ? "leave" : "use";
      button.textContent = label;
    }
    say(text);
    fading = setTimeout(() => say(""), FADES);
  } catch (error) {
    say(error.message, true);
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches(".why")) return;
  event.preventDefault();
  const box = event.target.closest(".feedback");
  judge(box, "down", { note: event.target.elements.note.value });
  box.querySelector('[data-vote="down"]').focus();
});

// Boxes -------------------------------------------------------------------------------------------------------------

async function fill(element, path) {
  const response = await fetch(path + speaking);
  if (response.ok) element.innerHTML = await response.text();
  else say(log.dataset.lost, true);
}

function open(name) {
  document.getElementById(name).showModal();
  const topics = document.getElementById("topics");
  if (name === "topics-box" && !topics.children.length) fill(topics, "/topics");
  // What would be sent is the question asked last.
  if (name === "person-box") {
    document.getElementById("person").replaceChildren();
    fill(document.getElementById("person"), "/person");
  }
}

async function send(box, shown) {
  try {
    const { text } = await request("POST", "/api/person", { turn: box.dataset.turn, shown });
    say(text);
  } catch (error) {
    say(error.message, true);
  }
  box.closest("dialog").close();
}

document.addEventListener("toggle", (event) => {
  const guide = event.target;
  if (!guide.matches?.("[data-guide]") || !guide.open) return;
  const box = guide.querySelector(".questions");
  if (!box.children.length) fill(box, `/topics/${guide.dataset.guide}`);
}, true);

document.getElementById("anew").addEventListener("click", async () => {
  await request("DELETE", "/api/conversation").catch((error) => say(error.message, true));
  question.focus();
});

const sure = document.getElementById("erase-sure");
document.getElementById("erase").addEventListener("click", () => {
  sure.hidden = false;
  sure.focus();
});
document.getElementById("erase-no").addEventListener("click", () => {
  sure.hidden = true;
  document.getElementById("erase").focus();
});
document.getElementById("erase-yes").addEventListener("click", async () => {
  try {
    await request("DELETE", "/api/data");
  } catch (error) {
    return say(error.message, true);
  }
  sure.hidden = true;
  document.getElementById("data-box").close();
  news.close();
  log.replaceChildren();
  welcome.hidden = false;
  listen();
  say(log.dataset.erased);
  question.focus();
});

// A phone's keyboard covers the page without making it smaller.
window.visualViewport?.addEventListener("resize", () => {
  document.body.style.height = `${window.visualViewport.height}px`;
  window.scrollTo(0, 0);
});

listen();
