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
  const waiting = new Map(); /* scan → the line and figure that it was echoed with */
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
  /* A figure at a line goes out as what it adds, so that it has its place among the scans. */
  function enter(row, total) {
    const added = Math.round((total - figure(row)) * 1e6) / 1e6;
    if (!added) return;
    const entry = { kind: "scan", url: words.scans, document: words.key, code: row.dataset.item, line: row.dataset.line, quantity: shown(added), label: `${row.dataset.name} ${shown(total)}` };
    document.dispatchEvent(new CustomEvent("queue-add", { detail: entry }));
    waiting.set(entry.id, { line: row.dataset.line, more: added });
    draw(row);
  }
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
    if (event.key !== "Enter" || event.isComposing || !event.target.matches("[data-total]")) return;
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
  document.addEventListener("scanned", (event) => {
    event.preventDefault();
    const field = list.querySelector(".cur [data-total]");
    const gun = digits.filter(([, at]) => at >= event.detail.since).length;
    if (field && gun) field.value = field.value.slice(0, -gun);
    digits = [];
    settle();
    const { code, say: told } = event.detail;
    say = told;
    const entry = { kind: "scan", url: words.scans, document: words.key, code, label: code };
    document.dispatchEvent(new CustomEvent("queue-add", { detail: entry }));
    const known = codes[code];
    const row = known && rowOf(known[0]);
    if (!row) {
      list.querySelectorAll(".cur").forEach((one) => one.classList.remove("cur"));
      return void told("ok", `${words.wTaken} ${code}`);
    }
    waiting.set(entry.id, { line: known[0], more: Number(known[1]) });
    const now = draw(row);
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
        const row = rowOf(result.line) || added(result);
        row.dataset.figure = result.figure;
        draw(row);
        if (!echoed) mark(row);
      }
      if (echoed && echoed.line !== result.line && rowOf(echoed.line)) draw(rowOf(echoed.line));
      if (result.tone !== "ok" || !echoed) say(result.tone, result.text);
      if (result.tone === "bad") refused(entry, result);
    } else said(entry.label);
  });
  function added(result) {
    document.getElementById("no-lines")?.remove();
    const row = document.getElementById("task-row").content.firstElementChild.cloneNode(true);
    for (const name of ["line", "figure", "plan", "name", "unit", "item"]) row.dataset[name] = result[name];
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
  if (navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => {});
})();
