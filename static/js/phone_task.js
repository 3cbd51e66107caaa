/* One document on the phone: a scan is echoed at once from what the page knows, and goes into the queue; the server's
   figure takes its place. Photos and words go the same way. */
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

  function draw(row) {
    const more = [...waiting.values()].filter((one) => one.line === row.dataset.line).reduce((sum, one) => sum + one.more, 0);
    row.querySelector("output").textContent = shown(Number(row.dataset.figure) + more);
    row.classList.toggle("wait", more !== 0);
    const plan = Number(row.dataset.plan);
    row.classList.toggle("full", Boolean(row.dataset.plan) && Number(row.dataset.figure) + more >= plan);
    return shown(Number(row.dataset.figure) + more);
  }
  function mark(row) {
    list.querySelectorAll(".cur").forEach((one) => one.classList.remove("cur"));
    row.classList.add("cur");
    row.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("scanned", (event) => {
    event.preventDefault();
    const { code, say: told } = event.detail;
    say = told;
    const entry = { kind: "scan", url: words.scans, document: words.key, code, label: code };
    document.dispatchEvent(new CustomEvent("queue-add", { detail: entry }));
    const known = codes[code];
    const row = known && rowOf(known[0]);
    if (!row) return void told("ok", `${words.wTaken} ${code}`);
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
    for (const name of ["line", "figure", "plan", "name", "unit"]) row.dataset[name] = result[name];
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
