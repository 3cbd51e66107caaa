/* Behaviour of every page: theme, rail, shortcuts, menus, messages. Every page works without it. */
"use strict";
(function () {
  const root = document.documentElement;
  const year = "path=/;max-age=31536000;samesite=lax";

  function closeMenus(except) {
    document.querySelectorAll("details.tools[open]").forEach((menu) => {
      if (!except || !menu.contains(except)) menu.open = false;
    });
  }

  /* Messages ------------------------------------------------------------------------------------ */
  const messages = () => document.getElementById("messages");
  function say(word) {
    const box = messages();
    if (!box || box.querySelector(`[data-said="${word}"]`)) return;
    const toast = document.createElement("div");
    toast.className = "toast error";
    toast.dataset.said = word;
    toast.setAttribute("role", "alert");
    const text = document.createElement("span");
    text.textContent = box.dataset[word];
    const shut = document.createElement("button");
    shut.className = "btn";
    shut.type = "button";
    shut.dataset.shut = "";
    shut.textContent = box.dataset.close;
    toast.append(text, shut);
    box.append(toast);
  }
  setTimeout(() => {
    document.querySelectorAll(".msgs .toast:not(.error, .warning)").forEach((toast) => toast.remove());
  }, 10000);

  /* Clicks -------------------------------------------------------------------------------------- */
  function slim(on) {
    document.querySelector(".app")?.classList.toggle("slim", on);
    document.cookie = `rail=${on ? "slim" : ""};${year}`;
  }
  function keys() {
    const sheet = document.getElementById("keys");
    if (sheet && !sheet.open) sheet.showModal();
  }
  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.closest("[data-theme-switch]")) {
      const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
      root.dataset.theme = (root.dataset.theme || system) === "dark" ? "light" : "dark";
      document.cookie = `theme=${root.dataset.theme};${year}`;
    }
    if (target.closest("[data-keys]")) keys();
    if (target.id === "keys") target.close();
    target.closest("[data-shut]")?.closest(".toast").remove();
    closeMenus(target);
  });
  /* Shift on a column head adds it as the second key of the order. */
  document.addEventListener("click", (event) => {
    const head = event.shiftKey && event.target.closest("a[data-more]");
    if (!head) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    location.assign(head.dataset.more);
  }, true);

  /* Keys ---------------------------------------------------------------------------------------- */
  function editable(element) {
    return element.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName);
  }
  function find() {
    const box = document.querySelector("[data-find]");
    box?.focus();
    box?.select();
  }
  /* What a page seldom needs is fetched when it is first needed. */
  const fetched = new Set();
  function need(url) {
    if (!url || fetched.has(url)) return;
    fetched.add(url);
    const script = document.createElement("script");
    script.src = url;
    document.head.append(script);
  }
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-find]")) need(event.target.form.dataset.js);
  });
  const single = {
    "/": find,
    "?": keys,
    "[": () => slim(!document.querySelector(".app")?.classList.contains("slim")),
  };
  /* A gun scanner types faster than any hand: a key acts only if no other comes right before or after it. */
  const gap = 60;
  let last = -gap;
  let waiting = 0;
  document.addEventListener("keydown", (event) => {
    const burst = event.timeStamp - last < gap;
    last = event.timeStamp;
    clearTimeout(waiting);
    if (event.isComposing || event.key === "Process") return;
    const control = event.ctrlKey || event.metaKey;
    if (control && event.key.toLowerCase() === "k" && document.querySelector("[data-find]")) {
      event.preventDefault();
      find();
    } else if (control && event.key === "Enter") {
      const form = event.target.closest("form");
      if (form && form.method === "post") {
        event.preventDefault();
        form.requestSubmit();
      }
    } else if (event.key === "Escape") {
      closeMenus();
      if (location.hash === "#menu") location.hash = "#main";
    } else if (document.body.dataset.singleKeys !== "off" && !burst && !control && !event.altKey
               && single[event.key] && !editable(event.target)) {
      event.preventDefault();
      waiting = setTimeout(single[event.key], gap);
    }
  });

  /* Forms --------------------------------------------------------------------------------------- */
  /* Filters answer at once; without script there is a button. */
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-auto]:not([hx-get])");
    if (form) form.requestSubmit();
  });
  /* A slider over days sets the moment beside it, and asks for it once it is let go. */
  const asof = document.querySelector("input[data-asof]");
  if (asof) {
    const moment = document.getElementById(asof.dataset.asof);
    asof.hidden = false;
    asof.addEventListener("input", () => {
      const day = new Date(Date.now() + Number(asof.value) * 864e5 - new Date().getTimezoneOffset() * 6e4);
      moment.value = asof.value === "0" ? "" : `${day.toISOString().slice(0, 10)}T23:59`;
    });
    asof.addEventListener("change", () => asof.form.requestSubmit());
  }
  /* A year typed digit by digit is a date at each digit: an answer to the year 2 would take the field away. */
  document.addEventListener("change", (event) => {
    if (/^date/.test(event.target.type) && event.target.value.startsWith("0")) event.stopImmediatePropagation();
  }, true);
  /* What is empty says nothing: it stays out of the address. */
  document.addEventListener("formdata", (event) => {
    if (event.target.method !== "get") return;
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
  /* A form is sent once. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
  });

  /* Answers of the server ------------------------------------------------------------------------ */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const xhr = event.detail.xhr;
    if (xhr.responseURL && /^\/login\//.test(new URL(xhr.responseURL).pathname)) {
      event.detail.shouldSwap = false;
      say("signedOut");
    } else if (xhr.status >= 400) {
      event.detail.shouldSwap = Boolean(xhr.getResponseHeader("HX-Retarget"));
      if (!event.detail.shouldSwap) say("failed");
    }
  });
  document.addEventListener("htmx:sendError", () => say("offline"));
  document.addEventListener("htmx:afterSettle", (event) => {
    const list = event.detail.target;
    if (list?.id !== "list") return;
    const top = list.getBoundingClientRect().top;
    if (top < 0) scrollBy(0, top - 100);
  });
})();
