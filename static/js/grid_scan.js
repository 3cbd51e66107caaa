/* Scans into the entry form: goods add a line or raise theirs, a place holds for what follows. In the order of the scans. */
"use strict";
document.addEventListener("grid-ready", (ready) => {
  const { entry, rows, cell, raw, put, addRow, lastRow, isEmpty, inherit, remove, soon, visit, stops } = ready.detail;
  const words = entry.dataset;
  const number = (el) => Number(raw(el).replace(/,/g, "")) || 0;
  const has = (row, name) => Boolean(cell(row, name));
  let here = "";
  let latest = null;

  function same(row, found) {
    if (isEmpty(row) || raw(cell(row, "item")) !== found.item) return false;
    if (has(row, "unit") && raw(cell(row, "unit")) !== found.unit) return false;
    if (found.lot && has(row, "lot") && raw(cell(row, "lot")) !== found.lot) return false;
    return !here || !has(row, "source") || !raw(cell(row, "source")) || raw(cell(row, "source")) === here;
  }
  function fresh(found) {
    const row = lastRow();
    put(cell(row, "item"), found.item, `${found.item} ${found.name}`);
    row.dataset.tracked = found.tracking === "none" ? "0" : "1";
    for (const [name, value] of [["unit", found.unit], ["lot", found.lot], ["expires_on", found.expires_on], [has(row, "source") ? "source" : "target", here]]) {
      if (value && has(row, name)) put(cell(row, name), value);
    }
    row.dataset.pack = found.pack;
    inherit(row);
    return row;
  }
  function goods(found, say) {
    const once = found.tracking === "serial" && found.lot;
    const known = rows().find((row) => same(row, found));
    const row = known || fresh(found);
    const field = cell(row, "quantity");
    if (field && !(known && once)) write(row, String(Math.round((number(field) + Number(found.quantity)) * 1e6) / 1e6));
    latest = row;
    if (!isEmpty(rows().at(-1))) addRow();
    rows().forEach((one) => one.classList.toggle("cur", one === row));
    if (row.contains(document.activeElement)) visit(stops(rows().at(-1))[0]);
    row.scrollIntoView({ block: "nearest" });
    say(known && once ? "warn" : "ok", [found.title, found.detail, field && `→ ${raw(field)} ${found.unit}`].filter(Boolean).join(" "));
    soon();
  }
  /* Between two places: the first that is scanned is where goods lie, the one after them where they go. */
  function place(found, say) {
    const target = latest?.isConnected && cell(latest, "target");
    if (target && !raw(target)) {
      put(target, found.place);
      latest = null;
      soon();
      return say("ok", `→ ${found.place}`);
    }
    here = found.place;
    latest = null;
    return say("ok", words.wScanPlace.replace("PLACE", found.place));
  }
  /* Commands: each writes what a hand could write here; a person presses the button that submits. */
  const done = []; /* what scans and commands wrote, newest last */
  const quantity = (row) => row && cell(row, "quantity");
  function write(row, total) {
    done.push({ row, before: raw(quantity(row)) });
    put(quantity(row), total);
    soon();
    return `${raw(cell(row, "item"))} → ${total} ${has(row, "unit") ? raw(cell(row, "unit")) : ""}`.trim();
  }
  function adding(more) {
    const known = latest?.isConnected && quantity(latest);
    if (!known) return ["warn", words.wFirst];
    return more ? ["ok", write(latest, String(Math.round((number(known) + more) * 1e6) / 1e6))] : ["warn", words.wNoPack];
  }
  const commands = {
    ADD10: () => adding(10),
    PACK: () => adding(Number(latest?.dataset.pack || 0)),
    UNDO() {
      const last = done.pop();
      if (!last?.row.isConnected) return ["warn", words.wNothing];
      if (!last.before) {
        remove(last.row);
        return ["ok", `${words.wBack} ${raw(cell(last.row, "item"))}`];
      }
      latest = last.row;
      const text = write(last.row, last.before);
      done.pop(); /* taking back is not taken back */
      return ["ok", `${words.wBack} ${text}`];
    },
    NEXT() {
      latest = null;
      visit(stops(lastRow())[0]);
      return ["ok", words.wNext];
    },
    OK() {
      const button = document.querySelector("#send [type=submit]");
      visit(button);
      return ["warn", words.wPress.replace("BUTTON", button.textContent.trim())];
    },
    PAUSE() {
      soon();
      setTimeout(() => location.assign("/"), 1500); /* what the grid still keeps is sent from here when it is opened again */
      return ["ok", words.wPause];
    },
  };
  document.addEventListener("command", (event) => {
    const act = commands[event.detail.name];
    if (!act) return;
    event.preventDefault();
    chain = chain.then(() => event.detail.say(...act()));
  });
  let chain = Promise.resolve();
  let refused = 0;
  ready.detail.scanned = async () => {
    const before = refused;
    for (let seen = null; seen !== chain;) await (seen = chain);
    return refused === before;
  };
  document.addEventListener("scanned", (event) => {
    event.preventDefault();
    const { meaning, say } = event.detail;
    const asked = meaning(); /* at once; taken in order */
    chain = chain.then(() => asked).then((found) => {
      if (found?.kind === "item") return goods(found, say);
      if (found?.kind === "place") return place(found, say);
      refused += 1;
      return found && say("bad", words.wScanOther.replace("THING", found.title));
    }).catch(() => { refused += 1; });
  });
});
