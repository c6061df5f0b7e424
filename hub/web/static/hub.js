// Pages work without this. It keeps a chronology live, keeps what is typed, and puts the reader at an error.
"use strict";

// For whom this page was made: somebody else may sign in at this browser, in another tab, while it stands here.
const mine = { "hub-page-of": document.body.dataset.of || "" };

// Errors first: the summary takes the focus when a page comes back with one.
const problem = document.querySelector("[data-focus]");
if (problem) problem.focus();

// Some minutes before the session ends somebody is told, and goes on with one button (WCAG 2.2.1). When it ends, what is
// shown goes from the screen, also where the hub cannot be reached any more. By the wall clock, which goes on while the
// machine sleeps.
let lookAtSession = () => {};
if ("session" in document.body.dataset) {
  const WARN = 180000;
  const made = (kind, about, parent) => parent.appendChild(Object.assign(document.createElement(kind), about));
  const note = document.createElement("div");
  const says = made("p", { className: "govuk-body" }, note); // polite, and there from the beginning: else it is not read out
  const stay = made("button", { type: "button", className: "govuk-button", textContent: "Stay signed in", hidden: true }, note);
  const again = made("a", { href: "/sign-in", className: "govuk-link", textContent: "Sign in again", hidden: true }, note);
  note.className = "ends-soon";
  says.setAttribute("role", "status");
  document.querySelector("header").before(note);
  let timer = 0, ends = Date.now() + 1000 * document.body.dataset.session, last = Infinity, from = null, asks = 0, heard = 0;
  const ended = () => {
    clearTimeout(timer);
    document.body.replaceChildren();
    document.title = "Your session has ended";
    location.replace("/session-ended");
  };
  const say = (text) => { if (says.textContent !== text) says.textContent = text; };
  const tell = (left) => {
    const soon = left <= WARN, final = last <= ends, minutes = Math.max(1, Math.round(left / 60000));
    const why = final ? " It cannot go on longer than ten hours." : "";
    say(soon ? `Your session ends in ${minutes} ${minutes === 1 ? "minute" : "minutes"}.${why} What you have typed is kept.` : "");
    stay.hidden = !soon || final;
    again.hidden = !soon || !final;
  };
  const ask = async (path, how) => {
    const asked = Date.now(), turn = ++asks; // the machine may sleep until the answer comes
    const answer = await fetch(path, how).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return false;
    const seconds = await answer.json();
    if (turn < heard) return true; // a later question was answered before this one
    heard = turn;
    ends = asked + 1000 * seconds.left;
    last = asked + 1000 * seconds.longest;
    return true;
  };
  const look = async () => {
    clearTimeout(timer);
    await ask("/session/left", { headers: mine });
    const left = ends - Date.now();
    if (left <= 0) return ended();
    tell(left);
    timer = setTimeout(look, Math.min(left > WARN ? left - WARN : left, 60000) + 200);
  };
  stay.addEventListener("focus", (event) => { from = event.relatedTarget; });
  stay.addEventListener("click", async () => {
    if (!await ask("/session/go-on", { method: "POST" })) {
      await look();
      return say("The hub cannot be reached, so your session does not go on yet. What you have typed is kept. Try again.");
    }
    (from || document.getElementById("main")).focus();
    await look();
    say("Your session goes on.");
  });
  lookAtSession = look;
  look();
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  addEventListener("pageshow", (event) => { if (event.persisted) look(); });
}

