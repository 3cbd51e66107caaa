/* A list under the hands: J and K along the rows, copying as a table, order and width of columns, groups that fold, and Back
   that finds the place again. Without script the list works as it is. */
"use strict";
(function () {
  document.documentElement.classList.add("js");
  const list = () => document.getElementById("list");
  const table = () => list()?.querySelector(".tbl");
  const rows = () => [...(list()?.querySelectorAll("tbody tr[data-row]") || [])].filter((row) => !row.hidden);
  const rowOf = (element) => element?.closest?.("#list tbody tr[data-row]");
  const here = () => location.pathname + location.search;
  const HOLD = 60; /* a gun types letters too: a key acts only if no other comes right behind it */
  let waiting = 0;

  /* Rows ---------------------------------------------------------------------------------------- */
  function walk(step) {
    const all = rows();
    if (!all.length) return;
    const place = all.indexOf(rowOf(document.activeElement));
    const row = all[place < 0 ? 0 : Math.min(Math.max(place + step, 0), all.length - 1)];
    (row.querySelector("a") || row.querySelector("input"))?.focus();
    row.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("keydown", (event) => {
    clearTimeout(waiting);
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.body.dataset.singleKeys === "off") return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox") return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") waiting = setTimeout(() => walk(key === "j" ? 1 : -1), HOLD);
  });

  /* Groups -------------------------------------------------------------------------------------- */
  document.addEventListener("click", (event) => {
    const head = event.target.closest?.("[data-fold]");
    if (!head) return;
    const open = head.getAttribute("aria-expanded") !== "true";
    head.setAttribute("aria-expanded", String(open));
    for (let row = head.closest("tr").nextElementSibling; row && !row.matches(".grp"); row = row.nextElementSibling) row.hidden = !open;
  });

  /* Copying: numbers as numbers, codes as text with their zeros ----------------------------------------- */
  function said(cell) {
    const copy = cell.cloneNode(true);
    copy.querySelectorAll(".vh, .only-ph, [aria-hidden], svg, form, button").forEach((part) => part.remove());
    const text = copy.textContent.replace(/\s+/g, " ").trim();
    return cell.matches(".n") && /^[−-]?[\d,]*\.?\d+$/.test(text) ? text.replaceAll(",", "").replace("−", "-") : text;
  }
  const safe = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  function copied() {
    const chosen = rows().filter((row) => row.querySelector('input[name="pick"]:checked'));
    const lines = [table().querySelector("thead tr"), ...(chosen.length ? chosen : rows())];
    const cells = lines.map((line) => [...line.children].filter((cell) => !cell.matches(".pk")));
    const text = cells.map((line) => line.map(said).join("\t")).join("\r\n");
    const td = (cell) => `<td${cell.matches(".n") ? "" : ' style="mso-number-format:\'\\@\'"'}>${safe(said(cell))}</td>`;
    const html = `<table>${cells.map((line) => `<tr>${line.map(td).join("")}</tr>`).join("")}</table>`;
    return { text, html, count: lines.length - 1 };
  }
  function tell(count) {
    const button = document.querySelector("[data-copy]");
    if (!button) return;
    const words = button.querySelector("span");
    words.dataset.was = words.dataset.was || words.textContent;
    words.textContent = button.dataset.done.replace("#", count);
    setTimeout(() => { words.textContent = words.dataset.was; }, 2500);
  }
  /* Without permission for the clipboard's own door, the browser's copy event carries it. */
  document.addEventListener("copy", (event) => {
    const typing = /^(INPUT|TEXTAREA)$/.test(document.activeElement?.tagName) && document.activeElement.type !== "checkbox";
    if (typing || !getSelection().isCollapsed || !table()) return;
    const { text, html, count } = copied();
    event.clipboardData.setData("text/plain", text);
    event.clipboardData.setData("text/html", html);
    event.preventDefault();
    tell(count);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-copy]") || !table()) return;
    getSelection().removeAllRanges();
    document.execCommand("copy");
  });

  /* Columns: order and width ------------------------------------------------------------------------ */
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  function widths() {
    const heads = [...(table()?.querySelectorAll("thead th") || [])];
    const rules = heads.map((head, place) => {
      const wide = Number(head.dataset.w || 0);
      if (!wide) return "";
      const where = `#list .tbl tr > :nth-child(${place + 1}):not([colspan])`;
      return `@media (min-width: 761px) { ${where} { width: ${wide}px; min-width: ${wide}px; max-width: ${wide}px; overflow: hidden; text-overflow: ellipsis; } }`;
    });
    sheet.replaceSync(rules.join(""));
  }
  function keep() {
    const url = new URL(location.href);
    url.searchParams.delete("col");
    table().querySelectorAll("thead th[data-col]").forEach((head) => {
      url.searchParams.append("col", head.dataset.w ? `${head.dataset.col}:${head.dataset.w}` : head.dataset.col);
    });
    history.replaceState(history.state, "", url);
    fetch(url, { headers: { "HX-Request": "true", "HX-Target": "list" } }).catch(() => {});
  }
  document.addEventListener("pointerdown", (event) => {
    const head = event.target.closest?.("[data-grip]")?.closest("th");
    if (!head || event.button) return;
    event.preventDefault();
    const [from, was] = [event.clientX, head.getBoundingClientRect().width];
    const drag = (moved) => {
      head.dataset.w = String(Math.round(Math.min(Math.max(was + moved.clientX - from, 40), 900)));
      widths();
    };
    document.addEventListener("pointermove", drag);
    document.addEventListener("pointerup", () => {
      document.removeEventListener("pointermove", drag);
      if (head.dataset.w) keep();
    }, { once: true });
  });
  document.addEventListener("dblclick", (event) => {
    const head = event.target.closest?.("[data-grip]")?.closest("th");
    if (!head) return;
    head.dataset.w = "";
    widths();
    keep();
  });
  /* What only a script can use comes when the columns are opened: sent with each line, it would weigh on every visit. */
  document.addEventListener("toggle", ({ target }) => {
    const form = target.open && target.querySelector("[data-columns]");
    form && form.querySelectorAll("[data-line]:not(:has(button))").forEach((line) => {
      const tools = form.querySelector("template").content.cloneNode(true);
      const name = line.textContent.trim();
      tools.querySelectorAll("[aria-label]").forEach((one) => one.setAttribute("aria-label", one.getAttribute("aria-label").replace("#", name)));
      const wide = tools.querySelector("input");
      wide.dataset.width = line.querySelector("[name=col]").value;
      wide.value = line.dataset.w || "";
      line.append(tools);
    });
  }, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-move]");
    if (!button) return;
    const line = button.closest("[data-line]");
    const other = button.dataset.move === "up" ? line.previousElementSibling : line.nextElementSibling;
    if (!other?.matches("[data-line]")) return;
    if (button.dataset.move === "up") other.before(line);
    else other.after(line);
    button.focus();
  });
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("[data-columns]")) return;
    const wide = (key) => event.target.querySelector(`[data-width="${CSS.escape(key)}"]`)?.value;
    const keys = event.formData.getAll("col");
    event.formData.delete("col");
    keys.forEach((key) => event.formData.append("col", wide(key) ? `${key}:${wide(key)}` : key));
  });

  /* Back ---------------------------------------------------------------------------------------- */
  const KEPT = "list-place";
  addEventListener("pagehide", () => {
    const scroller = list()?.querySelector(".tw.list");
    if (!scroller) return;
    const links = rows().map((row) => row.querySelector("a")?.getAttribute("href")).filter(Boolean);
    const on = rowOf(document.activeElement)?.querySelector("a")?.getAttribute("href") || "";
    try {
      sessionStorage.setItem(KEPT, JSON.stringify({ url: here(), at: [scroller.scrollLeft, scroller.scrollTop, scrollY], on, links, title: document.querySelector("h1")?.textContent || "" }));
    } catch { /* a browser without storage forgets it */ }
  });
  function restore() {
    if (performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
    try {
      const { url, at, on } = JSON.parse(sessionStorage.getItem(KEPT) || "{}");
      if (url !== here()) return;
      const link = on && list().querySelector(`tbody a[href="${CSS.escape(on)}"]`);
      link?.focus({ preventScroll: true });
      list().querySelector(".tw.list")?.scrollTo(at[0], at[1]);
      scrollTo(0, at[2]);
    } catch { /* nothing was kept */ }
  }
  document.addEventListener("htmx:afterSettle", (event) => { if (event.detail.target?.id === "list") widths(); });
  document.addEventListener("live:shown", widths);
  addEventListener("pageshow", restore);
  widths();
})();
