/* The camera as a scanner: the browser's own detector, else a reader that is fetched once, else a photo.
   Stays open for the next code; the same code is ignored for a moment; pauses when nothing happens. */
"use strict";
(function () {
  const FORMATS = ["code_128", "code_39", "ean_13", "ean_8", "upc_a", "upc_e", "itf", "qr_code", "data_matrix"];
  const AGAIN = 1200;
  const IDLE = 60000;
  let reader = null;

  async function native() {
    if (!("BarcodeDetector" in window)) return null;
    const can = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (!can.includes("qr_code") || !can.includes("code_128")) return null;
    const made = new BarcodeDetector({ formats: FORMATS.filter((one) => can.includes(one)) });
    return async (picture) => (await made.detect(picture)).map((one) => one.rawValue);
  }
  async function own(sheet) {
    const asked = new CustomEvent("need", { detail: { url: sheet.dataset.reader } });
    document.dispatchEvent(asked);
    await asked.detail.here;
    const { wasm } = sheet.dataset;
    await ZXingWASM.prepareZXingModule({ overrides: { locateFile: (name, folder) => (name.endsWith(".wasm") ? wasm : folder + name) }, fireImmediately: true });
    const paper = document.createElement("canvas");
    const ink = paper.getContext("2d", { willReadFrequently: true });
    return async (picture, whole) => {
      const [width, height] = [picture.videoWidth || picture.width, picture.videoHeight || picture.height];
      /* A live picture is read in its middle strip; a photo whole, but not larger than needed. */
      const [w, h] = whole ? [width, height] : [width * 0.9, height * 0.6];
      const scale = Math.min(1, (whole ? 1600 : 800) / Math.max(w, h));
      paper.width = Math.round(w * scale);
      paper.height = Math.round(h * scale);
      ink.drawImage(picture, (width - w) / 2, (height - h) / 2, w, h, 0, 0, paper.width, paper.height);
      const found = await ZXingWASM.readBarcodes(ink.getImageData(0, 0, paper.width, paper.height), { tryHarder: Boolean(whole), maxNumberOfSymbols: 1 });
      /* With its symbology identifier a GS1 code says that it is one. */
      return found.filter((one) => one.isValid).map((one) => (/^\](C1|d2|Q3|e0)/.test(one.symbologyIdentifier || "") ? one.symbologyIdentifier : "") + one.text);
    };
  }

  async function run(sheet) {
    const video = sheet.querySelector("video");
    const state = sheet.querySelector("[data-state]");
    const torch = sheet.querySelector("[data-torch]");
    const again = sheet.querySelector("[data-again]");
    const words = sheet.dataset;
    let stream = null;
    let on = true;
    let seen = { code: "", at: 0 };
    let last = Date.now();
    function found(code) {
      last = Date.now();
      if (code === seen.code && last - seen.at < AGAIN) {
        seen.at = last;
        return;
      }
      seen = { code, at: last };
      state.textContent = code.slice(0, 60);
      document.dispatchEvent(new CustomEvent("scan-code", { detail: { code, source: "camera" } }));
    }
    function stop() {
      stream?.getTracks().forEach((track) => track.stop());
      stream = null;
    }
    async function start() {
      state.textContent = words.wWait;
      again.hidden = true;
      last = Date.now();
      try {
        if (!navigator.mediaDevices?.getUserMedia) throw new Error("no camera");
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
        video.srcObject = stream;
        await video.play();
        reader = reader || (await native()) || (await own(sheet));
      } catch {
        stop();
        state.textContent = words.wNone;
        return;
      }
      if (!on) return stop();
      state.textContent = words.wAim;
      torch.hidden = !stream.getVideoTracks()[0].getCapabilities?.().torch;
      watch();
    }
    async function watch() {
      while (on && stream) {
        const began = performance.now();
        const codes = await reader(video, false).catch(() => []);
        if (codes[0]) found(codes[0]);
        if (Date.now() - last > IDLE) {
          stop();
          state.textContent = words.wPaused;
          again.hidden = false;
          return;
        }
        await new Promise((next) => { setTimeout(next, Math.max(30, 160 - (performance.now() - began))); });
      }
    }
    torch.addEventListener("click", () => {
      const [track] = stream.getVideoTracks();
      track.applyConstraints({ advanced: [{ torch: !track.getSettings().torch }] }).catch(() => { torch.hidden = true; });
    });
    again.addEventListener("click", start);
    const photo = sheet.querySelector("[data-photo]");
    async function develop() {
      const [file] = photo.files;
      if (!file) return;
      try {
        reader = reader || (await native()) || (await own(sheet));
        const codes = await reader(await createImageBitmap(file), true);
        if (codes[0]) found(codes[0]);
        else state.textContent = words.wNothing;
      } catch {
        state.textContent = words.wNothing;
      }
      photo.value = "";
    }
    photo.addEventListener("change", develop);
    /* Chosen before this script was here. */
    develop();
    sheet.addEventListener("close", () => { on = false; stop(); });
    start();
  }
  document.addEventListener("camera-open", () => {
    const sheet = document.getElementById("camera");
    if (sheet) run(sheet);
  });
})();
