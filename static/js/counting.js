/* Counting: scan the place, scan the item, type the quantity; the next place comes by itself. What was counted is
   kept on the device until the server has it, under a key made here, so that nothing is lost or counted twice. */
"use strict";
(function () {
  const page = document.querySelector("[data-count]");
  const work = page?.querySelector("[data-work]");
  if (!work) return;
  const part = (name) => page.querySelector(`[data-${name}]`);
  const words = page.dataset;
  const SCAN = 45; // a gun types faster than any hand: milliseconds between keys
  const GIVE_UP = 25000;
  const RETRY = 4000;
  const LATER = 30000; // whoever is done looks again whether something was sent back
  let tasks = []; // {place, position, line or null}, in walking order
  let at = 0;
  let typed = "";
  let unit = -1; // -1 is the base unit
  let began = null;
  let finding = null; // the place and item of goods that were found
  let last = null;
  let sending = false;
  let flying = []; // what is on its way now: it cannot be taken out of the queue any more
  let again = 0;
  let later = 0;
  let queue = load();

  /* What waits to be sent --------------------------------------------------------------------------- */
  function load() {
    try {
      return JSON.parse(localStorage.getItem(words.store)) || [];
    } catch {
      return [];
    }
  }
  function keep() {
    try {
      localStorage.setItem(words.store, JSON.stringify(queue));
    } catch {
      /* a full or forbidden store: it is sent from memory */
    }
  }
  async function post(url, body) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), GIVE_UP);
    try {
      return await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": words.csrf, Accept: "application/json" },
        body: JSON.stringify(body),
        signal: stop.signal,
      });
    } finally {
      clearTimeout(timer);
    }
  }
  async function send() {
    if (sending || !queue.length) return net();
    sending = true;
    clearTimeout(again); // one try for all that waits, else each count would go on trying for itself
    const part_ = queue.slice(0, 50);
    try {
      const counts = part_.filter((one) => one.line);
      const place = part_.find((one) => one.empty);
      flying = place && !counts.length ? [place] : counts;
      flying.forEach((one) => { one.tried = true; });
      let answer;
      if (place && !counts.length) answer = await post(words.empty, { place: place.empty });
      else answer = await post(words.send, { counts, sent_at: new Date().toISOString() });
      /* Signed out, or a page of somebody else's network: no word of the server about these counts. */
      const ours = !answer.redirected && (answer.headers.get("Content-Type") || "").includes("json");
      if (!ours || answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
      const gone = flying.map((one) => one.key);
      const said = await answer.json();
      if (!answer.ok) complain(said.message || said.error?.message || answer.statusText);
      if (answer.status === 403) throw new Error("signed in anew elsewhere, or not allowed: nothing is lost");
      queue = queue.filter((one) => !gone.includes(one.key));
      keep();
      (said.counts || []).forEach((one) => settle(one, counts));
      if (said.places) progress(said.done, said.places);
      sending = false;
      flying = [];
      net(true);
      if (queue.length) send();
    } catch {
      sending = false;
      flying = [];
      net(false);
      clearTimeout(again);
      again = setTimeout(send, RETRY);
    }
  }
  /* Goods that moved meanwhile are counted again later, when they have come to rest: the server asks for them. */
  function settle(answer, counts) {
    const sent = counts.find((one) => one.key === answer.key);
    if (!sent || !(answer.again || answer.refused)) return;
    complain(answer.refused ? `${sent.where}: ${answer.refused}` : `${sent.where}: ${words.wAgain}`);
  }
  function net(yes = navigator.onLine) {
    const many = queue.length ? ` · ${words.wWaiting.replace("{n}", queue.length)}` : "";
    part("net").textContent = (yes ? words.wOnline : words.wOffline) + many;
    part("dot").classList.toggle("warn", !yes || queue.length > 0);
  }
  function progress(done, all) {
    part("total").textContent = `${done} / ${all}`;
    part("bar").max = all;
    part("bar").value = done;
  }

  /* What is on the screen ---------------------------------------------------------------------------- */
  function complain(text) {
    const note = part("say");
    note.hidden = !text;
    note.querySelector("span").textContent = text || "";
  }
  function show() {
    const task = tasks[at];
    work.hidden = !task || Boolean(finding);
    part("foot").hidden = !task || Boolean(finding);
    part("done").hidden = Boolean(task);
    part("found-form").hidden = !finding;
    typed = "";
    unit = -1;
    began = new Date();
    clearTimeout(later);
    if (!task && !finding) later = setTimeout(start, LATER);
    if (!task) return;
    part("place").textContent = task.place;
    const next = tasks.slice(at + 1).find((one) => one.place !== task.place);
    part("next").replaceChildren();
    if (next) part("next").append(`${words.wNext} `, code(next.place));
    const line = task.line;
    part("name").textContent = line ? line.name : words.wLook;
    part("item").textContent = line ? line.item : "";
    part("more").textContent = line
      ? [line.lot && `${words.wLot} ${line.lot}`, line.expires && `${words.wExpires} ${line.expires}`, line.more].filter(Boolean).join(" · ")
      : "";
    part("pack").textContent = line ? line.units.map((one) => `1 ${one.code} = ${one.ratio}`).join(", ") : "";
    draw();
  }
  function code(text) {
    const made = document.createElement("span");
    made.className = "code";
    made.textContent = text;
    return made;
  }
  function draw() {
    const line = tasks[at]?.line;
    part("typed").textContent = typed;
    part("unit").textContent = line ? (unit < 0 ? line.unit : line.units[unit].code) : "";
    const button = page.querySelector('[data-do="unit"]');
    const other = line?.units.length ? line.units[unit + 1] : null;
    button.disabled = !line?.units.length;
    button.textContent = !line?.units.length ? "" : other ? `× ${other.ratio} ${other.code}` : line.unit;
  }
  function remember(text) {
    page.querySelectorAll("[data-last]").forEach((one) => (one.textContent = text));
    page.querySelector('[data-do="undo"]').hidden = !last;
  }

  /* Doing ------------------------------------------------------------------------------------------------ */
  function count(task, quantity, measure) {
    const key = crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    queue.push({
      key,
      line: task.line.key,
      quantity,
      unit: measure,
      began_at: began.toISOString(),
      counted_at: new Date().toISOString(),
      where: task.place,
      task,
    });
    keep();
    return key;
  }
  function commit() {
    const task = tasks[at];
    if (!task) return false;
    if (!task.line) {
      complain(words.wLook); // a place is called empty by its own button, never by going on
      return false;
    }
    if (typed === "" || typed === ".") {
      complain(words.wType);
      return false;
    }
    const measure = unit < 0 ? task.line.unit : task.line.units[unit].code;
    last = { task, at, key: count(task, typed, measure) };
    tasks.splice(at, 1);
    complain("");
    remember(`${task.place} = ${typed} ${measure}`);
    if (at >= tasks.length) at = 0;
    show();
    send();
    return true;
  }
  function empty() {
    const task = tasks[at];
    if (!task) return false;
    /* What the server has a count of, although it was taken back here, is no line that nobody counted. */
    tasks.filter((one) => one.place === task.place && one.counted).forEach((one) => count(one, "0", one.line.unit));
    queue.push({ key: `empty-${task.place}-${Date.now()}`, empty: task.place });
    keep();
    tasks = tasks.filter((one) => one.place !== task.place);
    last = null;
    complain("");
    remember(`${task.place} = ${words.wEmpty}`);
    if (at >= tasks.length) at = 0;
    show();
    send();
    return true;
  }
  function undo() {
    if (!last) return;
    const entry = queue.find((one) => one.key === last.key);
    if (entry && !flying.includes(entry)) queue.splice(queue.indexOf(entry), 1);
    if (!entry || entry.tried) last.task.counted = true;
    keep();
    tasks.splice(last.at, 0, last.task);
    at = last.at;
    last = null;
    remember("");
    show();
    net();
  }
  function key(digit) {
    if (!tasks[at]?.line) return complain(words.wLook);
    if (digit === "." && typed.includes(".")) return;
    if (typed.length > 13) return;
    if (!typed) began = began || new Date();
    typed = typed === "0" && digit !== "." ? digit : typed + digit;
    complain("");
    draw();
  }
  /* Cards of commands press the buttons of this page. */
  const cards = { OK: "next", UNDO: "undo", NEXT: "skip", EMPTY: "empty" };
  /* A scanned code: a place of the sheet commits what is typed and goes there; an item chooses its line. */
  function scanned(text) {
    const same = (one) => one.toUpperCase() === text.toUpperCase();
    if (finding) return foundCode(text);
    const card = cards[/^CMD-([A-Z]+)$/i.exec(text)?.[1].toUpperCase()];
    if (card) return page.querySelector(`[data-do="${card}"]:not([hidden])`)?.click();
    const fits = (one) => same(one.item) || one.codes.some(same) || (one.lot && same(one.lot));
    const here = tasks[at]?.place;
    const line = tasks.findIndex((one) => one.place === here && one.line && fits(one.line));
    if (line >= 0) {
      at = line;
      complain("");
      return show();
    }
    if (tasks.some((one) => same(one.place))) {
      if (typed !== "" && tasks[at].line && !same(here) && !commit()) return;
      at = tasks.findIndex((one) => same(one.place));
      complain("");
      return show();
    }
    complain(`${text}: ${words.wOther}`);
  }
  /* Whether a code is a place, an item or a lot of what is still to be counted. */
  function known(text) {
    const same = (one) => one.toUpperCase() === text.toUpperCase();
    return tasks.some(
      ({ place, line }) =>
        same(place) || (line && (same(line.item) || line.codes.some(same) || (line.lot && same(line.lot)))),
    );
  }
  const actions = {
    back: () => {
      typed = typed.slice(0, -1);
      draw();
    },
    unit: () => {
      const line = tasks[at]?.line;
      if (!line) return;
      unit = unit + 1 >= line.units.length ? -1 : unit + 1;
      draw();
    },
    next: commit,
    skip: () => {
      at = (at + 1) % tasks.length;
      show();
    },
    empty,
    undo,
    found: () => {
      finding = { place: tasks[at].place, item: "" };
      ask(words.wFound);
    },
    "found-no": () => {
      finding = null;
      show();
    },
  };
  function ask(text) {
    part("found-word").textContent = text;
    part("found-input").value = "";
    show();
    part("found-input").focus();
  }
  /* A code that comes before the answer to the one before it waits for that: goods first, then their lot. */
  let found = Promise.resolve();
  function foundCode(text) {
    found = found.then(() => (finding ? find(text) : text && scanned(text)));
  }
  async function find(text) {
    if (!text) return;
    const mine = finding;
    const { place } = mine;
    const lot = mine.item ? text : "";
    const item = mine.item || text;
    const left = () => finding !== mine; // cancelled meanwhile
    try {
      const answer = await post(words.found, { place, item, lot });
      const said = await answer.json();
      const problem = said.code || said.error?.code;
      if (!answer.ok && left()) return;
      if (!answer.ok && problem === "lot_required") {
        mine.item = item;
        return ask(words.wLotToo);
      }
      const known = tasks.findIndex((one) => one.line?.key === said.key);
      const fresh = { place, position: said.position, line: said };
      if (left()) { // the line is there, and is to be counted like all others
        if (known < 0) tasks.splice(at + 1, 0, fresh);
        return;
      }
      finding = null;
      if (!answer.ok) {
        show();
        return complain(said.message || said.error?.message || answer.statusText);
      }
      if (known >= 0) at = known;
      else tasks.splice(at, 0, fresh);
      show();
    } catch {
      net(false);
      if (left()) return;
      finding = null;
      show();
      complain(words.wOffline);
    }
  }

  /* Keys, touches, scans ----------------------------------------------------------------------------------- */
  let burst = "";
  let stamp = 0;
  let fast = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (finding && event.target.matches("input")) return;
    const quick = event.timeStamp - stamp < SCAN;
    stamp = event.timeStamp;
    if (event.key === "Enter") {
      event.preventDefault();
      const text = burst;
      const quantity = /^[0-9.]{1,6}$/.test(text) && !known(text); // nimble fingers, no code
      const gun = text.length > 1 && fast >= text.length - 1 && !quantity;
      burst = "";
      if (gun) {
        const own = known(text) ? 0 : byHand(text);
        typed = before(text, own);
        return scanned(text.slice(own));
      }
      if (text && /[^0-9.]/.test(text)) return scanned(text);
      return commit();
    }
    if (event.key === "Backspace") {
      event.preventDefault();
      burst = burst.slice(0, -1);
      return actions.back();
    }
    if (event.key.length !== 1) return;
    event.preventDefault();
    if (!quick) fast = 0;
    else fast += 1;
    burst = quick || /[^0-9.]/.test(burst) ? burst + event.key : event.key;
    if (/[0-9.]/.test(event.key) && !/[^0-9.]/.test(burst)) key(event.key);
  });
  const digitsOf = (text) => text.match(/^[0-9.]*/)[0];
  /* How many digits at the beginning a hand typed right before the scan: those without which it is a known code. */
  function byHand(text) {
    const digits = digitsOf(text);
    if (!typed.endsWith(digits)) return 0; // more came than a figure can hold
    return [...digits].findIndex((_digit, at) => known(text.slice(at + 1))) + 1;
  }
  /* Digits of a scanned code were taken for a quantity while they came: what a hand typed, of them and before, stays. */
  function before(text, own) {
    const digits = digitsOf(text);
    return typed.endsWith(digits) ? typed.slice(0, typed.length - digits.length + own) : typed;
  }
  page.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.key) key(button.dataset.key);
    else if (button.dataset.do) actions[button.dataset.do]();
    if (button.type !== "submit") button.blur();
  });
  part("found-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = part("found-input").value.trim();
    part("found-input").value = ""; // another code may come before the answer
    foundCode(text);
  });
  addEventListener("online", send);
  addEventListener("offline", () => net(false));

  async function start() {
    const before = [...queue]; // what arrives while the list is read may still stand in it
    try {
      const answer = await fetch(words.lines, { headers: { Accept: "application/json" }, cache: "no-store", signal: AbortSignal.timeout?.(GIVE_UP) });
      if (!answer.ok) throw new Error(String(answer.status));
      const said = await answer.json();
      if (tasks.length || finding) return; // somebody has taken his last count back meanwhile
      const sent = new Set([...before, ...queue].map((one) => one.line));
      const gone = new Set([...before, ...queue].map((one) => one.empty));
      tasks = said.lines
        .filter((line) => !sent.has(line.key))
        .map((line) => ({ place: line.place, position: line.position, line }))
        .concat(said.bins.map((bin) => ({ place: bin.place, position: bin.position, line: null })))
        .filter((task) => !gone.has(task.place))
        .sort((one, other) => one.position - other.position);
      progress(said.done, said.places);
      at = 0;
      show();
      send();
    } catch {
      net(false);
      setTimeout(start, RETRY);
    }
  }
  start();
})();
