/* The inbox: J and K move, Enter opens, the chosen document is shown beside the list. All of it works without. */
"use strict";
(function () {
  document.documentElement.classList.add("js");
  const all = () => [...document.querySelectorAll("tr[data-row]")];
  const beside = () => document.getElementById("peek"); /* news may draw the page anew */
  let mine = ""; /* the row that is looked at, by its id: rows come and go */
  const at = () => all().findIndex((row) => row.dataset.id === mine);
  let asked = 0;
  let shown = ""; /* the row whose document stands beside: no key acts on another than the chosen one */
  async function show(row) {
    if (!row.dataset.peek || !beside()?.checkVisibility()) return;
    const turn = ++asked;
    const { id, peek } = row.dataset;
    beside().setAttribute("aria-busy", "true");
    const html = await fetch(peek, { headers: { "HX-Request": "true" } })
      .then((answer) => (answer.ok && !answer.redirected ? answer.text() : "")).catch(() => "");
    if (turn !== asked) return;
    beside()?.removeAttribute("aria-busy");
    if (!html || !beside()) return;
    beside().innerHTML = html;
    shown = id;
    window.htmx?.process(beside());
  }
  const chosen = (what) => (shown && shown === mine ? beside()?.querySelector(what) : null);
  function choose(place, move) {
    const rows = all();
    if (!rows.length) return;
    const now = Math.max(0, Math.min(rows.length - 1, place));
    mine = rows[now].dataset.id;
    rows.forEach((row, number) => row.classList.toggle("on", number === now));
    if (move) rows[now].scrollIntoView({ block: "nearest" });
    show(rows[now]);
  }
  /* Single letters only lead to a page where a reason is asked for; they never decide. A gun scanner types them too. */
  const LETTERS = { r: "/refuse/", t: "/forward/" };
  let waiting = 0;
  document.addEventListener("keydown", (event) => {
    clearTimeout(waiting);
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && !typing) {
      event.preventDefault();
      chosen("#verdict")?.requestSubmit();
      return;
    }
    const ends = LETTERS[event.key.toLowerCase()];
    if (ends && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing
        && document.body.dataset.singleKeys !== "off") {
      waiting = setTimeout(() => chosen(`a[href*="${ends}"]`)?.click(), 80);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (document.body.dataset.singleKeys === "off" && event.key !== "Enter") return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.matches('input:not([type="checkbox"]), select, textarea, button, a, summary')) return;
    const now = at();
    if (event.key === "j" || event.key === "J") choose(now + 1, true);
    else if (event.key === "k" || event.key === "K") choose(now - 1, true);
    else if (event.key === "x" || event.key === "X") all()[now]?.querySelector('input[name="pick"]')?.click();
    else if (event.key === "Enter" && now >= 0) all()[now].querySelector("a.row:not(.only-ph)").click();
  });
  /* How many are ticked and what they add up to; with Shift the rows in between come along. */
  const boxes = () => [...document.querySelectorAll('input[name="pick"]')];
  let from = null;
  function count() {
    const on = boxes().filter((box) => box.checked);
    const words = document.querySelector("[data-chosen]");
    if (!words) return;
    const sums = on.filter((box) => box.dataset.sum).map((box) => Number(box.dataset.sum));
    const sum = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(sums.reduce((a, b) => a + b, 0));
    const text = on.length === 1 ? words.dataset.one : words.dataset.more.replace("#", on.length);
    words.textContent = on.length ? `${text}${sums.length ? ` · ${sum}` : ""}` : "";
  }
  document.addEventListener("click", (event) => {
    const box = event.target.closest('input[name="pick"]');
    if (box) {
      const [start, end] = [boxes().indexOf(from), boxes().indexOf(box)].sort((one, other) => one - other);
      if (event.shiftKey && start >= 0) boxes().slice(start, end + 1).forEach((one) => { one.checked = box.checked; });
      from = box;
      count();
    } else if (event.target.closest("[data-all]")) {
      const every = boxes().every((one) => one.checked);
      boxes().forEach((one) => { one.checked = !every; });
      count();
    } else if (!event.target.closest("a, button, input")) {
      const row = event.target.closest("tr[data-row]");
      if (row) choose(all().indexOf(row));
    }
  });
  document.addEventListener("live:shown", () => {
    all().forEach((row) => row.classList.toggle("on", row.dataset.id === mine));
    count();
  });
  window.addEventListener("pageshow", count);
  const first = all().findIndex((row) => row.dataset.peek);
  if (first >= 0) choose(first);
})();
