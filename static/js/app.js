/* Behaviour of every page: theme, rail, shortcuts, menus. Everything works without it. */
"use strict";
(function () {
  const root = document.documentElement;

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-switch]");
    if (button) {
      const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
      const next = (root.dataset.theme || system) === "dark" ? "light" : "dark";
      root.dataset.theme = next;
      document.cookie = `theme=${next};path=/;max-age=31536000;samesite=lax`;
    }
    document.querySelectorAll("details.tools[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    const close = event.target.closest("[data-close]");
    if (close) close.closest(".toast").remove();
  });

  function editable(element) {
    return element && (element.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName));
  }

  function slim(on) {
    document.querySelector(".app")?.classList.toggle("slim", on);
    try { localStorage.setItem("slim", on ? "1" : ""); } catch (error) { /* lasts for this page */ }
  }
  try { if (localStorage.getItem("slim")) slim(true); } catch (error) { /* private window */ }

  /* A gun scanner types faster than any hand: keys of a burst are no shortcuts. */
  let last = 0;
  document.addEventListener("keydown", (event) => {
    const burst = event.timeStamp - last < 30;
    last = event.timeStamp;
    if (event.isComposing || event.key === "Process") return;
    const find = document.querySelector("[data-find]");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && find) {
      event.preventDefault();
      find.focus();
      find.select();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      const form = event.target.closest("form");
      if (form && form.method === "post") { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (event.key === "Escape") {
      document.querySelectorAll("details.tools[open]").forEach((menu) => { menu.open = false; });
      return;
    }
    if (burst || event.ctrlKey || event.metaKey || event.altKey || editable(event.target)) return;
    if (event.key === "/" && find) { event.preventDefault(); find.focus(); }
    if (event.key === "[") slim(!document.querySelector(".app").classList.contains("slim"));
  });

  /* Filters answer at once; the button stays for those without script. */
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-auto]");
    if (form) form.requestSubmit();
  });

  /* A form is sent once. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
  });
})();
