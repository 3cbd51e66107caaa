/* The inbox: J and K move, Enter opens, the chosen document is shown beside the list. All of it works without. */
"use strict";
(function () {
  document.documentElement.classList.add("js");
  const rows = [...document.querySelectorAll("tr[data-row]")];
  const peek = document.getElementById("peek");
  let now = -1;
  let asked = 0;
  async function show(row) {
    if (!peek || !row.dataset.peek || !peek.checkVisibility()) return;
    const mine = ++asked;
    const answer = await fetch(row.dataset.peek, { headers: { "HX-Request": "true" } });
    if (mine !== asked) return;
    if (answer.ok && !answer.redirected) {
      peek.innerHTML = await answer.text();
      window.htmx?.process(peek);
    }
  }
  function choose(place, move) {
    if (!rows.length) return;
    now = Math.max(0, Math.min(rows.length - 1, place));
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
      peek?.querySelector("#verdict")?.requestSubmit();
      return;
    }
    const ends = LETTERS[event.key.toLowerCase()];
    if (ends && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing
        && document.body.dataset.singleKeys !== "off") {
      waiting = setTimeout(() => peek?.querySelector(`a[href*="${ends}"]`)?.click(), 80);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (document.body.dataset.singleKeys === "off" && event.key !== "Enter") return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (/^(INPUT|SELECT|TEXTAREA|BUTTON|A|SUMMARY)$/.test(event.target.tagName)) return;
    if (event.key === "j" || event.key === "J") choose(now + 1, true);
    else if (event.key === "k" || event.key === "K") choose(now - 1, true);
    else if (event.key === "Enter" && now >= 0) rows[now].querySelector("a.row:not(.only-ph)").click();
  });
  rows.forEach((row, place) => row.addEventListener("click", (event) => {
    if (!event.target.closest("a, input, button")) choose(place);
  }));
  document.querySelector("[data-all]")?.addEventListener("click", () => {
    const boxes = [...document.querySelectorAll('input[name="pick"]')];
    const all = boxes.every((box) => box.checked);
    boxes.forEach((box) => { box.checked = !all; });
  });
  const first = rows.findIndex((row) => row.dataset.peek);
  if (first >= 0) choose(first);
})();
