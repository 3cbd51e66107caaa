/* What a scan means and how it is told: sound, vibration, a line; the question about unknown codes; the camera.
   Fetched with the first scan; the contract is in boards/scan/__init__.py. */
"use strict";
(function () {
  const root = document.body.dataset.scan;
  const part = (name) => root.replace(/read\/$/, `${name}/`);
  const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}");

  /* Telling ------------------------------------------------------------------------------------------- */
  let sounds = null;
  function tone(at, pitch, length) {
    const made = sounds.createOscillator();
    const loud = sounds.createGain();
    made.frequency.value = pitch;
    loud.gain.setValueAtTime(0.12, sounds.currentTime + at);
    loud.gain.exponentialRampToValueAtTime(0.001, sounds.currentTime + at + length);
    made.connect(loud).connect(sounds.destination);
    made.start(sounds.currentTime + at);
    made.stop(sounds.currentTime + at + length);
  }
  function sound(kind) {
    if (localStorage.getItem("scan-mute") || !window.AudioContext) return;
    sounds = sounds || new AudioContext();
    if (kind === "ok") tone(0, 1175, 0.09);
    else if (kind === "warn") { tone(0, 660, 0.1); tone(0.13, 660, 0.1); }
    else { tone(0, 220, 0.18); tone(0.22, 175, 0.28); }
  }
  const line = document.createElement("div");
  line.id = "scan-said";
  line.setAttribute("role", "status");
  line.popover = "manual"; /* above an open dialog, too */
  document.body.append(line);
  let hide = 0;
  function say(kind, text) {
    sound(kind);
    navigator.vibrate?.(kind === "ok" ? 30 : [80, 60, 80, 60, 80]);
    line.className = `said ${kind}`;
    line.textContent = text;
    line.hidePopover?.();
    line.showPopover?.();
    document.body.classList.remove("flash-ok", "flash-warn", "flash-bad");
    void line.offsetWidth; /* so that the same flash begins again */
    document.body.classList.add(`flash-${kind}`);
    clearTimeout(hide);
    hide = setTimeout(() => line.classList.add("gone"), kind === "ok" ? 4000 : 12000);
  }

  const GIVE_UP = 15000; /* those behind it wait for its answer */

  /* Meaning ------------------------------------------------------------------------------------------- */
  const known = new Map();
  const back = () => new Promise((done) => {
    addEventListener("online", done, { once: true });
    setTimeout(done, 3000);
  });
  async function ask(code) {
    const words = document.getElementById("messages").dataset;
    let answer;
    let body;
    try {
      answer = await fetch(`${root}?code=${encodeURIComponent(code)}`, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout?.(GIVE_UP) });
      if (answer.redirected) {
        say("bad", words.signedOut);
        return null;
      }
      body = await answer.json();
    } catch {
      say("warn", words.scanKept); /* nothing is lost: it waits for the network, and those after it wait in order */
      await back();
      return ask(code);
    }
    if (!answer.ok) say("bad", body.message);
    else if (body.kind !== "unknown") return body;
    else {
      say("bad", body.message);
      if (await linked(code)) return ask(code);
    }
    return null;
  }
  function meaning(code) {
    if (!known.has(code)) {
      const found = ask(code);
      known.set(code, found);
      found.then((body) => { if (!body) known.delete(code); });
    }
    return known.get(code);
  }
  async function open_(code) {
    const found = await meaning(code);
    if (!found) return;
    say("ok", `${found.title} ${found.detail}`.trim());
    location.assign(found.url);
  }

  /* A code that nobody knows: which item is it? One question after another ------------------------------- */
  async function dialog(name, query) {
    const answer = await fetch(part(name) + query, { signal: AbortSignal.timeout?.(GIVE_UP) });
    if (!answer.ok || answer.redirected) throw new Error(name);
    const made = document.createElement("template");
    made.innerHTML = await answer.text();
    const sheet = made.content.querySelector("dialog");
    document.body.append(sheet);
    sheet.addEventListener("close", () => sheet.remove());
    sheet.showModal();
    return sheet;
  }
  let questions = Promise.resolve();
  function linked(code) {
    const answer = questions.then(() => question(code)).catch(() => false);
    questions = answer;
    return answer;
  }
  async function question(code) {
    const sheet = await dialog("unknown", `?code=${encodeURIComponent(code)}`);
    const form = sheet.querySelector("form[data-link]");
    let done = false;
    if (form) {
      sheet.querySelector("[data-leave]").addEventListener("click", () => sheet.close());
      suggest(form.elements.namedItem("item"), sheet.querySelector("datalist"));
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const wrong = form.querySelector("[data-wrong]");
        try {
          const sent = await fetch(part("link"), { method: "POST", body: new FormData(form), headers: { ...token(), Accept: "application/json" } });
          const body = await sent.json();
          if (sent.ok) {
            done = true;
            sheet.close();
          } else wrong.textContent = body.message;
        } catch {
          wrong.textContent = document.getElementById("messages").dataset.offline;
        }
      });
    }
    return new Promise((finish) => { sheet.addEventListener("close", () => finish(done), { once: true }); });
  }
  function suggest(field, list) {
    let timer = 0;
    let asked = 0;
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const turn = ++asked;
        if (!field.value.trim() || field.value.includes(" — ")) return;
        const results = await fetch(`${field.dataset.items}?limit=8&q=${encodeURIComponent(field.value.trim().slice(0, 80))}`)
          .then(async (answer) => (answer.ok ? (await answer.json()).results : [])).catch(() => []);
        if (turn !== asked) return; /* an older answer comes late */
        const found = results.filter((one) => one.kind === "item");
        list.replaceChildren(...found.map((one) => new Option("", `${one.key} — ${one.title}`)));
      }, 150);
    });
  }

  /* The camera: its dialog brings its own script -------------------------------------------------------- */
  async function camera() {
    const sheet = await dialog("camera", "");
    const asked = new CustomEvent("need", { detail: { url: sheet.dataset.js } });
    document.dispatchEvent(asked);
    await asked.detail.here;
    document.dispatchEvent(new CustomEvent("camera-open"));
  }

  document.dispatchEvent(new CustomEvent("scan-tools", { detail: { meaning, say, open: open_, camera } }));
})();
