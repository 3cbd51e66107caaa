/* The list under the search box: what the text finds, by keyboard and thumb; before anything is typed, what was opened last. */
"use strict";
(function () {
  const box = document.querySelector("[data-find]");
  const form = box?.form;
  if (!form || form.querySelector(".hits")) return;
  const words = form.dataset;
  const store = `recent:${words.user}`;
  const list = document.createElement("div");
  list.className = "hits pop";
  list.id = "hits";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words.wFound);
  list.hidden = true;
  form.append(list);
  for (const [name, value] of [["role", "combobox"], ["aria-controls", "hits"], ["aria-autocomplete", "list"], ["aria-expanded", "false"]]) box.setAttribute(name, value);

  const options = () => [...list.querySelectorAll(".hit")];
  const chosen = () => list.querySelector("[aria-selected=true]");
  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    if (option) {
      box.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else box.removeAttribute("aria-activedescendant");
  }
  function show(on) {
    list.hidden = !on;
    box.setAttribute("aria-expanded", on);
    form.classList.toggle("open", on);
    if (!on) box.removeAttribute("aria-activedescendant");
  }

  /* What was opened last, on this device, by this person ------------------------------------------------ */
  function recent() {
    try {
      return JSON.parse(localStorage.getItem(store) || "[]");
    } catch {
      return [];
    }
  }
  function remember(option) {
    const kept = { url: option.getAttribute("href"), icon: option.querySelector("use").getAttribute("href"),
      parts: [...option.querySelectorAll("span")].filter((one) => !one.classList.contains("end")).map((one) => [one.className, one.textContent]) };
    const rest = recent().filter((one) => one.url !== kept.url);
    localStorage.setItem(store, JSON.stringify([kept, ...rest].slice(0, 8)));
  }
  function drawRecent() {
    const found = recent();
    if (!found.length) return null;
    const group = document.createElement("div");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", words.wRecent);
    const head = document.createElement("p");
    head.className = "over";
    head.textContent = words.wRecent;
    head.setAttribute("aria-hidden", "true");
    group.append(head, ...found.filter((one) => /^\//.test(one.url)).map((one, place) => {
      const option = document.createElement("a");
      option.className = "hit";
      option.id = `hit-recent-${place}`;
      option.href = one.url;
      option.tabIndex = -1;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.innerHTML = '<svg class="ic" aria-hidden="true"><use/></svg>';
      option.querySelector("use").setAttribute("href", one.icon);
      for (const [css, text] of one.parts) {
        const part = document.createElement("span");
        part.className = css;
        part.textContent = text;
        option.append(part);
      }
      return option;
    }));
    return group;
  }

  /* Asking: the newest question wins; Enter waits for its answer ---------------------------------------- */
  let timer = 0;
  let asked = null;
  let answered = "";
  let going = false;
  async function ask() {
    asked?.abort();
    asked = new AbortController();
    const { signal } = asked;
    const text = box.value.trim();
    let html;
    try {
      const answer = await fetch(`${words.palette}?q=${encodeURIComponent(text)}`, { signal });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      html = await answer.text();
    } catch {
      if (going && !signal.aborted) form.submit(); /* no answer of its own: the page of the search says why */
      return;
    }
    answered = text;
    list.innerHTML = html;
    if (!text) {
      const last = drawRecent();
      if (last) list.prepend(last);
    }
    show(document.activeElement === box);
    choose(text ? options()[0] : null);
    if (going && box.value.trim() === text) go();
  }
  function soon() {
    going = false;
    clearTimeout(timer);
    timer = setTimeout(ask, 90);
  }
  function go() {
    going = false;
    const option = chosen() || (box.value.trim() && options()[0]);
    if (option) open_(option);
    else if (box.value.trim()) form.submit();
  }
  function open_(option) {
    remember(option);
    show(false);
    location.assign(option.href);
  }

  box.addEventListener("input", soon);
  box.addEventListener("focus", ask);
  box.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== box) show(false); }, 150));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest(".hit");
    if (option) remember(option);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.key === "Process") return;
    const all = options();
    const now = all.indexOf(chosen());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return void ask();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(all[(now + step + all.length) % all.length] || all[0]);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (list.hidden) return box.blur();
      event.preventDefault(); /* the text stays */
      show(false);
    } else if (event.key === "Enter" && !event.ctrlKey) {
      const text = box.value.trim();
      if (!text && !chosen()) return;
      event.preventDefault();
      if (answered === text && !list.hidden) {
        const option = chosen();
        if (option && (event.metaKey || event.shiftKey)) window.open(option.href);
        else go();
      } else {
        going = true;
        clearTimeout(timer);
        ask();
        going = true;
      }
    }
  });
  if (document.activeElement === box) ask();
})();
