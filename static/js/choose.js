/* Ticks of a list: all of a page, from one to another with Shift, X on the row with the focus; how many there are and what they add up to. Without script the boxes and their form work as they are. */
"use strict";
(function () {
  document.documentElement.classList.add("js");
  const KEPT = "chosen";
  let from = null;
  let waiting = 0;
  const list = () => document.getElementById("list");
  const boxes = () => [...(list()?.querySelectorAll('input[name="pick"]') || [])];
  const chosen = () => boxes().filter((box) => box.checked);

  function show() {
    const all = boxes();
    const on = chosen();
    const head = list()?.querySelector("[data-all-rows]");
    if (head) {
      head.checked = all.length > 0 && on.length === all.length;
      head.indeterminate = on.length > 0 && on.length < all.length;
    }
    all.forEach((box) => box.closest("tr").classList.toggle("on", box.checked));
    const words = list()?.querySelector("[data-chosen]");
    if (words && on.length) {
      const lang = document.documentElement.lang.startsWith("zh") ? "zh-CN" : "en";
      const text = on.length === 1 ? words.dataset.one : words.dataset.more.replace("#", on.length);
      const sums = on.filter((box) => box.dataset.sum).map((box) => Number(box.dataset.sum));
      const sum = sums.reduce((one, other) => one + other, 0);
      const figure = new Intl.NumberFormat(lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(sum);
      const said = `${text}${sums.length ? ` · ${figure}` : ""}`;
      if (words.textContent !== said) words.textContent = said;
    }
    keep(on.map((box) => box.value));
  }
  function keep(values) {
    try {
      if (values.length) sessionStorage.setItem(KEPT, JSON.stringify([location.pathname + location.search, values]));
      else sessionStorage.removeItem(KEPT);
    } catch { /* a browser without storage forgets them */ }
  }
  /* Back to a list finds its rows ticked again; any other way to it does not. */
  function restore() {
    if (performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
    try {
      const [where, values] = JSON.parse(sessionStorage.getItem(KEPT) || "[]");
      if (where !== location.pathname + location.search) return;
      boxes().forEach((box) => { box.checked = box.checked || values.includes(box.value); });
    } catch { /* nothing was kept */ }
  }
  function tick(box, on) {
    if (box.checked === on) return;
    box.checked = on;
  }
  function range(box) {
    const all = boxes();
    const [start, end] = [all.indexOf(from), all.indexOf(box)].sort((one, other) => one - other);
    if (start >= 0) all.slice(start, end + 1).forEach((one) => tick(one, box.checked));
  }

  document.addEventListener("click", (event) => {
    const box = event.target.closest?.('#list input[name="pick"]');
    if (box) {
      if (event.shiftKey && from?.isConnected) range(box);
      from = box;
      show();
    } else if (event.target.closest?.("[data-unchoose]")) {
      boxes().forEach((one) => tick(one, false));
      const every = list().querySelector('input[name="every"]');
      if (every) every.checked = false;
      show();
    }
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.("[data-all-rows]")) return;
    boxes().forEach((box) => tick(box, event.target.checked));
    show();
  });
  function rowOf(element) {
    return element.closest?.("#list tbody tr");
  }
  /* A gun scanner types these letters too: a key acts only if no other comes right behind it. */
  document.addEventListener("keydown", (event) => {
    clearTimeout(waiting);
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.body.dataset.singleKeys === "off") return;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (typing) return;
    const key = event.key.toLowerCase();
    if (key === "x") {
      const box = rowOf(event.target)?.querySelector('input[name="pick"]');
      if (!box) return;
      const shift = event.shiftKey;
      waiting = setTimeout(() => {
        tick(box, !box.checked);
        if (shift && from?.isConnected) range(box);
        from = box;
        show();
      }, 60);
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id === "list") show();
  });
  document.addEventListener("live:shown", show);
  window.addEventListener("pageshow", () => {
    restore();
    show();
  });
})();
