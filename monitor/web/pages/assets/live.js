/*
 * Keeps a page as it is on the server, without which it works too: whatever is marked `data-live` is taken from the
 * same address anew when an event is recorded, and now and then.  Ages count on by themselves.  Where the connection is
 * lost the page says so: what is old is never shown as new.
 */
"use strict";

const EVERY = 15_000;      // between two looks while nothing happens: polls move no event
const GATHER = 300;        // after an event: what happens together is fetched once,
const APART = 2_000;       // and in a storm the server is asked no more often than this
const LOST_AFTER = 45_000; // without an answer, then the page says that it is getting old

const lost = document.getElementById("lost");
const units = document.body.dataset.units.split("|");
const sizes = [86_400_000, 3_600_000, 60_000, 1_000];

let stream = null;
let due = 0;
let fetching = false;
let again = false;
let looked = 0;
let answered = Date.now();
let skew = Date.now() - madeAt(document);

function madeAt(page) {
  const time = page.querySelector("#made time");
  return time ? Date.parse(time.dateTime) : Date.now();
}

function spelled(milliseconds) {
  const left = Math.max(milliseconds, 0);
  const place = sizes.findIndex((size) => left >= size);
  if (place < 0) return units[3].replace("{amount}", "0");
  const amount = Math.floor(left / sizes[place]);
  const rest = place < 3 ? Math.floor((left % sizes[place]) / sizes[place + 1]) : 0;
  const first = units[place].replace("{amount}", amount);
  return rest && amount < 4 && place < 2 ? `${first} ${units[place + 1].replace("{amount}", rest)}` : first;
}

function tick() {
  const now = Date.now() - skew;
  for (const time of document.querySelectorAll("time.ago")) {
    const text = spelled(now - Date.parse(time.dateTime));
    if (time.textContent !== text) time.textContent = text;
  }
  lost.hidden = Date.now() - answered < LOST_AFTER;
}

function keys(root) {
  return new Set(Array.from(root.querySelectorAll("[data-key]"), (row) => row.dataset.key));
}

/* Where the reader is stays: the focus, and what was opened. */
function take(old, fresh) {
  if (old.innerHTML === fresh.innerHTML) return;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const place = focused && Array.from(old.querySelectorAll("a, button, summary")).indexOf(focused);
  const address = focused && focused.getAttribute("href");
  const open = Array.from(old.querySelectorAll("details"), (one) => one.open);
  const known = keys(old);
  old.replaceChildren(...fresh.childNodes);
  old.querySelectorAll("details").forEach((one, index) => { one.open = Boolean(open[index]); });
  if (known.size) {
    for (const row of old.querySelectorAll("[data-key]")) {
      if (!known.has(row.dataset.key)) row.classList.add("new");
    }
  }
  if (focused) {
    const found = Array.from(old.querySelectorAll("a, button, summary"));
    const same = (address && found.find((one) => one.getAttribute("href") === address)) || found[place];
    if (same) same.focus({ preventScroll: true });
  }
}

async function look() {
  if (fetching) { again = true; return; }
  fetching = true;
  looked = Date.now();
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    answered = Date.now();
    skew = answered - madeAt(page);
    if (document.title !== page.title) document.getElementById("news").textContent = page.title; // for who listens
    document.title = page.title;
    document.body.className = page.body.className;
    document.getElementById("icon").href = page.getElementById("icon").href;
    for (const old of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(old.id);
      if (fresh) take(old, fresh);
    }
    tick();
  } catch {
    /* the next look may do better; tick() says when it has been too long */
  } finally {
    fetching = false;
    if (again) { again = false; soon(); }
  }
}

function soon() {
  clearTimeout(due);
  due = setTimeout(look, Math.max(GATHER, looked + APART - Date.now()));
}

/* A hidden page holds no stream: a browser opens few connections to one place. */
function listen() {
  if (document.hidden) {
    if (stream) stream.close();
    stream = null;
  } else if (!stream) {
    stream = new EventSource(new URL(document.body.dataset.stream, location.href));
    stream.onmessage = soon;
  }
}

document.addEventListener("visibilitychange", () => {
  listen();
  if (!document.hidden) look();
});
setInterval(tick, 1_000);
setInterval(() => { if (!document.hidden) look(); }, EVERY);
listen();
