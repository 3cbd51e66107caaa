/* What is unusual about a figure, said below its line, with a way to take what was meant and to say that it is right.
   The contract: [data-remarks] names the address, data-w-right, data-w-accepted and data-w-failed the words; below it each [data-line]
   (or [data-key]) is a line. Dispatch "remarks-ask" with {keys, counting}; "remark-take" tells {line, value}. */
"use strict";
(function () {
  const box = document.querySelector("[data-remarks]");
  if (!box) return;
  const words = box.dataset;
  const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}");
  const rowOf = (key) => box.querySelector(`[data-key="${CSS.escape(key)}"]`) || box.querySelector(`[data-line="${CSS.escape(key)}"]`);
  const below = (key) => box.querySelectorAll(`[data-remark-of="${CSS.escape(key)}"]`);

  function button(text, keys, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn";
    made.textContent = text;
    made.setAttribute("aria-keyshortcuts", keys);
    made.addEventListener("click", act);
    return made;
  }
  function draw(key, remark) {
    const note = document.createElement("li");
    note.className = "note warn remark";
    note.dataset.remarkOf = key;
    const said = document.createElement("span");
    said.textContent = remark.text;
    const choices = document.createElement("span");
    choices.className = "do";
    if (remark.action) {
      const take = button(remark.action, "Alt+Enter", () => {
        below(key).forEach((one) => one.remove());
        document.dispatchEvent(new CustomEvent("remark-take", { detail: { line: key, value: remark.value } }));
      });
      take.dataset.take = remark.value;
      choices.append(take);
    }
    const right = button(words.wRight, "Alt+Shift+Enter", () => accept(key, remark, note));
    right.dataset.right = remark.code;
    choices.append(right);
    note.append(said, choices);
    return note;
  }
  async function accept(key, remark, note) {
    const name = `${key} ${remark.code}`;
    if (accepted.has(name)) return;
    accepted.set(name, ++asked);
    const body = new FormData();
    body.set("line", key);
    body.set("code", remark.code);
    const answer = await fetch(remark.accept, { method: "POST", body, headers: { ...token(), Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) {
      accepted.delete(name);
      note.firstElementChild.textContent = `${remark.text} ${words.wFailed}`;
      return;
    }
    note.className = "note ok remark";
    note.textContent = words.wAccepted;
    setTimeout(() => note.remove(), 4000);
  }
  /* An answer of before says nothing of a line that was asked for since, nor of what was accepted since. */
  let asked = 0;
  const newest = new Map();
  const accepted = new Map();
  async function ask({ keys = [], counting = false } = {}) {
    const turn = ++asked;
    keys.forEach((key) => newest.set(key, turn));
    const query = new URLSearchParams(keys.map((key) => ["line", key]));
    if (counting) query.set("counting", "1");
    const answer = await fetch(`${words.remarks}?${query}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    for (const [key, remarks] of Object.entries((await answer.json()).lines)) {
      if (newest.get(key) > turn) continue;
      below(key).forEach((one) => one.remove());
      const since = remarks.filter((one) => !(accepted.get(`${key} ${one.code}`) > turn));
      since.forEach((one) => accepted.delete(`${key} ${one.code}`)); /* it is asked anew */
      rowOf(key)?.after(...since.map((one) => draw(key, one)));
    }
  }
  document.addEventListener("remarks-ask", ({ detail }) => { ask(detail); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.altKey || event.isComposing) return;
    const row = event.target.closest?.("[data-key], [data-line]") || box.querySelector(".cur");
    const note = row?.nextElementSibling?.matches(".remark") ? row.nextElementSibling : box.querySelector(".remark");
    const made = note?.querySelector(event.shiftKey ? "[data-right]" : "[data-take]");
    if (!made) return;
    event.preventDefault();
    made.click();
  });
  ask({ counting: box.hasAttribute("data-counting") });
})();
