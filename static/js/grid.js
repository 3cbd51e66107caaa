/* The entry form of documents: every cell saves itself, the keyboard leads from cell to cell, nothing typed is lost.
   One request at a time, each with the version that was read; the server answers per field. */
"use strict";
(function () {
  const entry = document.getElementById("entry");
  if (!entry) return;
  const head = document.getElementById("head");
  const grid = document.getElementById("grid");
  const lines = document.getElementById("lines");
  const send = document.getElementById("send");
  const told = document.getElementById("told");
  const stamp = document.getElementById("saved");
  const blank = document.getElementById("blank").content.querySelector("tr");
  const discard = document.getElementById("discard");
  const preview = document.getElementById("preview");
  const words = entry.dataset;
  const token = send.querySelector("[name=csrfmiddlewaretoken]").value;
  const store = `draft:${words.user}:${words.version === "0" ? `new:${words.type}` : words.key}`;
  let version = Number(words.version);
  let composed = -100;
  const GIVE_UP = 30000; /* an answer that never comes would hold up all that is saved after it */
  const PATIENCE = 10000; /* what was typed is not saved before its suggestions are there */

  /* Cells: what is saved (raw), what is read (shown), what the server last said (was) ------------------- */
  const cells = (part) => [...part.querySelectorAll("[data-was]")];
  const cell = (part, name) => part.querySelector(`[data-was][name="${CSS.escape(name)}"]`);
  const rows = () => [...lines.querySelectorAll("tr.line")];
  const rowOf = (element) => element.closest("tr.line");
  function raw(el) {
    if (el.type === "checkbox") return el.checked ? "true" : "";
    if (el.dataset.look && el.value === el.dataset.shown) return el.dataset.raw;
    return el.value.trim();
  }
  const dirty = (el) => raw(el) !== el.dataset.was;
  const changed = (part) => cells(part).filter(dirty);
  function put(el, value, shown) {
    delete el.dataset.typing;
    if (el.type === "checkbox") el.checked = value === "true";
    else {
      if (el.tagName === "SELECT" && ![...el.options].some((o) => o.value === value)) el.add(new Option(value, value));
      el.value = shown ?? value;
    }
    if (el.dataset.look) {
      el.dataset.raw = value;
      el.dataset.shown = el.value;
    }
  }
  function settle(el, value, shown) {
    put(el, value, shown);
    el.dataset.was = value;
  }
  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
    return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
  }
  const isEmpty = (row) => !row.dataset.known && !changed(row).length;
  function addRow(before) {
    const row = blank.cloneNode(true);
    row.dataset.line = uuid();
    row.id = `l-${row.dataset.line}`;
    row.querySelector(".idx").textContent = "+";
    lines.insertBefore(row, before || null);
    return row;
  }
  function lastRow() {
    const last = rows().at(-1);
    return last && isEmpty(last) ? last : addRow();
  }

  /* Notes beside what they are about ----------------------------------------------------------------- */
  function make(tag, css, text) {
    const made = document.createElement(tag);
    if (css) made.className = css;
    if (text !== undefined) made.textContent = text;
    return made;
  }
  function button(text, act) {
    const made = make("button", "btn btn-s", text);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  }
  function note(tone, text, ...buttons) {
    const box = make("div", `note ${tone}`);
    const said = make("span", "", text);
    if (buttons.length) {
      const act = make("span", "do");
      act.append(...buttons);
      said.append(" ", act);
    }
    box.append(said);
    if (tone === "err") box.setAttribute("role", "alert");
    return box;
  }
  function under(row, ...boxes) {
    if (row.nextElementSibling?.classList.contains("sub")) row.nextElementSibling.remove();
    row.classList.toggle("has-sub", boxes.length > 0);
    if (!boxes.length) return;
    const sub = make("tr", "sub");
    sub.append(make("td"), make("td"));
    sub.lastChild.colSpan = row.cells.length - 1;
    sub.lastChild.append(...boxes);
    row.after(sub);
  }
  /* What somebody has to choose between stays until he has chosen, whatever else is answered meanwhile. */
  const undecided = (box) => [...(box?.querySelectorAll("[data-clash]") || [])];
  function say(tone, text, ...buttons) {
    told.replaceChildren(...(text ? [note(`${tone} mt2`, text, ...buttons)] : []), ...undecided(told));
  }
  const who = (name) => name || words.wOther;
  const label = (el) => el.getAttribute("aria-label") || el.labels?.[0]?.textContent || el.name;

  /* Saving: one request after another ------------------------------------------------------------------ */
  let chain = Promise.resolve();
  let timer = 0;
  const enqueue = (work) => (chain = chain.then(work, work));
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(() => enqueue(flush), 120);
  }
  let again = 0;
  function later() {
    clearTimeout(again); /* one try for all that waits, else each cell would go on trying for itself */
    again = setTimeout(() => enqueue(flush), 5000);
  }
  /* What is being typed is not sent before it is left. */
  const typing = (el) => el === document.activeElement && el.dataset.typing === "1";
  const unsettled = (el) => typing(el) || el.dataset.await || el.dataset.undecided;
  const ready = (part) => changed(part).filter((el) => !unsettled(el));
  function sendable(row) {
    const own = ready(row);
    if (!own.length || row.dataset.undecided) return false;
    const item = cell(row, "item");
    if (!row.dataset.known && (!raw(item) || unsettled(item))) return false;
    return row.dataset.refused !== JSON.stringify(own.map((el) => [el.name, raw(el)]));
  }
  const valuesOf = (list) => Object.fromEntries(list.map((el) => [el.name, raw(el)]));
  const wasOf = (list) => Object.fromEntries(list.map((el) => [el.name, el.dataset.was]));
  function gather() {
    const own = ready(head).filter((el) => !el.dataset.undecided && el.dataset.refused !== raw(el));
    const parts = rows().filter(sendable).slice(0, 50);
    if (!own.length && !parts.length) return null;
    return {
      parts,
      body: {
        type: words.type, version, header: valuesOf(own), was: wasOf(own),
        rows: parts.map((row) => {
          const list = ready(row);
          const values = valuesOf(list);
          if (row.dataset.position) values.position = row.dataset.position;
          return { line: row.dataset.line, known: row.dataset.known === "1", values, was: wasOf(list) };
        }),
      },
    };
  }
  async function ask(url, options) {
    const answer = await fetch(url, {
      method: "POST", signal: AbortSignal.timeout?.(GIVE_UP), ...options,
      headers: { Accept: "application/json", "X-CSRFToken": token, ...options.headers },
    });
    if (answer.redirected && /^\/login\//.test(new URL(answer.url).pathname)) throw new Error("out");
    if (answer.status >= 500) throw new Error("down");
    return { ok: answer.ok, body: await answer.json() };
  }
  /* Whether the server has it all, as far as it can be sent now; what it lacks has been said. */
  async function flush() {
    remember();
    if (!(await forget())) return false;
    const job = gather();
    if (!job) return true;
    stamp.textContent = words.wSaving;
    job.parts.forEach((row) => { row.dataset.sent = "1"; });
    let answer;
    try {
      answer = await ask(words.save, { body: JSON.stringify(job.body), headers: { "Content-Type": "application/json" } });
    } catch (error) {
      stamp.textContent = "";
      say("warn", error.message === "out" ? words.wSignedOut : words.wUnsaved);
      remember();
      later();
      return false;
    }
    if (!answer.ok) {
      stamp.textContent = "";
      say("err", answer.body.message, button(words.wReload, () => location.reload()));
      return false;
    }
    take(answer.body, job);
    remember();
    look();
    if (gather() || leaving.size) enqueue(flush);
    return true;
  }
  let looking = 0;
  function look() {
    clearTimeout(looking);
    looking = setTimeout(ahead, 500);
  }
  /* What will happen; not exchanged while the pointer is on it. */
  let watched = null;
  async function ahead() {
    watched?.abort();
    watched = new AbortController();
    let html;
    try {
      const answer = await fetch(preview.dataset.url, { signal: watched.signal });
      if (!answer.ok || answer.redirected) return;
      html = await answer.text();
    } catch {
      return; /* left, or the network failed: what was saved is not concerned */
    }
    const swap = () => {
      preview.onpointerleave = null;
      preview.innerHTML = html;
      htmx.process(preview);
    };
    if (preview.matches(":hover") && preview.children.length) preview.onpointerleave = swap;
    else swap();
  }

  /* What the server answered --------------------------------------------------------------------------- */
  function take(body, job) {
    const moved = job.body.header.warehouse !== undefined || job.body.header.target_warehouse !== undefined;
    const first = version === 0;
    version = body.version;
    send.elements.version.value = version;
    if (first) {
      history.replaceState(null, "", body.edit);
      localStorage.removeItem(store);
      discard?.removeAttribute("hidden");
    }
    stamp.textContent = `✓ ${words.wSaved} ${body.saved}`;
    told.replaceChildren(...undecided(told));
    takeHeader(body, job.body.header);
    let clashes = Object.keys(body.header.clashes).length;
    body.rows.forEach((answer, place) => {
      takeRow(job.parts[place], answer, job.body.rows[place].values, body);
      clashes += Object.keys(answer.clashes).length + (answer.gone ? 1 : 0);
    });
    if (body.stale) {
      const text = (clashes ? words.wClashed : words.wMerged).replace("WHO", who(body.by));
      told.prepend(note("info mt2", text, button(words.wReload, () => location.reload())));
    }
    count(body);
    if (moved && !Object.keys(body.header.errors).length && rows().some((row) => row.dataset.known)) location.reload();
  }
  function count(body) {
    const bold = document.querySelector("#sums b");
    bold.textContent = body.lines;
    const sums = body.sums.map(([code, total]) => ` · ${total} ${code}`).join("");
    bold.parentNode.lastChild.replaceWith(` ${words.wCounted}${sums}`);
  }
  function mark(el, message) {
    el.toggleAttribute("aria-invalid", Boolean(message));
    if (message) el.setAttribute("aria-invalid", "true");
    el.title = message || "";
  }
  function clash(el, [theirs, mine], by, done) {
    el.dataset.undecided = "1";
    const text = words.wClash.replace("WHO", who(by)).replace("FIELD", label(el))
      .replace("THEIRS", theirs || words.wEmpty).replace("MINE", mine || words.wEmpty);
    const decide = (keep) => () => {
      delete el.dataset.undecided;
      if (keep) el.dataset.was = theirs;
      else settle(el, theirs);
      done();
      soon();
    };
    const box = note("warn", text, button(words.wTheirs, decide(false)), button(words.wMine, decide(true)));
    box.dataset.clash = el.name;
    return box;
  }
  function update(el, sent, [value, shown]) {
    const touched = sent === undefined ? dirty(el) : raw(el) !== sent;
    if (touched) el.dataset.was = value;
    else settle(el, value, shown);
  }
  function takeHeader(body, sent) {
    const { values, errors, clashes } = body.header;
    for (const el of cells(head)) {
      mark(el, errors[el.name]);
      if (errors[el.name]) {
        el.dataset.refused = sent[el.name];
        told.append(note("err mt2", `${label(el)}: ${errors[el.name]}`));
      } else if (clashes[el.name]) {
        const box = clash(el, clashes[el.name], body.by, () => box.remove());
        box.classList.add("mt2");
        told.append(box);
      } else if (values[el.name] && (sent[el.name] !== undefined || !dirty(el))) update(el, sent[el.name], values[el.name]);
    }
  }
  function takeRow(row, answer, sent, body) {
    const boxes = undecided(row.nextElementSibling?.matches(".sub") ? row.nextElementSibling : null);
    delete row.dataset.refused;
    if (answer.cells) {
      row.dataset.known = "1";
      delete row.dataset.position;
      row.dataset.tracked = answer.tracked ? "1" : "0";
      row.querySelector(".idx").textContent = row.dataset.at = answer.position;
      units(row, answer.units);
      for (const [name, pair] of Object.entries(answer.cells)) {
        const el = cell(row, name);
        if (el && !answer.errors[name] && !answer.clashes[name]) update(el, sent[name], pair);
      }
      remarks(row, answer);
    }
    const refused = Object.keys(answer.errors).length > 0;
    for (const el of cells(row)) mark(el, answer.errors[el.name]);
    if (refused) {
      row.dataset.refused = JSON.stringify(changed(row).map((el) => [el.name, sent[el.name] ?? raw(el)]));
      boxes.push(note("err", Object.values(answer.errors).join(" ")));
    }
    for (const [name, pair] of Object.entries(answer.clashes)) {
      const el = cell(row, name);
      const box = clash(el, pair, body.by, () => {
        box.remove();
        if (!row.nextElementSibling?.querySelector(".note")) under(row);
      });
      boxes.push(box);
    }
    if (answer.gone) {
      row.dataset.undecided = "1";
      boxes.push(note("warn", words.wGone.replace("WHO", who(body.by)),
        button(words.wBack, () => putBack(row)), button(words.wLetGo, () => { under(row); row.remove(); })));
    }
    for (const [_tone, text, more] of answer.checks ?? []) if (more) boxes.push(question(text, more));
    under(row, ...boxes);
  }
  function units(row, codes) {
    const select = cell(row, "unit");
    if (!select || !codes) return;
    const chosen = select.value;
    select.replaceChildren(...codes.map((code) => new Option(code, code)));
    if (chosen && !codes.includes(chosen)) select.add(new Option(chosen, chosen));
    select.value = chosen || codes[0];
  }
  function remarks(row, answer) {
    row.querySelector(".avail").textContent = answer.available;
    const box = row.querySelector(".chk");
    box.replaceChildren(...answer.checks.filter(([_tone, _text, more]) => !more).map(([tone, text]) => {
      const said = make("span", tone, text);
      said.title = text;
      return said;
    }));
    row.classList.toggle("bad", answer.checks.some(([tone]) => tone === "err"));
  }
  function question(text, more) {
    const buttons = [];
    function choice(words, key, data) {
      const made = button(words, () => {});
      made.setAttribute("aria-keyshortcuts", key);
      Object.assign(made.dataset, data);
      buttons.push(made);
    }
    if (more.action) choice(more.action, "Alt+Enter", { take: more.field, value: more.value });
    choice(words.wRight, "Alt+Shift+Enter", { right: more.code, to: more.accept });
    return note("warn", text, ...buttons);
  }
  const lineOf = (element) => element.closest("tr.sub")?.previousElementSibling ?? rowOf(element);
  function takeMeant(made) {
    const el = cell(lineOf(made), made.dataset.take);
    if (!el) return;
    put(el, made.dataset.value);
    el.focus();
    soon();
  }
  async function keepRight(made) {
    const body = new FormData();
    body.set("line", lineOf(made).dataset.line);
    body.set("code", made.dataset.right);
    const answer = await fetch(made.dataset.to, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) made.closest(".note").replaceWith(note("ok", words.wAccepted));
    else say("warn", words.wUnsaved);
  }
  lines.addEventListener("click", (event) => {
    const made = event.target.closest("[data-take], [data-right]");
    if (made) (made.dataset.take ? takeMeant : keepRight)(made);
  });
  function putBack(row) {
    delete row.dataset.undecided;
    for (const name of ["known", "refused", "sent", "gone"]) delete row.dataset[name];
    for (const el of cells(row)) el.dataset.was = "";
    under(row);
    soon();
  }

  /* A mirror on this device of what is not saved yet ----------------------------------------------------- */
  function remember() {
    const parts = rows().filter((row) => changed(row).length);
    const own = changed(head);
    if (!parts.length && !own.length) return localStorage.removeItem(version ? `draft:${words.user}:${words.key}` : store);
    const kept = (list) => list.map((el) => [el.name, raw(el), el.type === "checkbox" ? "" : el.value]);
    localStorage.setItem(version ? `draft:${words.user}:${words.key}` : store, JSON.stringify({
      key: words.key, head: kept(own),
      rows: parts.map((row) => ({ line: row.dataset.line, known: row.dataset.known || "", cells: kept(changed(row)) })),
    }));
  }
  function recall() {
    const text = localStorage.getItem(store);
    if (!text) return;
    const kept = JSON.parse(text);
    if (kept.key !== words.key) {
      for (const name of ["save", "remove"]) words[name] = words[name].replace(words.key, kept.key);
      for (const [el, name] of [[preview, "data-url"], [send, "action"], [head, "action"], [discard, "action"]]) {
        el.setAttribute(name, el.getAttribute(name).replace(words.key, kept.key));
      }
      words.key = kept.key;
    }
    const fill = (part, list) => list.forEach(([name, value, shown]) => {
      const el = cell(part, name);
      if (el) put(el, value, shown);
    });
    fill(head, kept.head);
    for (const row of kept.rows) {
      let part = document.getElementById(`l-${row.line}`);
      if (!part) {
        part = addRow(rows().at(-1) && isEmpty(rows().at(-1)) ? rows().at(-1) : null);
        part.dataset.line = row.line;
        part.id = `l-${row.line}`;
      }
      fill(part, row.cells);
    }
    soon();
  }

  /* Looking up: suggestions under a cell --------------------------------------------------------------- */
  let open = null;
  let asked = 0;
  let waiting = 0;
  function close() {
    if (!open) return;
    open.el.setAttribute("aria-expanded", "false");
    open.el.removeAttribute("aria-activedescendant");
    open.list.remove();
    open = null;
  }
  function address(el) {
    const row = rowOf(el);
    const query = new URLSearchParams({ q: el.value === el.dataset.shown ? "" : el.value, type: words.type, column: el.name });
    for (const name of ["warehouse", "target_warehouse", "partner"]) {
      const other = cell(head, name);
      if (other && other !== el) query.set(name, raw(other));
    }
    if (row && el.name !== "item") query.set("item", raw(cell(row, "item")));
    return `${words.lookUp.replace("WHAT", el.dataset.look)}?${query}`;
  }
  async function optionsFor(el) {
    try {
      const answer = await fetch(address(el), { headers: { Accept: "application/json" }, signal: AbortSignal.timeout?.(PATIENCE) });
      return answer.ok && !answer.redirected ? (await answer.json()).options : [];
    } catch {
      return []; /* typing goes on without suggestions */
    }
  }
  async function lookUp(el) {
    const number = ++asked;
    el.dataset.pending = "1";
    const options = await optionsFor(el);
    if (number !== asked || !el.dataset.pending) return;
    delete el.dataset.pending;
    if (document.activeElement === el) show(el, options);
  }
  /* Left before the suggestions came: the one that was meant is taken when they come, if there is only one. */
  let resolving = Promise.resolve();
  async function resolve(el) {
    clearTimeout(waiting);
    asked += 1;
    delete el.dataset.pending;
    el.dataset.await = "1";
    const meant = el.value;
    const options = await optionsFor(el);
    delete el.dataset.await;
    if (el.value !== meant) return el === document.activeElement || el.value === el.dataset.shown ? soon() : resolve(el); /* somebody went on */
    const text = meant.trim().toLowerCase();
    if (!text) return soon();
    const exact = options.find((option) => option.code.toLowerCase() === text);
    const only = exact || (options.length === 1 ? options[0] : null);
    if (only) choose(el, only);
    return soon();
  }
  function show(el, options) {
    close();
    const typed = el.value !== el.dataset.shown && el.value.trim();
    if (!options.length) return;
    const list = make("ul", "pop");
    list.id = "options";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", label(el));
    options.forEach((option, place) => {
      const item = make("li");
      item.id = `option-${place}`;
      item.setAttribute("role", "option");
      item.append(make("span", "code", option.code));
      if (option.name) item.append(make("span", "clip", option.name));
      const end = [option.figure && `${words.wAvailable} ${option.figure}`, option.place].filter(Boolean).join(" · ");
      item.append(make("span", "end", end));
      item.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        choose(el, option);
        close();
        soon();
        step(el, 1);
      });
      list.append(item);
    });
    el.parentNode.append(list);
    el.setAttribute("aria-expanded", "true");
    el.setAttribute("aria-controls", "options");
    open = { el, list, options, at: -1 };
    if (typed && ["item", "partner", "original"].includes(el.dataset.look)) point(0);
  }
  function point(at) {
    const items = [...open.list.children];
    open.at = (at + items.length) % items.length;
    items.forEach((item, place) => item.setAttribute("aria-selected", String(place === open.at)));
    items[open.at].scrollIntoView({ block: "nearest" });
    open.el.setAttribute("aria-activedescendant", `option-${open.at}`);
  }
  function choose(el, option) {
    delete el.dataset.pending;
    put(el, option.raw, option.shown);
    const row = rowOf(el);
    if (!row) return;
    for (const [name, value] of Object.entries(option.fill || {})) {
      const other = cell(row, name);
      if (other && value) put(other, value);
    }
    if (option.tracked !== undefined) row.dataset.tracked = option.tracked ? "1" : "0";
    if (option.unit && cell(row, "unit") && !raw(cell(row, "unit"))) put(cell(row, "unit"), option.unit);
  }
  /* The tax of the line above holds for the next one; it stands there to be seen. */
  function inherit(row) {
    const above = rows()[rows().indexOf(row) - 1];
    if (!above || row.dataset.known) return;
    for (const name of ["tax_rate", "price_with_tax"]) {
      const [mine, theirs] = [cell(row, name), cell(above, name)];
      if (mine && !raw(mine) && raw(theirs)) put(mine, raw(theirs));
    }
  }

  /* Moving --------------------------------------------------------------------------------------------- */
  function visit(el) {
    el.focus();
    el.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  function stops(part) {
    return [...part.querySelectorAll("[data-stop]")].filter((el) => {
      const row = rowOf(el);
      return el.name !== "lot" || !row || (row.dataset.tracked === "1" && !raw(el));
    });
  }
  function step(el, way) {
    const row = rowOf(el);
    const own = (row || head);
    const after = (other) => Boolean(el.compareDocumentPosition(other) & (way > 0 ? 4 : 2));
    const here = stops(own).filter(after);
    const next = way > 0 ? here[0] : here.at(-1);
    if (next) return visit(next);
    if (!row) return visit(stops(lastRow())[0]);
    const list = rows();
    const at = list.indexOf(row) + way;
    if (at < 0) return visit(stops(head).at(-1) || cells(head).at(-1));
    const other = list[at] || (isEmpty(row) ? row : lastRow());
    const there = stops(other);
    visit(way > 0 ? there[0] : there.at(-1));
  }
  function above(el, way) {
    const list = rows();
    const at = list.indexOf(rowOf(el)) + way;
    const other = list[at] || (way > 0 && !isEmpty(list.at(-1)) ? lastRow() : null);
    if (other) visit(cell(other, el.name) || stops(other)[0]);
  }
  function copyDown(el) {
    const list = rows();
    const from = list[list.indexOf(rowOf(el)) - 1];
    const source = from && cell(from, el.name);
    if (!source) return;
    put(el, raw(source), source.type === "checkbox" ? undefined : source.value);
    if (el.name === "item") rowOf(el).dataset.tracked = from.dataset.tracked || "";
    el.select?.();
    soon();
  }
  function leave(el) {
    if (el.dataset.pending && dirty(el) && !el.dataset.await) resolving = Promise.all([resolving, resolve(el)]);
    close();
  }
  const inputMethod = (event) =>
    event.isComposing || event.key === "Process" || event.keyCode === 229 || event.timeStamp - composed < 50;

  entry.addEventListener("compositionend", (event) => { composed = event.timeStamp; });
  entry.addEventListener("keydown", (event) => {
    const el = event.target;
    if (!el.matches("[data-was]") || inputMethod(event)) return;
    const control = event.ctrlKey || event.metaKey;
    const act = keys(el, event, control);
    if (act) {
      event.preventDefault();
      event.stopPropagation();
      act();
    }
  });
  function keys(el, event, control) {
    const listed = open && open.el === el;
    const fits = listed && open.at >= 0 && !el.dataset.pending; /* else the list is of what stood there before */
    if (event.key === "Enter" && control) return () => send.requestSubmit();
    if (control && event.key.toLowerCase() === "d" && rowOf(el)) return () => copyDown(el);
    if (control && event.key === "Delete" && rowOf(el)) return () => remove(rowOf(el));
    if (event.key === "Enter" && event.altKey && rowOf(el)) {
      const sub = rowOf(el).nextElementSibling;
      const made = sub?.matches(".sub") && sub.querySelector(event.shiftKey ? "[data-right]" : "[data-take]");
      return () => made && made.click();
    }
    if (control || event.altKey) return null;
    if (event.key === "Enter") return () => {
      if (fits) choose(el, open.options[open.at]);
      leave(el);
      if (el.name === "item") inherit(rowOf(el));
      step(el, event.shiftKey ? -1 : 1);
      soon();
    };
    if (event.key === "Tab" && fits) choose(el, open.options[open.at]);
    if (event.key === "Escape") return () => {
      if (listed) close();
      else put(el, el.dataset.was, el.dataset.look && el.dataset.raw === el.dataset.was ? el.dataset.shown : undefined);
    };
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way || el.tagName === "SELECT" || /^date/.test(el.type)) return null;
    if (listed) return () => point(open.at < 0 && way < 0 ? -1 : open.at + way);
    return rowOf(el) ? () => above(el, way) : null;
  }
  entry.addEventListener("input", (event) => {
    const el = event.target;
    if (!el.matches("[data-was]")) return;
    if (el.matches("input:not([type=checkbox], [type^=date])")) el.dataset.typing = "1";
    if (rowOf(el) && rowOf(el) === rows().at(-1) && !isEmpty(rowOf(el))) addRow();
    if (!el.dataset.look) return;
    clearTimeout(waiting);
    el.dataset.pending = "1";
    waiting = setTimeout(() => lookUp(el), 130);
  });
  entry.addEventListener("focusin", (event) => {
    const el = event.target;
    rows().forEach((row) => row.classList.toggle("cur", row === rowOf(el)));
    if (!el.matches("[data-was]")) return;
    if (el.matches("input:not([type=checkbox], [type^=date])")) el.select();
    if (["lot", "place", "original", "partner"].includes(el.dataset.look)) lookUp(el);
  });
  entry.addEventListener("focusout", (event) => {
    const el = event.target;
    if (!el.matches("[data-was]")) return;
    leave(el);
    if (el.name === "item" && dirty(el)) inherit(rowOf(el));
    if (dirty(el)) soon();
  });
  entry.addEventListener("change", (event) => {
    if (event.target.matches("select[data-was], input[type=checkbox][data-was], input[type^=date][data-was]")) soon();
  });

  /* Rows away and back --------------------------------------------------------------------------------- */
  function remove(row) {
    if (isEmpty(row)) return;
    const next = rows()[rows().indexOf(row) + 1] || rows()[rows().indexOf(row) - 1];
    const place = row.nextElementSibling?.classList.contains("sub") ? row.nextElementSibling.nextElementSibling : row.nextElementSibling;
    under(row);
    row.remove();
    visit(stops(next || lastRow())[0]);
    leaving.add(row);
    enqueue(flush);
    offer(words.wRemoved, () => {
      lines.insertBefore(row, place && place.parentNode === lines ? place : rows().at(-1));
      if (row.dataset.at) row.dataset.position = row.dataset.at;
      if (row.dataset.gone) putBack(row);
      else soon();
      visit(cell(row, "item"));
    });
  }
  /* Rows that were removed here, perhaps while they were saved: their lines leave the document before anything else is
     saved or sent. One that was put back stays. Whether all are gone. */
  const leaving = new Set();
  async function forget() {
    for (const row of leaving) {
      if (!row.dataset.known && row.dataset.sent && !version) continue; /* its document may not be there yet */
      if (row.isConnected || !(row.dataset.known || row.dataset.sent)) {
        leaving.delete(row);
        continue;
      }
      let answer;
      try {
        answer = await ask(words.remove, { body: new URLSearchParams({ line: row.dataset.line }) });
      } catch (error) {
        say("warn", error.message === "out" ? words.wSignedOut : words.wUnsaved);
        later();
        return false;
      }
      leaving.delete(row);
      if (answer.ok) {
        row.dataset.gone = "1";
        version = answer.body.version;
        send.elements.version.value = version;
        count(answer.body);
        look();
        if (row.isConnected) putBack(row);
      } else if (row.dataset.known) say("err", answer.body.message);
    }
    return true;
  }
  function offer(text, undo) {
    const toast = make("div", "toast");
    const act = make("button", "btn", words.wUndo);
    act.type = "button";
    act.addEventListener("click", () => { toast.remove(); undo(); });
    toast.append(make("span", "", text), act);
    document.getElementById("messages").append(toast);
    setTimeout(() => toast.remove(), 10000);
  }
  grid.addEventListener("click", (event) => {
    const target = event.target.closest("button[data-remove]");
    if (target) remove(rowOf(target));
  });
  document.getElementById("add").addEventListener("click", () => visit(stops(lastRow())[0]));

  /* A block from Excel --------------------------------------------------------------------------------- */
  function parse(text) {
    const table = [];
    for (const [, quoted, plain, mark] of text.replace(/\r\n?/g, "\n").matchAll(/(?:"((?:[^"]|"")*)"|([^\t\n]*))(\t|\n|$)/g)) {
      if (!table.length || table.ended) {
        if (mark === "" && plain === "" && quoted === undefined) break;
        table.push([]);
        table.ended = false;
      }
      table.at(-1).push((quoted === undefined ? plain : quoted.replace(/""/g, '"')).trim());
      if (mark !== "\t") table.ended = true;
      if (mark === "") break;
    }
    return table.filter((row) => row.some(Boolean));
  }
  const bare = (text) => text.toLowerCase().replace(/[\s:：*()（）_/-]/g, "");
  function heads() {
    const found = new Map();
    for (const th of grid.querySelectorAll("th[data-words]")) {
      for (const word of th.dataset.words.split("|")) found.set(bare(word), th.dataset.name);
    }
    return found;
  }
  function date(text) {
    const parts = text.match(/^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/);
    return parts ? `${parts[1]}-${parts[2].padStart(2, "0")}-${parts[3].padStart(2, "0")}` : "";
  }
  function fillCell(row, name, text) {
    const el = cell(row, name);
    if (!el || !text) return;
    if (el.type === "checkbox") put(el, /^(1|y|yes|true|是|含|含税|√)$/i.test(text) ? "true" : "");
    else if (el.type === "date") put(el, date(text));
    else if (el.tagName === "SELECT") {
      const match = [...el.options].find((o) => bare(o.text) === bare(text) || o.value === text);
      put(el, match ? match.value : text);
    } else put(el, text);
  }
  function block(table, from) {
    const known = heads();
    const named = table[0].map((text) => known.get(bare(text)));
    const byName = named.filter(Boolean).length >= Math.min(2, table[0].length);
    const order = cells(blank).map((el) => el.name);
    const at = order.indexOf(from.name);
    const columns = byName ? named : table[0].map((_, place) => order[at + place]);
    const body = byName ? table.slice(1) : table;
    let row = rowOf(from);
    for (const values of body) {
      values.forEach((text, place) => columns[place] && fillCell(row, columns[place], text));
      const list = rows();
      row = list[list.indexOf(row) + 1] || addRow();
    }
    lastRow();
    const lost = byName ? table[0].filter((text, place) => text && !named[place]) : [];
    say(lost.length ? "warn" : "ok", [words.wPasted.replace("ROWS", body.length),
      lost.length ? words.wUnknownColumns.replace("COLUMNS", lost.join(", ")) : ""].join(" "));
    const kept = [...told.children];
    enqueue(flush).then(() => told.prepend(...kept));
  }
  grid.addEventListener("paste", (event) => {
    const el = event.target.closest("[data-was]");
    const text = event.clipboardData.getData("text/plain");
    if (!el || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const table = parse(text);
    close();
    if (table.length) block(table, el);
  });
  const sheet = document.getElementById("pasted");
  document.getElementById("paste").addEventListener("click", () => sheet.showModal());
  sheet.addEventListener("close", () => {
    const area = sheet.querySelector("textarea");
    const table = parse(area.value);
    if (sheet.returnValue === "fill" && table.length) block(table, cell(lastRow(), "item"));
    area.value = "";
  });

  /* Submitting ------------------------------------------------------------------------------------------- */
  /* What static/js/grid_scan.js needs to write a line that was scanned; it adds `scanned`, which waits for scans that are
     on their way and says whether none was refused. */
  const tools = { entry, rows, cell, raw, put, addRow, lastRow, isEmpty, inherit, remove, soon, visit, stops };
  let going = false;
  send.addEventListener("submit", (event) => {
    event.preventDefault();
    if (going) return;
    going = true;
    document.activeElement?.blur?.();
    settled().then((yes) => yes && enqueue(go)).finally(() => { going = false; });
  });
  head.addEventListener("submit", (event) => event.preventDefault());
  /* Once what was scanned and typed is understood; a scan that was refused is seen first. */
  async function settled() {
    if (tools.scanned && !(await tools.scanned())) return false;
    await resolving;
    return true;
  }
  /* The item cell of a row that says how much but not of what: nothing is sent of it, so only the page can say so. */
  function lacking(row) {
    const item = cell(row, "item");
    if (row.dataset.known || raw(item)) return null;
    mark(item, words.wNoItem);
    under(row, note("err", words.wNoItem));
    return item;
  }
  /* In its turn, so that no save comes in between. */
  async function go() {
    clearTimeout(timer);
    do if (!(await flush())) return; while (gather());
    const open_ = rows().find((row) => !isEmpty(row) && changed(row).length) || null;
    if (open_ || changed(head).length) {
      const bad = open_ ? open_.querySelector("[aria-invalid]") || lacking(open_) || changed(open_)[0] : changed(head)[0];
      say("err", words.wUnfinished);
      visit(bad);
      return;
    }
    try {
      const answer = await ask(send.action, { body: new URLSearchParams({ version, key: send.elements.key.value }) });
      if (answer.ok) return location.assign(answer.body.url);
      refuse(answer.body);
    } catch (error) {
      say("warn", error.message === "out" ? words.wSignedOut : words.wUnsaved);
    }
  }
  function refuse(body) {
    const again = body.code === "changed" ? [button(words.wReload, () => location.reload())] : [];
    say("err", body.message, ...again);
    let first = null;
    for (const error of body.lines || []) {
      const row = rows().find((one) => one.dataset.at === String(error.line));
      if (!row) continue;
      under(row, note("err", error.message));
      first = first || row;
    }
    if (first) visit(stops(first)[0]);
    else told.scrollIntoView({ block: "nearest" });
  }

  document.dispatchEvent(new CustomEvent("grid-ready", { detail: tools }));
  addEventListener("pagehide", remember);
  lastRow();
  recall();
  ahead();
  const start = version === 0 ? stops(head).find((el) => !raw(el)) : null;
  /* Somebody who was quicker than this script stays where he types. */
  if (matchMedia("(pointer: fine)").matches && !entry.contains(document.activeElement)) visit(start || stops(rows().at(-1))[0]);
})();
