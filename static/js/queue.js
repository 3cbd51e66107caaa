/* What is to be sent and waits for the network: scans into documents, photos, comments. Kept in IndexedDB, in order,
   each with an id of this device, so that sending it again has no second effect. Posting and approving are never here.
   The contract: dispatch "queue-add" on document with {kind, url, label, document, code | fields}; "queue-done" tells
   {entry, result}, but not before all scripts of the page are there to hear it; "queue-shown" tells what waits; [data-queue] shows how many wait, [data-net] whether there is a network. A button with
   [data-needs-net] that is pressed while the last scans are on their way acts once they have arrived. */
"use strict";
(function () {
  const user = document.body.dataset.user || "";
  const words = document.body.dataset;
  const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}");
  const BATCH = 50;
  /* A request without an answer must not hold up the rest: sent again, it has no second effect. */
  const patience = (seconds) => AbortSignal.timeout?.(seconds * 1000);

  const opened = new Promise((done, failed) => {
    const asked = indexedDB.open("inventory", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("queue", { keyPath: "n", autoIncrement: true });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  async function store(mode, work) {
    const base = await opened;
    return new Promise((done, failed) => {
      const change = base.transaction("queue", mode);
      const asked = work(change.objectStore("queue"));
      change.oncomplete = () => done(asked?.result);
      change.onerror = change.onabort = () => failed(change.error);
    });
  }
  const stored = async () => (await store("readonly", (queue) => queue.getAll())).filter((one) => one.user === user);
  async function drop(entries) {
    if (entries.length) await store("readwrite", (queue) => { entries.forEach((one) => { if (one.n) queue.delete(one.n); }); });
  }
  /* In the order of their coming and in one change: with one each, the store would still be writing the first ones of a
     burst when the page is left. A full or forbidden store loses nothing either: they are sent from memory. */
  async function put(entries) {
    const asked = [];
    const done = entries.length && await store("readwrite", (queue) => { entries.forEach((one) => asked.push(queue.put(one))); }).then(() => true, () => false);
    if (done) {
      entries.forEach((one, place) => { one.n = asked[place].result; });
      if (aside().length) setAside();
      await drop(entries.filter((one) => left.has(one.id))).catch(() => {});
    } else if (entries.length > 1) for (const one of entries) await put([one]);
  }
  /* What the store had not taken yet when the page was left (reloaded, closed, put away by the phone) is set aside for
     the next page: this alone is sure to be written before the page is gone. Files cannot be. */
  const ASIDE = `queue-${user}`;
  function aside() {
    try { return JSON.parse(localStorage.getItem(ASIDE)) || []; } catch { return []; }
  }
  function setAside() {
    const known = new Set(waiting.map((one) => one.id));
    const others = aside().filter((one) => !known.has(one.id) && !left.has(one.id));
    const rest = [...others, ...waiting.filter((one) => !one.n && !one.fields?.some(([, , file]) => file))];
    try {
      if (rest.length) localStorage.setItem(ASIDE, JSON.stringify(rest));
      else localStorage.removeItem(ASIDE);
    } catch { /* full or forbidden as well */ }
  }
  function uuid() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  /* What waits, the oldest first: this page's own list, so that a scan is seen to wait in the moment of the scan and
     costs the same however many wait. The store is read when the page opens, and when it is looked at again. */
  let waiting = [];
  let loaded = false;
  const left = new Set(); /* what has arrived may still stand in what is being read */
  async function load() {
    const kept = await stored().catch(() => null);
    const there = new Set(kept?.map((one) => one.id));
    const known = new Set(waiting.map((one) => one.id));
    const older = [...(kept || []), ...aside().filter((one) => !there.has(one.id))]
      .filter((one) => !known.has(one.id) && !left.has(one.id));
    waiting = [...older, ...waiting.filter((one) => !kept || !one.failed || !one.n || there.has(one.id))];
    loaded = true;
    show();
    keep(older.filter((one) => !one.n));
  }
  function leave(entries) {
    entries.forEach((one) => left.add(one.id));
    waiting = waiting.filter((one) => !entries.includes(one));
    if (aside().length) setAside();
    return drop(entries).catch(() => {});
  }
  const coming = []; /* not yet asked of the store */
  function keep(entries) {
    coming.push(...entries);
    promised = promised.then(() => put(coming.splice(0)));
  }

  /* Showing ---------------------------------------------------------------------------------------------- */
  let reached = navigator.onLine;
  let pressed = null;
  function show() {
    const bad = waiting.filter((one) => one.failed).length;
    const ready = reached && loaded && !waiting.length;
    document.querySelectorAll("[data-queue]").forEach((box) => {
      box.hidden = !waiting.length;
      box.classList.toggle("bad", bad > 0);
      box.querySelector("b").textContent = waiting.length;
    });
    document.querySelectorAll("[data-net]").forEach((box) => {
      box.textContent = reached ? words.wOnline : words.wOffline;
      box.classList.toggle("off", !reached);
    });
    document.querySelectorAll("[data-needs-net]").forEach((button) => {
      button.setAttribute("aria-disabled", String(!ready));
      button.title = ready ? "" : words.wNeedsNet;
    });
    if (!reached || bad) pressed = null;
    else if (pressed && ready) {
      const button = pressed;
      pressed = null;
      button.click();
    }
    document.dispatchEvent(new CustomEvent("queue-shown", { detail: { waiting } }));
  }

  /* Sending: the oldest first, one request at a time ------------------------------------------------------ */
  let running = false;
  let wanted = false; /* asked for while one ran: what came in after its last look is not left lying */
  let again = 0;
  /* The figures of a page are of before: its scripts have to hear of all that is sent from here. */
  const listening = new Promise((done) => { document.addEventListener("DOMContentLoaded", done, { once: true }); });
  let promised = listening.then(load);
  function net(yes) {
    reached = yes;
    clearTimeout(again);
    if (!yes) again = setTimeout(flush, 3000);
  }
  async function flush() {
    wanted = true;
    if (running) return;
    running = true;
    try {
      while (wanted) {
        wanted = false;
        for (let next = await first(); next.length; next = await first()) {
          if (!(await send(next))) return;
          show();
        }
      }
    } catch { /* an answer that broke off: tried again */
      net(false);
    } finally {
      running = false;
      show();
    }
  }
  async function first() {
    await promised;
    const due = waiting.filter((one) => !one.failed);
    if (!due.length || due[0].kind !== "scan") return due.slice(0, 1);
    const end = due.findIndex((one) => one.kind !== "scan");
    return due.slice(0, Math.min(BATCH, end < 0 ? BATCH : end));
  }
  async function send(entries) {
    let answer;
    try {
      answer = await (entries[0].kind === "scan" ? sendScans(entries) : sendForm(entries[0]));
      if (answer.redirected && new URL(answer.url).pathname.startsWith("/login/")) throw new Error("signed out");
      if (answer.status >= 500 || answer.status === 429 || answer.status === 409) throw new Error("later");
    } catch {
      net(false);
      return false;
    }
    net(true);
    if (entries[0].kind === "scan" && answer.ok) {
      const { results } = await answer.json();
      const dropped = leave(entries);
      entries.forEach((entry, place) => tell(entry, results[place]));
      await dropped;
    } else if (answer.ok) {
      const result = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
      await follow(entries[0], result);
      const dropped = leave(entries);
      tell(entries[0], result);
      await dropped;
    } else {
      const body = await answer.json().catch(() => ({}));
      for (const entry of entries) {
        entry.failed = body.message || String(answer.status);
      }
      await put(entries);
    }
    return true;
  }
  function tell(entry, result) {
    if (result.tone === "bad") pressed = null; /* who has pressed did not know of it */
    document.dispatchEvent(new CustomEvent("queue-done", { detail: { entry, result } }));
  }
  /* Photos of a report go to the address that it was answered; they wait before it is gone, on whatever page that is. */
  function follow(entry, result) {
    (entry.photos || []).forEach((file, place) => {
      document.dispatchEvent(new CustomEvent("queue-add", { detail: { kind: "photo", id: entry.ids?.[place], url: result.photos, fields: [["files", file, file.name]], label: file.name } }));
    });
    return promised;
  }
  const sendScans = (entries) => fetch(entries[0].url, {
    method: "POST", signal: patience(30), headers: { ...token(), "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ scans: entries.map((one) => ({ key: one.id, document: one.document, code: one.code, at: one.at, line: one.line, quantity: one.quantity, back: one.back })) }),
  });
  function sendForm(entry) {
    const body = new FormData();
    for (const [name, value, file] of entry.fields) {
      if (file) body.append(name, value, file);
      else body.append(name, value);
    }
    return fetch(entry.url, { method: "POST", body, signal: patience(300), headers: { ...token(), Accept: "application/json", "HX-Request": "true" } });
  }

  document.addEventListener("queue-add", (event) => {
    const entry = { ...event.detail, id: event.detail.id || uuid(), at: new Date().toISOString(), user };
    event.detail.id = entry.id;
    /* The server knows a photo, comment or report by this id again. */
    const field = { photo: "keys", comment: "key", report: "key" }[entry.kind];
    if (field) entry.fields = [...entry.fields, [field, entry.id]];
    if (entry.photos) entry.ids = entry.photos.map(() => uuid()); /* of what follows it, told twice or not */
    waiting.push(entry);
    show();
    keep([entry]);
    flush();
  });
  addEventListener("online", () => { net(true); flush(); });
  addEventListener("offline", () => { net(false); show(); });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) setAside();
    else load().then(flush);
  });
  addEventListener("pagehide", setAside);
  /* After those who enter a last figure with the same click. */
  document.addEventListener("click", (event) => {
    const early = event.target.closest('[aria-disabled="true"][data-needs-net]');
    if (early) {
      event.preventDefault();
      pressed = reached ? early : null;
      flush();
    }
    const button = event.target.closest("[data-queue-again], [data-queue-drop]");
    if (!button) return;
    const entry = waiting.find((one) => one.id === button.dataset.id);
    if (entry && "queueDrop" in button.dataset) leave([entry]);
    else if (entry) {
      entry.failed = "";
      keep([entry]);
    }
    if (entry) flush();
  });

  /* The list of what waits, on its page -------------------------------------------------------------------- */
  const list = document.getElementById("queue-list");
  if (list) {
    document.addEventListener("queue-shown", ({ detail }) => {
      document.getElementById("queue-empty").hidden = detail.waiting.length > 0;
      list.replaceChildren(...detail.waiting.map((one) => {
        const row = document.getElementById("queue-row").content.firstElementChild.cloneNode(true);
        row.querySelector("[data-label]").textContent = one.label;
        row.querySelector("[data-at]").textContent = new Date(one.at).toLocaleTimeString();
        row.querySelector("[data-failed]").textContent = one.failed || "";
        row.querySelectorAll("button").forEach((button) => { button.dataset.id = one.id; button.hidden = !one.failed; });
        return row;
      }));
    });
  }
  show();
  flush();
  if ("serviceWorker" in navigator && words.worker) navigator.serviceWorker.register(words.worker).catch(() => {});
})();
