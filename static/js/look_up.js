/* The look-up page: each scan puts a card on top; older ones stay below. */
"use strict";
(function () {
  const form = document.getElementById("look-up");
  const cards = document.getElementById("cards");
  let chain = Promise.resolve();
  async function look(code, said) {
    let heard;
    let html;
    try {
      const answer = await fetch(`${form.dataset.card}?code=${encodeURIComponent(code)}`, { signal: AbortSignal.timeout?.(15000) });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      heard = JSON.parse(answer.headers.get("X-Scan"));
      html = await answer.text();
    } catch { /* or it broke off: those behind it are looked up all the same */
      return said("bad", document.getElementById("messages").dataset.offline);
    }
    const made = document.createElement("template");
    made.innerHTML = html;
    document.getElementById("no-card")?.remove();
    cards.prepend(made.content);
    while (cards.children.length > 20) cards.lastElementChild.remove();
    return said(heard.tone, heard.text);
  }
  document.addEventListener("scanned", (event) => {
    event.preventDefault();
    const { code, source, say, meaning } = event.detail;
    /* To link is to ask for the meaning: the question comes by itself, then the card. */
    if (source === "link") meaning().then((found) => found && look(code, say));
    else chain = chain.then(() => look(code, say));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const code = form.elements.code.value.trim();
    form.elements.code.value = "";
    if (code) document.dispatchEvent(new CustomEvent("scan-code", { detail: { code, source: "typed" } }));
  });
  cards.addEventListener("click", (event) => {
    const button = event.target.closest("[data-link-code]");
    if (!button) return;
    button.closest(".scan-card").remove();
    document.dispatchEvent(new CustomEvent("scan-code", { detail: { code: button.dataset.linkCode, source: "link" } }));
  });
  if (matchMedia("(pointer: fine)").matches) form.elements.code.focus();
})();
