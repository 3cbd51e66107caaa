/* Behaviour of every page: theme, rail, shortcuts, menus, messages, scans. Every page works without it.
   Runs before the page is read, so that no key of a gun comes too early. */
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
  /* Groups of the rail stay as they were left. */
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.(".rail details[data-group]")) return;
    const open = [...document.querySelectorAll(".rail details[data-group][open]")].map((group) => group.dataset.group);
    document.cookie = `rail-open=${open.join(".")};${year}`;
  }, true);
  function keys() {
    const sheet = document.getElementById("keys");
    if (!sheet || sheet.open) return;
    sheet.showModal();
    document.body.dispatchEvent(new CustomEvent("help"));
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
  const fetched = new Map();
  function need(url) {
    if (!fetched.has(url)) {
      fetched.set(url, new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = url;
        script.onload = done;
        script.onerror = () => { fetched.delete(url); failed(new Error(url)); };
        document.head.append(script);
      }));
    }
    return fetched.get(url);
  }
  /* The same for other scripts: the event is left with `here`, a promise that the script has run. */
  document.addEventListener("need", (event) => { event.detail.here = need(event.detail.url); });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-find]")) need(event.target.form.dataset.js).catch(() => {});
  });
  /* Enter before the list of hits is there (it gives the box a role): it is pressed again once it is. */
  document.addEventListener("keydown", (event) => {
    const box = event.target;
    if (event.key !== "Enter" || event.isComposing || !box.matches?.("[data-find]:not([role])")) return;
    event.preventDefault();
    need(box.form.dataset.js).then(
      () => box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true })),
      () => box.form.submit(),
    );
  }, true);
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
    } else if (document.body?.dataset.singleKeys !== "off" && !burst && !control && !event.altKey
               && single[event.key] && !editable(event.target)) {
      event.preventDefault();
      waiting = setTimeout(single[event.key], gap);
    }
  });

  /* Scans: the contract is in boards/scan/__init__.py ------------------------------------------------------ */
  let tools = null;
  function tool() {
    const { scanJs } = document.body.dataset;
    tools = tools || new Promise((done, failed) => {
      document.addEventListener("scan-tools", (event) => done(event.detail), { once: true });
      need(scanJs).catch((error) => { tools = null; failed(error); });
    });
    return tools;
  }
  function scanned(code, source, since = Infinity) {
    if (!code || (listening && !document.body.dataset.scanJs)) return;
    if (!listening || leaving) held.push({ code, source, at: Date.now() });
    else tell(code, source, since);
  }
  /* Cards of commands act on the page's own work; they are known without the network. */
  const COMMAND = /^CMD-(OK|UNDO|NEXT|ADD10|PACK|EMPTY|PAUSE)$/i;
  function tell(code, source, since) {
    let asked = null;
    const meaning = () => (asked = asked || tool().then((found) => found.meaning(code)));
    const told = (tone, text) => tool().then((found) => found.say(tone, text)).catch(() => {});
    const carry = () => held.push({ code, source, at: Date.now() });
    const command = COMMAND.exec(code)?.[1].toUpperCase();
    if (command) {
      const detail = { name: command, since, say: told };
      if (document.dispatchEvent(new CustomEvent("command", { cancelable: true, detail }))) told("warn", messages().dataset.noCommand);
      return;
    }
    const detail = { code, source, since, at: Date.now(), meaning, say: told, carry };
    if (document.dispatchEvent(new CustomEvent("scanned", { cancelable: true, detail }))) {
      tool().then((found) => found.open(code)).catch(() => say("offline"));
    }
  }
  /* A scan waits until the scripts of its page listen. One that comes while the next page is on its way is meant for
     that one: it goes along. `data-scans` says whether a scan is taken at once. */
  const CARRIED = "scans-carried";
  const STAYS = 8000; /* a download leaves as well, and the page stays */
  let held = [];
  let listening = false;
  let leaving = 0;
  function listen() {
    clearTimeout(leaving);
    leaving = 0;
    listening = true;
    root.dataset.scans = "on";
    const carried = JSON.parse(sessionStorage.getItem(CARRIED) || "[]").filter((one) => Date.now() - one.at < 15000);
    sessionStorage.removeItem(CARRIED);
    const due = [...carried, ...held];
    held = [];
    due.forEach((one) => scanned(one.code, one.source));
  }
  window.addEventListener("beforeunload", () => {
    root.dataset.scans = "off";
    clearTimeout(leaving);
    leaving = setTimeout(listen, STAYS);
  });
  window.addEventListener("pagehide", () => {
    if (held.length) sessionStorage.setItem(CARRIED, JSON.stringify(held));
    held = [];
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  document.addEventListener("DOMContentLoaded", listen);
  document.addEventListener("scan-code", (event) => scanned(event.detail.code, event.detail.source));
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-camera]")) tool().then((found) => found.camera()).catch(() => say("offline"));
  });

  /* A gun types: four keys or more, each within 50 ms, 30 ms in the mean, then Enter or Tab. */
  const burst = { text: "", from: 0, last: -1000, field: null, value: "", ends: [0, 0] };
  const shifted = { 1: "!", 2: "@", 3: "#", 4: "$", 5: "%", 6: "^", 7: "&", 8: "*", 9: "(", 0: ")" };
  const marks = { Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Semicolon: ";:", Quote: "'\"", Comma: ",<",
    Period: ".>", Slash: "/?", Backslash: "\\|", Backquote: "`~", Space: "  " };
  function typed(event) {
    if (event.key === "F8" || (event.ctrlKey && event.code === "BracketRight")) return "\u001d"; /* FNC1 */
    if (event.ctrlKey || event.altKey || event.metaKey) return "";
    if (event.key.length === 1 && !event.isComposing) return event.key;
    if (event.key !== "Process" && !event.isComposing) return "";
    /* An input method keeps the letters to itself; the keys still say which they were. */
    const key = /^(?:Key|Digit|Numpad)([A-Z0-9])$/.exec(event.code);
    if (!key) return (marks[event.code] || "")[event.shiftKey ? 1 : 0] || "";
    if (/\d/.test(key[1])) return event.shiftKey ? shifted[key[1]] : key[1];
    return event.shiftKey !== event.getModifierState("CapsLock") ? key[1] : key[1].toLowerCase();
  }
  function begin(event) {
    const field = event.target;
    const texts = /^(TEXTAREA)$/.test(field.tagName) || (field.tagName === "INPUT" && !/^(checkbox|radio|range|file)$/.test(field.type));
    burst.field = texts ? field : null;
    burst.value = field.value;
    try {
      burst.ends = [field.selectionStart, field.selectionEnd];
    } catch {
      burst.ends = [null, null];
    }
    burst.from = event.timeStamp;
    burst.text = "";
  }
  function takeOut() {
    const { field, value, ends } = burst;
    if (!field || !field.isConnected || field.value === value) return;
    field.value = value;
    if (ends[0] !== null) field.setSelectionRange(...ends);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  document.addEventListener("keydown", (event) => {
    if (/^(Shift|Control|Alt|Meta|CapsLock)$/.test(event.key)) return;
    const gap = event.timeStamp - burst.last;
    burst.last = event.timeStamp;
    const ends = event.key === "Enter" || event.key === "Tab" || (event.key === "Process" && /^(Numpad)?Enter$/.test(event.code));
    if (event.repeat || !event.isTrusted || event.target.type === "password") burst.text = "";
    else if (ends && !event.ctrlKey) {
      const { text, from } = burst;
      burst.text = "";
      if (text.length < 4 || gap > 50 || (event.timeStamp - from) / text.length > 30 || (listening && !document.body.dataset.scanJs)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      takeOut();
      scanned(text, "gun", from);
    } else {
      const letter = typed(event);
      if (letter && (gap > 50 || !burst.text)) begin(event);
      burst.text = letter ? burst.text + letter : "";
      if (letter === "\u001d") event.preventDefault();
    }
  }, true);

  /* Forms --------------------------------------------------------------------------------------- */
  /* Filters answer at once; without script there is a button. */
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-auto]:not([hx-get])");
    if (form) form.requestSubmit();
  });
  /* A slider over days sets the moment beside it, and asks for it once it is let go. */
  document.addEventListener("DOMContentLoaded", () => {
    const asof = document.querySelector("input[data-asof]");
    if (!asof) return;
    const moment = document.getElementById(asof.dataset.asof);
    asof.hidden = false;
    asof.addEventListener("input", () => {
      const day = new Date(Date.now() + Number(asof.value) * 864e5 - new Date().getTimezoneOffset() * 6e4);
      moment.value = asof.value === "0" ? "" : `${day.toISOString().slice(0, 10)}T23:59`;
    });
    asof.addEventListener("change", () => asof.form.requestSubmit());
  });
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
