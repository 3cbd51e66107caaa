/* A document's page: autosave of what is carried out, mentions, photos, the time left to undo. All of it works without. */
"use strict";
(function () {
  document.documentElement.classList.add("js");
  const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}");
  const fresh = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };
  const GIVE_UP = 30000;
  function setVersion(version) {
    document.querySelectorAll('input[name="version"]').forEach((field) => { field.value = version; });
  }

  /* Carrying out: every field is saved when it is left, one after the other ---------------------------- */
  const carry = document.querySelector("form[data-carry]");
  if (carry) {
    const state = carry.querySelector("[data-saved]");
    const note = document.getElementById("carry-note");
    let queue = Promise.resolve();
    let unsaved = 0;
    const busy = (more) => {
      unsaved += more;
      carry.setAttribute("aria-busy", String(unsaved > 0));
    };
    /* What the row says now, not when its turn comes: a second check never goes along with the first count. */
    const save = (row) => {
      const said = [...row.querySelectorAll("input[name]")].map((field) => [field.name, field.value]);
      busy(1);
      queue = queue.then(() => send(row, said)).catch(() => {}).then(() => busy(-1));
    };
    const send = async (row, said) => {
      state.textContent = state.dataset.saving;
      const data = new FormData();
      data.set("version", carry.elements.version.value);
      data.set("key", fresh());
      said.forEach(([name, value]) => data.set(name, value));
      let answer;
      try {
        answer = await fetch(carry.dataset.record, { method: "POST", body: data, headers: { ...token(), "HX-Request": "true" }, redirect: "manual", signal: AbortSignal.timeout?.(GIVE_UP) });
      } catch {
        state.textContent = document.getElementById("messages")?.dataset.offline || "";
        row.classList.add("wrong");
        return;
      }
      const heard = JSON.parse(answer.headers.get("HX-Trigger") || "{}");
      const version = heard.documentSaved?.version || heard.documentChanged?.version;
      if (version) setVersion(version);
      row.classList.toggle("saved", answer.status === 204);
      row.classList.toggle("wrong", answer.status !== 204);
      state.textContent = answer.status === 204 ? state.dataset.words : "";
      if (answer.status === 204) {
        note.replaceChildren();
        document.dispatchEvent(new CustomEvent("remarks-ask", { detail: { keys: [row.dataset.key] } }));
      } else if (answer.status >= 400 && answer.headers.get("HX-Retarget")) note.innerHTML = await answer.text();
      else state.textContent = document.getElementById("messages")?.dataset.failed || "";
    };
    const plan = (row) => {
      const field = row.querySelector("[data-plan]");
      if (field.value !== field.dataset.plan) {
        field.value = field.dataset.plan;
        save(row);
      }
    };
    document.addEventListener("remark-take", ({ detail }) => {
      const row = carry.querySelector(`[data-key="${CSS.escape(detail.line)}"]`);
      row.querySelector("[data-plan]").value = detail.value;
      save(row);
    });
    carry.addEventListener("change", (event) => {
      const row = event.target.closest("[data-line]");
      if (row) save(row);
    });
    carry.addEventListener("click", (event) => {
      if (event.target.closest("[data-as-planned]")) plan(event.target.closest("[data-line]"));
      if (event.target.closest("[data-all-planned]")) {
        carry.querySelectorAll("[data-line]").forEach((row) => {
          if (!row.querySelector("[data-plan]").value) plan(row);
        });
      }
    });
    /* Scans: goods raise the figure of their line, a place goes to the line scanned last; what is not here says so loudly. */
    const lines = [...carry.querySelectorAll("[data-line]")];
    const input = (row, name) => row.querySelector(`input[name^="${name}."]`);
    const begun = new Map(lines.map((row) => [row, input(row, "actual").value]));
    const counted = (row) => (begun.get(row) && input(row, "rechecked")) || input(row, "actual");
    const figure = (field) => Number(field.value.replace(/,/g, "")) || 0;
    const short = (row) => figure(counted(row)) < Number(input(row, "actual").dataset.plan);
    const waiting = new Map();
    const now = (row) => {
      clearTimeout(waiting.get(row));
      if (waiting.delete(row)) busy(-1);
      save(row);
    };
    const later = (row) => {
      if (waiting.has(row)) clearTimeout(waiting.get(row));
      else busy(1);
      waiting.set(row, setTimeout(() => now(row), 400));
    };
    const flush = () => [...waiting.keys()].forEach(now);
    /* What was typed before a scan is saved by it: the browser tells no change of a field that a gun typed into. */
    const typed = new Set();
    carry.addEventListener("input", (event) => {
      const row = event.target.closest("[data-line]");
      if (!row) return;
      typed.add(row);
      if (waiting.has(row)) later(row); /* not in the midst of what is typed */
    });
    const keep = () => { typed.forEach(now); typed.clear(); };
    const words = carry.dataset;
    let latest = null;
    const place = (found, say) => {
      const field = latest && (input(latest, "source") || input(latest, "target"));
      if (!field) return say("warn", words.wFirst);
      field.value = found.place;
      later(latest);
      return say("ok", `${latest.dataset.line}: ${found.place}`);
    };
    const goods = (found, say) => {
      const mine = lines.filter((row) => row.dataset.item === found.item);
      if (!mine.length) return say("bad", words.wNotHere.replace("THING", found.title));
      const lotOf = (row) => input(row, "lot")?.value.trim() || "";
      const fits = mine.filter((row) => !found.lot || !lotOf(row) || lotOf(row) === found.lot);
      if (!fits.length) return say("bad", words.wLot.replace("LINE", mine[0].dataset.line).replace("MINE", lotOf(mine[0])).replace("THEIRS", found.lot));
      const same = fits.filter((row) => found.lot && lotOf(row) === found.lot);
      const row = same.find(short) || fits.find(short) || same[0] || fits[0];
      const field = counted(row);
      const more = (Number(found.base) * Number(row.dataset.den)) / Number(row.dataset.num);
      field.value = String(Math.round((figure(field) + more) * 1e6) / 1e6);
      if (found.lot && input(row, "lot") && !lotOf(row)) input(row, "lot").value = found.lot;
      lines.forEach((one) => one.classList.toggle("cur", one === row));
      row.scrollIntoView({ block: "nearest" });
      latest = row;
      later(row);
      /* At a desk the next digits say how many there really are. */
      if (matchMedia("(pointer: fine)").matches) {
        field.focus({ preventScroll: true });
        field.select();
      }
      const { plan } = input(row, "actual").dataset;
      const over = figure(field) > Number(plan);
      return say(over ? "warn" : "ok", `${row.dataset.line} · ${found.title} · ${field.value} / ${plan} ${row.dataset.unit}${over ? ` · ${words.wOver}` : ""}`);
    };
    let heard = Promise.resolve();
    let refused = 0;
    document.addEventListener("scanned", (event) => {
      event.preventDefault();
      keep();
      const { meaning } = event.detail;
      const say = (tone, text) => {
        if (tone === "bad") refused += 1;
        event.detail.say(tone, text);
      };
      const asked = meaning(); /* at once; taken in order */
      heard = heard.then(() => asked).then((found) => {
        if (found?.kind === "item") return goods(found, say);
        if (found?.kind === "place") return place(found, say);
        if (found) return say("bad", words.wNotHere.replace("THING", found.title));
        refused += 1;
        return undefined;
      }).catch(() => { refused += 1; });
    });
    /* Scans that are on their way belong to what is finished; whether none of them was refused, which is seen first. */
    const understood = async () => {
      const before = refused;
      for (let seen = null; seen !== heard;) await (seen = heard);
      return refused === before;
    };

    /* Enter goes to the next field, as a counter types; the form is sent by its button. */
    carry.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.ctrlKey || event.altKey || event.isComposing || event.target.tagName !== "INPUT") return;
      event.preventDefault();
      const fields = [...carry.querySelectorAll("[data-line] input")];
      const next = fields[fields.indexOf(event.target) + 1];
      if (next) next.focus(); else carry.querySelector(".btn-p").focus();
    });
    let pressed = false;
    carry.addEventListener("submit", (event) => {
      if (carry.dataset.settled) return;
      event.preventDefault();
      const button = event.submitter;
      if (pressed) return;
      pressed = true;
      understood().then(async (all) => {
        flush();
        await queue;
        pressed = false;
        if (!all) return;
        /* Later than this event: a form that is being submitted cannot be submitted again. */
        setTimeout(() => {
          carry.dataset.settled = "1";
          carry.requestSubmit(button);
          setTimeout(() => { delete carry.dataset.settled; }, 4000);
        });
      });
    });
  }

  /* @ tells somebody ------------------------------------------------------------------------------------ */
  const box = document.querySelector("form.comment");
  if (box) {
    const text = box.querySelector("textarea");
    const list = box.querySelector(".mention");
    let asked = 0;
    let letters = ""; /* those that the list answers */
    let taken = 0; /* Enter, before the answer to the letters that stand there */
    const close = () => {
      asked += 1; /* an answer that is still on its way shall not open it again */
      list.hidden = true;
      list.replaceChildren();
    };
    const word = () => /(^|[\s,;:，；：])@([\w.+\-\u4e00-\u9fff]*)$/.exec(text.value.slice(0, text.selectionStart));
    const choose = (username) => {
      const start = text.value.slice(0, text.selectionStart).replace(/@[\w.+\-\u4e00-\u9fff]*$/, `@${username} `);
      text.value = start + text.value.slice(text.selectionStart);
      text.setSelectionRange(start.length, start.length);
      text.focus();
      close();
    };
    text.addEventListener("input", async () => {
      const found = word();
      if (!found) return close();
      const mine = ++asked;
      const people = await fetch(`${box.dataset.people}?q=${encodeURIComponent(found[2])}`)
        .then(async (answer) => (answer.ok ? (await answer.json()).people : [])).catch(() => []);
      if (mine !== asked) return undefined;
      letters = found[2];
      if (taken === mine && people.length) return choose(people[0].username);
      list.replaceChildren(...people.map((one, place) => {
        const item = document.createElement("li");
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", place === 0);
        item.dataset.username = one.username;
        item.append(one.name);
        const end = document.createElement("span");
        end.className = "end";
        end.textContent = `@${one.username}`;
        item.append(end);
        return item;
      }));
      list.hidden = !people.length;
      return undefined;
    });
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest("li");
      if (item) choose(item.dataset.username);
    });
    text.addEventListener("keydown", (event) => {
      if (list.hidden || event.isComposing) return;
      const items = [...list.children];
      const now = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const next = (now + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length;
        items.forEach((item, place) => item.setAttribute("aria-selected", place === next));
      } else if ((event.key === "Enter" && !event.ctrlKey) || event.key === "Tab") {
        event.preventDefault();
        const typed = word()?.[2] ?? letters;
        const meant = typed === letters || items[now].textContent.toLowerCase().includes(typed.toLowerCase());
        if (meant) choose(items[now].dataset.username);
        else taken = asked;
      } else if (event.key === "Escape") close();
    });
    text.addEventListener("blur", close);
  }

  /* Photos and files are sent as soon as they are chosen, one choice after another: the last answer shows them all -- */
  const UPLOAD = 300000; /* a photo may take minutes; one that never arrives holds up the others no longer */
  let sending = Promise.resolve();
  async function upload(form, data) {
    const told = () => document.querySelector("#files [data-state]") || form.querySelector("[data-state]");
    told().textContent = told().dataset.sending;
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { ...token(), "HX-Request": "true" }, signal: AbortSignal.timeout?.(UPLOAD) });
      if (!answer.ok) throw new Error(String(answer.status));
      const part = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("files");
      document.getElementById("files").replaceWith(part);
      const counted = document.querySelector('.tabs [href="#files"] .cnt');
      if (counted) counted.textContent = part.querySelector("header .end").textContent;
      uploads(part);
    } catch {
      told().textContent = document.getElementById("messages")?.dataset.failed || "";
    }
  }
  function uploads(root) {
    root.querySelectorAll("form[data-upload]").forEach((form) => {
      form.classList.add("js-on");
      form.addEventListener("change", (event) => {
        const files = [...event.target.files];
        if (!files.length) return;
        const data = new FormData();
        files.forEach((file) => { data.append("files", file); data.append("keys", fresh()); });
        sending = sending.then(() => upload(form, data));
      });
    });
  }
  uploads(document);
  document.addEventListener("live:shown", (event) => uploads(event.target));
})();
