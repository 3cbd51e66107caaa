/* Keeps what is on the screen up to date: asks the pulse once a second while the page is looked at, and reads
   the parts of [data-live] again when something has changed. Nothing moves under the pointer or the focus. */
"use strict";
(function () {
  const pulse = document.body.dataset.pulse;
  if (!pulse) return;
  const EVERY = 1000;
  const TOUCH = matchMedia("(hover: none)").matches;
  let known = null;
  let failed = 0;
  let timer = 0;
  let stopped = false;

  function online(yes) {
    document.body.toggleAttribute("data-offline", !yes);
  }
  async function look() {
    clearTimeout(timer);
    if (document.hidden || stopped) return;
    try {
      const answer = await fetch(pulse, { cache: "no-cache", credentials: "omit" });
      if (answer.status === 403) {
        stopped = true;
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const said = await answer.text();
      online(true);
      failed = 0;
      if (known !== null && said !== known) news(JSON.parse(known), JSON.parse(said));
      known = said;
    } catch {
      failed += 1;
      online(failed < 3);
    }
    timer = setTimeout(look, failed ? Math.min(EVERY * 2 ** failed, 15000) : EVERY);
  }
  function news(before, now) {
    const topics = Object.keys(now).filter((topic) => now[topic] !== before[topic]);
    document.body.dispatchEvent(new CustomEvent("live", { detail: { topics } }));
    document.querySelectorAll("[data-live]").forEach((live) => {
      if (!live.dataset.topics || topics.some((topic) => live.dataset.topics.split(" ").includes(topic))) ask(live);
    });
  }

  /* A page that takes long to read is read less often, so that many open pages never drown the server. */
  function ask(live) {
    if (live.liveTimer) return;
    const rest = Math.max(0, (live.liveNext || 0) - performance.now());
    live.liveTimer = setTimeout(() => refresh(live), rest + Math.random() * 200);
  }
  async function refresh(live) {
    const began = performance.now();
    live.liveTimer = 0;
    try {
      const answer = await fetch(live.dataset.live, { headers: { "HX-Request": "true" }, cache: "no-store" });
      if (answer.redirected && /^\/login\//.test(new URL(answer.url).pathname)) {
        stopped = true;
        return;
      }
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const parts = [...fresh.querySelectorAll("[data-part]")];
      const here = [...live.querySelectorAll("[data-part]")];
      if (parts.map((part) => part.dataset.part).join() !== here.map((part) => part.dataset.part).join()) {
        if (!here.some(busy)) live.innerHTML = fresh.body.innerHTML;
      } else here.forEach((part, place) => offer(part, parts[place]));
    } finally {
      const took = performance.now() - began;
      live.liveNext = performance.now() + Math.min(Math.max(EVERY, 3 * took), 10000);
    }
  }

  const busy = (part) => part.contains(document.activeElement) || (!TOUCH && part.matches(":hover"));
  const names = (part) => [...part.querySelectorAll("[data-tile]")].map((tile) => tile.dataset.tile).join();
  function offer(part, fresh) {
    part.waiting = null;
    if (same(part, fresh)) return;
    if ("steady" in part.dataset && names(part) === names(fresh)) {
      fresh.querySelectorAll("[data-tile]").forEach((tile, place) => {
        const shown = part.querySelectorAll("[data-tile]")[place];
        if (shown.innerHTML !== tile.innerHTML) shown.innerHTML = tile.innerHTML;
        shown.className = tile.className;
        shown.setAttribute("href", tile.getAttribute("href"));
      });
    } else if (busy(part)) {
      part.waiting = fresh;
      part.querySelector(".news")?.removeAttribute("hidden");
    } else show(part, fresh);
  }
  function same(part, fresh) {
    const shown = part.cloneNode(true);
    shown.querySelectorAll(".news").forEach((button) => button.setAttribute("hidden", ""));
    shown.querySelectorAll(".new").forEach((row) => row.classList.remove("new"));
    fresh.querySelectorAll(".news").forEach((button) => button.setAttribute("hidden", ""));
    const plain = (text) => text.replaceAll(' class=""', "").replace(/\s+/g, " ");
    return plain(shown.innerHTML) === plain(fresh.innerHTML);
  }
  function show(part, fresh) {
    const had = new Set([...part.querySelectorAll("[data-id]")].map((row) => row.dataset.id));
    const focus = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    part.innerHTML = fresh.innerHTML;
    part.querySelectorAll("[data-id]").forEach((row) => row.classList.toggle("new", !had.has(row.dataset.id)));
    if (focus) part.querySelector(`a[href="${CSS.escape(focus)}"]`)?.focus();
    part.waiting = null;
    window.htmx?.process(part);
    part.dispatchEvent(new CustomEvent("live:shown", { bubbles: true }));
  }
  function settle(event) {
    const part = event.target.closest?.("[data-part]");
    setTimeout(() => {
      if (part?.waiting && !busy(part)) show(part, part.waiting);
    }, 50);
  }
  document.addEventListener("pointerout", settle);
  document.addEventListener("focusout", settle);
  document.addEventListener("click", (event) => {
    const part = event.target.closest(".news")?.closest("[data-part]");
    if (part?.waiting) show(part, part.waiting);
  });
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
  look();
})();
