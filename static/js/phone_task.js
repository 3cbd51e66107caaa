/* One document on the phone: a scan is echoed at once from what the page knows, and goes into the queue; the server's
   figure takes its place. Photos and words go the same way. The line scanned last takes a figure: typed without a tap
   where there are keys, or what is left of the plan by a tap. */
"use strict";
(function () {
  const task = document.getElementById("task");
  if (!task) return;
  const words = task.dataset;
  const codes = JSON.parse(document.getElementById("codes").textContent);
  const list = document.getElementById("task-lines");
  const rowOf = (key) => list.querySelector(`[data-line="${CSS.escape(key)}"]`);
  const met = new Set(); /* what has waited, on this page or on one before */
  const waiting = new Map(); /* scan → the line and figure that it is echoed with */
  let done = []; /* what scans and figures added, newest last: what can be taken back */
  const shown = (number) => String(Math.round(number * 1e6) / 1e6);
  let say = () => {};

  const more = (row) => [...waiting.values()].filter((one) => one.line === row.dataset.line).reduce((sum, one) => sum + one.more, 0);
  const figure = (row) => Number(row.dataset.figure) + more(row);
  function draw(row) {
    const now = figure(row);
    const left = row.dataset.plan ? Number(row.dataset.plan) - now : 0;
    row.querySelector("output").textContent = shown(now);
    row.classList.toggle("wait", more(row) !== 0);
    row.classList.toggle("full", Boolean(row.dataset.plan) && left <= 0);
    const rest = row.querySelector("[data-rest]");
    rest.hidden = left <= 0;
    rest.querySelector("b").textContent = `+${shown(left)}`;
    return shown(now);
  }
  function mark(row) {
    if (row.classList.contains("cur")) return;
    list.querySelectorAll(".cur").forEach((one) => one.classList.remove("cur"));
    row.classList.add("cur");
    row.scrollIntoView({ block: "nearest" });
  }
  const add = (entry) => document.dispatchEvent(new CustomEvent("queue-add", { detail: { kind: "scan", url: words.scans, document: words.key, ...entry } }));
  /* A figure at a line goes out as what it adds, so that it has its place among the scans. */
  function enter(row, total, counting = false) {
    const added = Math.round((total - figure(row)) * 1e6) / 1e6;
    if (added) add({ code: row.dataset.item, line: row.dataset.line, quantity: shown(added), counting, label: `${row.dataset.name} ${shown(total)}` });
  }
  /* What waits is part of what is shown and can be taken back, also what an earlier page has left: else a figure that is
     typed then would count it twice. */
  function meet(entry) {
    if (entry.kind !== "scan" || entry.document !== words.key || met.has(entry.id)) return;
    met.add(entry.id);
    const [line, more] = entry.line ? [entry.line, Number(entry.quantity)] : (!entry.back && codes[entry.code]) || ["", 0];
    if (entry.back) done = done.filter((one) => one.id !== entry.back); /* and taking back is not taken back */
    else done.push({ id: entry.id, line, more: Number(more), code: entry.code });
    const row = line && rowOf(line);
    if (!row) return;
    waiting.set(entry.id, { line, more: Number(more) });
    draw(row);
  }
  document.addEventListener("queue-shown", ({ detail }) => { detail.waiting.forEach(meet); });
  function taken(field) {
    const text = field.value.trim().replace(/,/g, "");
    field.value = "";
    if (/^\d{1,9}(\.\d{0,6})?$/.test(text)) enter(field.closest("[data-line]"), Number(text));
  }
  function settle() {
    list.querySelectorAll("[data-total]").forEach((field) => { if (field.value) taken(field); });
    list.querySelector("[data-total]:focus")?.blur();
  }
  list.addEventListener("change", (event) => { if (event.target.matches("[data-total]")) taken(event.target); });
  list.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.altKey || event.isComposing || !event.target.matches("[data-total]")) return;
    event.preventDefault();
    taken(event.target);
    event.target.blur();
  });
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-line]");
    if (!row) return;
    if (event.target.closest("[data-rest]")) enter(row, Number(row.dataset.plan));
    else mark(row);
  });
  /* Before the button that finishes hears of it. */
  document.addEventListener("click", (event) => { if (event.target.closest("[data-needs-net]")) settle(); }, true);
  /* Digits that no field takes are the figure of that line, unless they turn out to be the beginning of a scan. */
  let digits = [];
  document.addEventListener("keydown", (event) => {
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || event.ctrlKey || event.altKey || event.metaKey) return;
    const field = list.querySelector(".cur [data-total]");
    if (!field) return;
    if (!field.value) digits = [];
    if (event.key === "Enter" && field.value) {
      event.preventDefault();
      taken(field);
    } else if (/^[\d.]$/.test(event.key)) {
      digits.push([event.key, event.timeStamp]);
      field.value += event.key;
    }
  });
  /* Digits of a scan that came as a figure are taken out again; a figure typed before it counts. */
  function before(since) {
    const field = list.querySelector(".cur [data-total]");
    const gun = digits.filter(([, at]) => at >= since).length;
    if (field && gun) field.value = field.value.slice(0, -gun);
    digits = [];
    settle();
  }
  document.addEventListener("scanned", (event) => {
    event.preventDefault();
    before(event.detail.since);
    const { code, say: told } = event.detail;
    say = told;
    add({ code, label: code });
    const known = codes[code];
    const row = known && rowOf(known[0]);
    if (!row) {
      list.querySelectorAll(".cur").forEach((one) => one.classList.remove("cur"));
      return void told("ok", `${words.wTaken} ${code}`);
    }
    const now = shown(figure(row));
    mark(row);
    const over = row.dataset.plan && Number(now) > Number(row.dataset.plan);
    told(over ? "warn" : "ok", `${row.dataset.name} · ${now}${row.dataset.plan ? ` / ${row.dataset.plan}` : ""} ${row.dataset.unit}${over ? ` · ${words.wOver}` : ""}`);
    return undefined;
  });
  document.addEventListener("queue-done", ({ detail: { entry, result } }) => {
    if (entry.document !== words.key) return;
    if (entry.kind === "scan") {
      const echoed = waiting.get(entry.id);
      waiting.delete(entry.id);
      if (result.line) {
        const row = hear(result);
        settled(entry.id, result);
        remember(result);
        if (!entry.line && !entry.back && Number(result.added)) codes[entry.code] = codes[entry.code] || [result.line, result.added];
        if (!echoed) mark(row);
        document.dispatchEvent(new CustomEvent("remarks-ask", { detail: { keys: [result.line], counting: !entry.line || entry.counting } }));
      }
      else done = done.filter((one) => one.id !== entry.id);
      if (echoed && echoed.line !== result.line && rowOf(echoed.line)) draw(rowOf(echoed.line));
      if (result.tone !== "ok" || !echoed) say(result.tone, result.text);
      if (result.tone === "bad") refused(entry, result);
    } else said(entry.label);
  });
  function hear(result) {
    const row = rowOf(result.line) || added(result);
    row.dataset.figure = result.figure;
    draw(row);
    return row;
  }
  /* What the server counted is what can be taken back, on the line that it chose. */
  function settled(id, { line, added: more }) {
    const known = done.find((one) => one.id === id);
    if (!known) return;
    if (Number(more)) Object.assign(known, { line, more: Number(more) });
    else done = done.filter((one) => one !== known); /* a place */
  }
  /* Without a network the phone shows the page that it kept: the same drawing again, with what was heard since. */
  const KEPT = "tasks-heard";
  const drawing = document.querySelector(".ph-f [name=key]").value;
  function heard() {
    try { return JSON.parse(localStorage.getItem(KEPT)) || []; } catch { return []; }
  }
  function remember(result) {
    const mine = heard().find((one) => one.drawing === drawing) || { drawing, task: words.key, lines: {} };
    mine.lines[result.line] = result;
    const rest = heard().filter((one) => one.task !== words.key).slice(0, 19);
    try { localStorage.setItem(KEPT, JSON.stringify([mine, ...rest])); } catch { /* full or forbidden: the page of before */ }
  }

  /* Commands: each writes what a finger could write here; the button that finishes is shown, a person presses it. */
  const current = () => list.querySelector(".cur");
  const told = (row) => `${row.dataset.name} · ${shown(figure(row))}${row.dataset.plan ? ` / ${row.dataset.plan}` : ""} ${row.dataset.unit}`;
  function adding(by) {
    const row = current();
    if (!row) return ["warn", words.wFirst];
    if (!by(row)) return ["warn", words.wNoPack];
    enter(row, figure(row) + by(row), true);
    return ["ok", told(row)];
  }
  const commands = {
    ADD10: () => adding(() => 10),
    PACK: () => adding((row) => Number(row.dataset.pack)),
    /* By the scan that it was: what that adds, and to which line, the server says, perhaps later. */
    UNDO() {
      const last = done.at(-1);
      if (!last) return ["warn", words.wNothing];
      const row = last.line && rowOf(last.line);
      const echo = row ? { line: last.line, quantity: shown(-last.more) } : {};
      add({ code: last.code, back: last.id, ...echo, counting: true, label: `${words.wBack} ${last.code}` });
      if (!row) return ["ok", `${words.wBack} ${last.code}`];
      mark(row);
      return ["ok", `${words.wBack} ${told(row)}`];
    },
    NEXT() {
      const rows = [...list.querySelectorAll("[data-line]")];
      const at = rows.indexOf(current());
      const open = (row) => !row.dataset.plan || figure(row) < Number(row.dataset.plan);
      const row = [...rows.slice(at + 1), ...rows.slice(0, at + 1)].find(open);
      if (!row) return ["ok", words.wAll];
      mark(row);
      return ["ok", told(row)];
    },
    OK() {
      const button = document.querySelector("[data-needs-net]");
      button.focus();
      return ["warn", words.wPress.replace("BUTTON", button.textContent.trim())];
    },
    PAUSE() {
      location.assign(document.querySelector(".ph-h a").href); /* what waits to be sent stays on the device */
      return ["ok", words.wPause];
    },
  };
  document.addEventListener("command", (event) => {
    const act = commands[event.detail.name];
    if (!act) return;
    event.preventDefault();
    before(event.detail.since);
    event.detail.say(...act());
  });
  document.addEventListener("remark-take", ({ detail }) => { enter(rowOf(detail.line), Number(detail.value)); });
  function added(result) {
    document.getElementById("no-lines")?.remove();
    const row = document.getElementById("task-row").content.firstElementChild.cloneNode(true);
    for (const name of ["line", "figure", "plan", "name", "unit", "item", "pack"]) row.dataset[name] = result[name];
    row.querySelector("b").textContent = result.name;
    row.querySelector(".code").textContent = [result.item, result.lot].filter(Boolean).join(" · ");
    row.querySelector(".unit").textContent = result.unit;
    list.append(row);
    codes[result.item] = codes[result.item] || [result.line, "1"];
    return row;
  }
  /* What could not be taken stays to be seen: nothing is dropped in silence. */
  function refused(entry, result) {
    const box = document.createElement("li");
    box.className = "note err";
    box.textContent = `${entry.code}: ${result.text}`;
    document.getElementById("task-refused").prepend(box);
  }
  function said(text) {
    const box = document.createElement("li");
    box.className = "note ok";
    box.textContent = text;
    document.getElementById("task-refused").prepend(box);
    setTimeout(() => box.remove(), 6000);
  }

  task.addEventListener("change", (event) => {
    const field = event.target.closest("[data-photo]");
    if (!field) return;
    for (const file of field.files) {
      document.dispatchEvent(new CustomEvent("queue-add", { detail: { kind: "photo", url: words.files, document: words.key, fields: [["files", file, file.name]], label: `${words.wPhoto} ${file.name}` } }));
    }
    field.value = "";
  });
  document.getElementById("task-say").addEventListener("submit", (event) => {
    event.preventDefault();
    const field = event.target.elements.namedItem("text");
    const text = field.value.trim();
    if (!text) return;
    document.dispatchEvent(new CustomEvent("queue-add", { detail: { kind: "comment", url: words.comment, document: words.key, fields: [["text", text]], label: text } }));
    field.value = "";
  });
  /* Typed by hand, for a label that cannot be read. */
  document.getElementById("task-code").addEventListener("submit", (event) => {
    event.preventDefault();
    const field = event.target.elements.namedItem("code");
    const code = field.value.trim();
    field.value = "";
    if (code) document.dispatchEvent(new CustomEvent("scan-code", { detail: { code, source: "typed" } }));
  });
  Object.values(heard().find((one) => one.drawing === drawing)?.lines || {}).forEach(hear);
  if (navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => {});
})();