// A chronology that changed is fetched again, under the same rights, and put in the place of the old one: what is said of
// the child at its head, too. What cannot be fetched is asked for again, for it may be that something was closed.
const live = document.querySelector("[data-changes]");
if (live) {
  const AGAIN = 3000;
  let stream = null, turn = 0, wait = 0, gone = false;
  const rows = () => new Set([...document.querySelectorAll("#record tr[id]")].map((row) => row.id));
  const leave = () => {
    clearTimeout(wait);
    if (stream) stream.close();
    stream = null;
  };
  const take = () => { // from the screen; and not asked for again: that would be an attempt at what is closed
    gone = true;
    leave();
    document.getElementById("main").replaceChildren(live);
    live.textContent = "What was shown here is not shown to you any more.";
  };
  const draw = async () => {
    clearTimeout(wait);
    const asked = ++turn;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
    const text = answer && answer.ok ? await answer.text().catch(() => null) : "";
    if (gone || asked !== turn) return; // asked again since: what comes late is older
    if (!answer || text === null || answer.status === 429 || answer.status >= 500) {
      wait = setTimeout(draw, AGAIN);
      return;
    }
    if (!answer.ok || answer.redirected) return take();
    const page = new DOMParser().parseFromString(text, "text/html");
    const before = rows();
    for (const part of ["#head", "#record"]) document.querySelector(part).replaceWith(page.querySelector(part));
    live.dataset.changes = page.querySelector("[data-changes]").dataset.changes;
    const fresh = [...rows()].filter((id) => !before.has(id));
    for (const id of fresh) document.getElementById(id).classList.add("new");
    const count = fresh.length;
    live.textContent = count
      ? `This chronology has changed: ${count} new ${count === 1 ? "entry" : "entries"}, shown below with a blue edge.`
      : "This chronology has changed, and is shown as it stands now.";
  };
  const over = () => {
    leave();
    if (!gone) live.textContent = "You are not told any more of what changes here. Load this page again to see how it stands.";
    lookAtSession();
  };
  const watch = () => {
    if (stream || gone) return;
    const one = stream = new EventSource(live.dataset.changes);
    stream.addEventListener("changed", draw);
    stream.addEventListener("gone", take);
    stream.addEventListener("again", () => { // of its time, not of the session's: a tab that nobody sees waits
      leave();
      if (!document.hidden) watch();
    });
    stream.addEventListener("end", over);
    stream.addEventListener("error", () => { if (one === stream && one.readyState === EventSource.CLOSED) over(); });
  };
  watch();
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => { if (event.persisted) watch(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) watch(); });
}

// What is typed is kept by the hub, sealed, a moment after it was typed, and put back when the form is opened again.
// A form that came back with an error stands as it was sent. Without script, what is sent after a session's end is kept.
const HOLD = 1500;
const typing = "textarea, select, input:not([type=hidden])";
const worded = [...document.querySelectorAll("main form[method=post]")].filter((form) => form.querySelector("textarea, input:not([type=hidden]):not([type=radio]):not([type=checkbox])"));
const sentTo = worded.map((form) => new URL(form.action).pathname);
worded.forEach((form, at) => {
  const name = `${sentTo[at]}#${sentTo.slice(0, at).filter((path) => path === sentTo[at]).length}`;
  const note = document.createElement("div");
  note.className = "kept govuk-body-s";
  note.setAttribute("role", "status");
  form.prepend(note);
  const ask = (path, fields) => fetch(path, { method: "POST", keepalive: true, headers: mine, body: new URLSearchParams(fields) });
  const fields = () => [...new FormData(form)].filter(([key, value]) => typeof value === "string" && form.querySelector(`[name="${CSS.escape(key)}"]:not([type=hidden])`));
  let wait = 0, sending = false;
  const keep = async () => {
    clearTimeout(wait);
    wait = 0;
    const about = [["draft-form", name], ["draft-page", location.pathname], ["draft-title", document.title.replace(/^Error: /, "")]];
    const answer = await ask("/draft/keep", [...about, ...fields()]).catch(() => null);
    if (answer && answer.redirected) note.textContent = "Your session has ended. What you typed is kept: sign in again, and it is offered to you.";
  };
  form.addEventListener("input", (event) => {
    if (!event.target.matches(typing)) return;
    clearTimeout(wait);
    wait = setTimeout(keep, HOLD);
  });
  form.addEventListener("submit", () => { sending = true; clearTimeout(wait); wait = 0; });
  addEventListener("pagehide", () => { if (wait && !sending) keep(); });
  if (problem && problem.matches(".govuk-error-summary")) return;
  fetch(`/draft/typed?form=${encodeURIComponent(name)}`).then(async (answer) => {
    if (answer.status !== 200 || answer.redirected || wait) return;
    const kept = new Map();
    for (const [key, value] of await answer.json()) kept.set(key, [...(kept.get(key) || []), value]);
    for (const field of form.querySelectorAll(typing)) {
      const values = kept.get(field.name) || [];
      if (field.matches("[type=radio], [type=checkbox]")) field.checked = values.includes(field.value);
      else if (values.length) field.value = values[0];
      if (values.length) for (let on = field.closest("details"); on; on = on.parentElement.closest("details")) on.open = true;
    }
    note.textContent = "What you had typed here before is put back. ";
    const anew = document.createElement("button");
    anew.type = "button";
    anew.className = "link-button";
    anew.textContent = "Begin anew";
    anew.addEventListener("click", () => ask("/draft/forget", [["draft-form", name]]).then(() => location.reload()));
    note.append(anew);
  }).catch(() => {});
});
