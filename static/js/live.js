/* Keeps what is on the screen up to date: asks the pulse once a second while the page is looked at, and reads
   the parts of [data-live] again (its address, else that of the page) when something has changed. Nothing moves
   under the pointer or the focus, what is typed or ticked stays; rows that stay where they are ([data-in-place]) change in
   place. A [data-last] part, which acts on what the others show, is never newer than they are;
   [data-reload] ones have script of their own and are only offered. */
"use strict";
(function () {
  const pulse = document.body.dataset.pulse;
  if (!pulse) return;
  const EVERY = 1000;
  const RETRY = 5000;
  const GIVE_UP = 20000;
  const TOUCH = matchMedia("(hover: none)").matches;
  let known = document.body.dataset.pulseSeen || "{}"; /* of when the server began to draw the page */
  let looking = false;
  let failed = 0;
  let timer = 0;
  let stopped = false;

  function online(yes) {
    document.body.toggleAttribute("data-offline", !yes);
  }
  async function look() {
    clearTimeout(timer);
    if (document.hidden || stopped || looking) return;
    looking = true;
    try {
      const answer = await fetch(pulse, { cache: "no-cache", credentials: "omit", signal: AbortSignal.timeout?.(GIVE_UP) });
      if (answer.status === 403) {
        stopped = true;
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const said = await answer.text();
      online(true);
      failed = 0;
      if (said !== known) news(JSON.parse(known), JSON.parse(said));
      known = said;
    } catch {
      failed += 1;
      online(failed < 3);
    } finally {
      looking = false;
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

  /* A page that takes long to read is read less often, so that many open pages never drown the server. It is read once
     at a time, else an older answer could come last; what happens meanwhile is read afterwards. */
  function ask(live) {
    live.liveStale = true;
    if (live.liveTimer || live.liveReading || document.hidden) return;
    const rest = Math.max(0, (live.liveNext || 0) - performance.now());
    live.liveTimer = setTimeout(() => refresh(live), rest + Math.random() * 200);
  }
  async function refresh(live) {
    live.liveTimer = 0;
    if (document.hidden || stopped) return;
    const began = performance.now();
    live.liveReading = true;
    live.liveStale = false;
    const where = live.dataset.live || location.href;
    const text = await read(live, where);
    const took = performance.now() - began;
    live.liveNext = performance.now() + Math.min(Math.max(live.liveStale ? RETRY : EVERY, 3 * took), 10000);
    live.liveReading = false;
    if (where !== (live.dataset.live || location.href)) live.liveStale = true;
    else if (text) take(live, new DOMParser().parseFromString(text, "text/html"));
    if (live.liveStale && live.isConnected) ask(live);
  }
  /* What stands there now; empty where it is the same as before. What could not be read stays to be read. */
  async function read(live, where) {
    const headers = { "HX-Request": "true" };
    if (live.id) headers["HX-Target"] = live.id;
    const seen = live.querySelector("[data-seen]")?.dataset.seen;
    if (seen) headers["If-None-Match"] = `"${seen}"`;
    try {
      const answer = await fetch(where, { headers, cache: "no-store", signal: AbortSignal.timeout?.(GIVE_UP) });
      if (answer.redirected && /^\/login\//.test(new URL(answer.url).pathname)) stopped = true;
      else if (answer.ok) return await answer.text();
      else if (answer.status >= 500) live.liveStale = true;
    } catch {
      live.liveStale = true;
    }
    return "";
  }
  function take(live, page) {
    page.querySelectorAll("[hx-swap-oob]").forEach((element) => element.remove());
    const fresh = page.querySelector("[data-live]") || page.body;
    const parts = [...fresh.querySelectorAll("[data-part]")];
    const here = [...live.querySelectorAll("[data-part]")];
    if (parts.map((part) => part.dataset.part).join() !== here.map((part) => part.dataset.part).join()) {
      if (here.some(busy)) {
        live.liveLate = true;
        return;
      }
      live.liveLate = false;
      live.innerHTML = fresh.innerHTML;
      window.htmx?.process(live);
      live.dispatchEvent(new CustomEvent("live:shown", { bubbles: true }));
      return;
    }
    here.forEach((part, place) => { if (!("last" in part.dataset)) offer(part, parts[place]); });
    here.forEach((part, place) => {
      if (!("last" in part.dataset)) return;
      if (here.some((other) => other !== part && other.waiting)) part.waiting = parts[place];
      else offer(part, parts[place]);
    });
  }

  function typed(field) {
    if (/^(checkbox|radio)$/.test(field.type)) return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected && option.defaultSelected);
    return field.value !== field.defaultValue;
  }
  function busy(part) {
    if (part.contains(document.activeElement) || (!TOUCH && part.matches(":hover"))) return true;
    if (part.querySelector("details.tools[open]")) return true;
    return [...part.querySelectorAll('textarea, select, input:not([name="pick"], [type="hidden"], [data-all-rows])')].some(typed);
  }
  const ticked = (part) => [...part.querySelectorAll('input[name="pick"]:checked')].map((box) => box.value);
  const rows = (part) => [...part.querySelectorAll("[data-id], [data-row]")];
  const id = (row) => row.dataset.id || row.querySelector('input[name="pick"]')?.value;
  const names = (part) => [...part.querySelectorAll("[data-tile]")].map((tile) => tile.dataset.tile).join();
  function offer(part, fresh) {
    part.waiting = null;
    if (same(part, fresh)) return;
    if ("inPlace" in part.dataset && mended(part, fresh)) return;
    if ("steady" in part.dataset && names(part) === names(fresh)) {
      fresh.querySelectorAll("[data-tile]").forEach((tile, place) => {
        const shown = part.querySelectorAll("[data-tile]")[place];
        if (shown.innerHTML !== tile.innerHTML) shown.innerHTML = tile.innerHTML;
        shown.className = tile.className;
        shown.setAttribute("href", tile.getAttribute("href"));
      });
    } else if ("reload" in part.dataset || busy(part) || ticked(part).some((value) => !fresh.querySelector(`input[name="pick"][value="${CSS.escape(value)}"]`))) {
      part.waiting = fresh;
      part.querySelector(".news")?.removeAttribute("hidden");
    } else show(part, fresh);
  }
  /* Rows that are there still say what holds now; true if that is all there is to it. */
  function mended(part, fresh) {
    const now = new Map(rows(fresh).map((row) => [id(row), row]));
    rows(part).forEach((row) => {
      const cells = [...(now.get(id(row))?.children || [])];
      [...row.children].forEach((cell, place) => {
        const other = cells[place];
        if (!other || cell.innerHTML === other.innerHTML || cell.contains(document.activeElement)) return;
        if (cell.querySelector('input[name="pick"]')) cell.querySelector("input").dataset.sum = other.querySelector("input")?.dataset.sum || "";
        else cell.innerHTML = other.innerHTML;
      });
    });
    const [foot, fresher] = [part.querySelector("tfoot"), fresh.querySelector("tfoot")];
    if (foot && fresher && foot.innerHTML !== fresher.innerHTML) foot.innerHTML = fresher.innerHTML;
    const ids = (one) => rows(one).map(id).join();
    if (ids(part) !== ids(fresh) || !ids(part)) return false;
    part.querySelector(".news")?.setAttribute("hidden", "");
    part.dispatchEvent(new CustomEvent("live:shown", { bubbles: true }));
    return true;
  }
  function same(part, fresh) {
    const shown = part.cloneNode(true);
    shown.querySelectorAll(".news").forEach((button) => button.setAttribute("hidden", ""));
    shown.querySelectorAll(".new, tr.on").forEach((row) => row.classList.remove("new", "on"));
    fresh.querySelectorAll(".news").forEach((button) => button.setAttribute("hidden", ""));
    const once = /(name="(?:key|csrfmiddlewaretoken)" value=")[^"]*/g;
    const plain = (text) => text.replaceAll(' class=""', "").replace(once, "$1").replace(/\s+/g, " ");
    return plain(shown.innerHTML) === plain(fresh.innerHTML);
  }
  function show(part, fresh) {
    const had = new Set(rows(part).map(id));
    const focus = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const ticks = ticked(part);
    const scroller = part.querySelector(".tw.list");
    const at = scroller && [scroller.scrollLeft, scroller.scrollTop];
    part.innerHTML = fresh.innerHTML;
    if (at) part.querySelector(".tw.list")?.scrollTo(...at);
    part.querySelectorAll('input[name="pick"]').forEach((box) => { box.checked = ticks.includes(box.value); });
    rows(part).forEach((row) => row.classList.toggle("new", !had.has(id(row))));
    if (focus) part.querySelector(`a[href="${CSS.escape(focus)}"]`)?.focus();
    part.waiting = null;
    window.htmx?.process(part);
    part.dispatchEvent(new CustomEvent("live:shown", { bubbles: true }));
    follow(part);
  }
  function follow(part) {
    const parts = [...(part.closest("[data-live]")?.querySelectorAll("[data-part]") || [])];
    if (parts.some((one) => one.waiting && !("last" in one.dataset))) return;
    parts.forEach((one) => { if (one.waiting && "last" in one.dataset && !busy(one)) show(one, one.waiting); });
  }
  function settle(event) {
    const part = event.target.closest?.("[data-part]");
    setTimeout(() => {
      const live = part?.closest("[data-live]");
      if (live?.liveLate && ![...live.querySelectorAll("[data-part]")].some(busy)) ask(live);
      if (!part?.waiting || "reload" in part.dataset || busy(part)) return;
      if ("last" in part.dataset) follow(part);
      else show(part, part.waiting);
    }, 50);
  }
  document.addEventListener("pointerout", settle);
  document.addEventListener("focusout", settle);
  document.addEventListener("click", (event) => {
    const part = event.target.closest(".news")?.closest("[data-part]");
    if (part?.waiting && "reload" in part.dataset) location.reload();
    else if (part?.waiting) show(part, part.waiting);
  });
  document.addEventListener("visibilitychange", () => {
    look();
    document.querySelectorAll("[data-live]").forEach((live) => { if (live.liveStale) ask(live); });
  });
  window.addEventListener("online", look);
  look();
})();
