// Pages work without this. It keeps a chronology live, keeps what is typed, and puts the reader at an error.
"use strict";

// Errors first: the summary takes the focus when a page comes back with one.
const problem = document.querySelector("[data-focus]");
if (problem) problem.focus();

// A chronology that changed is fetched again, under the same rights, and put in the place of the old one.
const live = document.querySelector("[data-changes]");
if (live) {
  const stream = new EventSource(live.dataset.changes);
  const leave = () => stream.close();
  const rows = () => new Set([...document.querySelectorAll("#record tr[id]")].map((row) => row.id));
  stream.addEventListener("changed", async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return leave();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const before = rows();
    document.querySelector("#record").replaceWith(page.querySelector("#record"));
    const fresh = [...rows()].filter((id) => !before.has(id));
    for (const id of fresh) document.getElementById(id).classList.add("new");
    const count = fresh.length;
    live.textContent = count
      ? `This chronology has changed: ${count} new ${count === 1 ? "entry" : "entries"}, shown below with a blue edge.`
      : "This chronology has changed, and is shown as it stands now.";
  });
  stream.addEventListener("end", leave);
  stream.addEventListener("error", () => { if (stream.readyState === EventSource.CLOSED) leave(); });
  addEventListener("pagehide", leave);
}
