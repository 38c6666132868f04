"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const ATTRIBUTES = 7; // where a product's attributes begin
  const products = data.products;
  const n = products.length;
  const x = new Float32Array(n);
  const y = new Float32Array(n);
  const color = new Uint8Array(n);
  products.forEach((p, i) => {
    x[i] = p[2] / data.units;
    y[i] = p[3] / data.units;
    color[i] = p[4];
  });

  // Products by category, so that a color is set once, and by place, so that few are looked at.
  const byColor = [];
  for (let i = 0; i < n; i++) (byColor[color[i]] ||= []).push(i);
  const SIDE = 64;
  const buckets = Array.from({length: SIDE * SIDE}, () => []);
  const bucket = at => Math.max(0, Math.min(SIDE - 1, Math.floor(at * SIDE)));
  for (let i = 0; i < n; i++) buckets[bucket(y[i]) * SIDE + bucket(x[i])].push(i);

  const sheets = data.sheets.map(uri => {
    const image = new Image();
    image.onload = () => { redraw(); showChosen(); };
    image.src = uri;
    return image;
  });
  const perSheet = data.each * data.each;

  /** Draws a product's photo on a canvas; returns whether it has one. */
  function drawPhoto(on, i, left, top, size) {
    const photo = products[i][5];
    if (photo < 0) return false;
    const sheet = sheets[Math.floor(photo / perSheet)];
    if (!sheet.complete || !sheet.naturalWidth) return false;
    const place = photo % perSheet;
    on.drawImage(sheet, place % data.each * data.cell, Math.floor(place / data.each) * data.cell,
        data.cell, data.cell, left, top, size, size);
    return true;
  }

  // ---- the view: a point of the map is at (place - middle) * scale + half of the canvas

  const canvas = document.getElementById("map");
  const pen = canvas.getContext("2d");
  let width = 0;
  let height = 0;
  let whole = 1;
  let scale = 1;
  let middleX = 0.5;
  let middleY = 0.5;
  let chosen = -1;
  let alone = -1;
  let colors = [];
  let ink = "";
  let line = "";
  let accent = "";
  let waiting = false;

  function redraw() {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(() => { waiting = false; draw(); });
    }
  }

  function readColors() {
    const style = getComputedStyle(document.documentElement);
    colors = byColor.map((_, i) => style.getPropertyValue("--c" + i).trim());
    ink = style.getPropertyValue("--ink").trim();
    line = style.getPropertyValue("--line").trim();
    accent = style.getPropertyValue("--accent").trim();
    redraw();
  }

  function resize() {
    const first = width === 0;
    const dense = Math.min(2, devicePixelRatio || 1);
    width = canvas.clientWidth;
    height = canvas.clientHeight;
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    const before = whole;
    whole = Math.max(50, Math.min(width, height) - 60);
    scale = first ? whole : scale * whole / before;
    redraw();
  }

  const toX = i => (x[i] - middleX) * scale + width / 2;
  const toY = i => (y[i] - middleY) * scale + height / 2;

  function draw() {
    pen.clearRect(0, 0, width, height);
    // One photo in each square of a grid that moves with the map; all others are dots.
    const size = Math.min(96, 26 * Math.pow(scale / whole, 0.35));
    const cell = size * 1.08;
    const columns = Math.ceil(width / cell) + 3;
    const rows = Math.ceil(height / cell) + 3;
    const firstColumn = Math.floor((middleX * scale - width / 2) / cell) - 1;
    const firstRow = Math.floor((middleY * scale - height / 2) / cell) - 1;
    const taken = new Int32Array(columns * rows).fill(-1);
    const dot = Math.max(2, Math.min(5, size / 9));
    const margin = size / scale;
    const left = middleX - width / 2 / scale - margin;
    const right = middleX + width / 2 / scale + margin;
    const top = middleY - height / 2 / scale - margin;
    const bottom = middleY + height / 2 / scale + margin;
    for (let b = bucket(top); b <= bucket(bottom); b++) {
      for (let a = bucket(left); a <= bucket(right); a++) {
        for (const i of buckets[b * SIDE + a]) {
          if (alone >= 0 && color[i] !== alone) continue;
          const column = Math.floor(x[i] * scale / cell) - firstColumn;
          const row = Math.floor(y[i] * scale / cell) - firstRow;
          if (column < 0 || row < 0 || column >= columns || row >= rows) continue;
          const at = row * columns + column;
          if (taken[at] < 0) taken[at] = i;
        }
      }
    }
    byColor.forEach((all, c) => {
      pen.globalAlpha = alone < 0 || alone === c ? 0.9 : 0.12;
      pen.fillStyle = colors[c];
      for (const i of all) {
        if (x[i] < left || x[i] > right || y[i] < top || y[i] > bottom) continue;
        pen.fillRect(toX(i) - dot / 2, toY(i) - dot / 2, dot, dot);
      }
    });
    pen.globalAlpha = 1;
    for (const i of taken) if (i >= 0) photo(i, size);
    if (chosen >= 0) drawChosen(size);
  }

  /** A photo at its point, framed in its category's color. */
  function photo(i, size) {
    const px = toX(i) - size / 2;
    const py = toY(i) - size / 2;
    const frame = Math.max(1, size / 24);
    if (drawPhoto(pen, i, px, py, size)) {
      pen.strokeStyle = colors[color[i]];
      pen.lineWidth = frame;
      pen.strokeRect(px, py, size, size);
    }
  }

  function drawChosen(size) {
    const large = Math.max(44, size * 1.25);
    pen.strokeStyle = ink;
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (const [i] of nearest(chosen)) {
      pen.moveTo(toX(chosen), toY(chosen));
      pen.lineTo(toX(i), toY(i));
    }
    pen.stroke();
    for (const [i] of nearest(chosen).reverse()) mark(i, large * 0.75, line);
    mark(chosen, large, accent);
  }

  function mark(i, size, frame) {
    pen.fillStyle = colors[color[i]];
    pen.fillRect(toX(i) - size / 2 - 3, toY(i) - size / 2 - 3, size + 6, size + 6);
    drawPhoto(pen, i, toX(i) - size / 2, toY(i) - size / 2, size);
    pen.strokeStyle = frame;
    pen.lineWidth = 3;
    pen.strokeRect(toX(i) - size / 2 - 3, toY(i) - size / 2 - 3, size + 6, size + 6);
  }

  function zoom(factor, px, py) {
    const next = Math.max(whole * 0.6, Math.min(whole * 400, scale * factor));
    // What is under the pointer stays there.
    middleX += (px - width / 2) * (1 / scale - 1 / next);
    middleY += (py - height / 2) * (1 / scale - 1 / next);
    scale = next;
    redraw();
  }

  function move(px, py) {
    middleX = Math.max(-0.2, Math.min(1.2, middleX - px / scale));
    middleY = Math.max(-0.2, Math.min(1.2, middleY - py / scale));
    redraw();
  }

  function closest(px, py, reach) {
    let best = -1;
    let least = reach * reach;
    const mx = (px - width / 2) / scale + middleX;
    const my = (py - height / 2) / scale + middleY;
    const r = reach / scale;
    for (let b = bucket(my - r); b <= bucket(my + r); b++) {
      for (let a = bucket(mx - r); a <= bucket(mx + r); a++) {
        for (const i of buckets[b * SIDE + a]) {
          if (alone >= 0 && color[i] !== alone) continue;
          const d = ((x[i] - mx) ** 2 + (y[i] - my) ** 2) * scale * scale;
          if (d < least) {
            least = d;
            best = i;
          }
        }
      }
    }
    return best;
  }

  // ---- what is chosen

  /** The nearest of a product and their similarities. */
  function nearest(i) {
    const list = products[i][6];
    const pairs = [];
    for (let j = 0; j < list.length; j += 2) pairs.push([list[j], list[j + 1] / 1000]);
    return pairs;
  }

  function why(i, j) {
    const same = [];
    const differs = [];
    data.attributes.forEach((name, a) => {
      const mine = products[i][ATTRIBUTES + a];
      const its = products[j][ATTRIBUTES + a];
      if (mine !== null && its !== null) {
        if (mine === its) same.push(name);
        else differs.push(name + " " + its);
      }
    });
    return (same.length ? "; same " + same.join(", ") : "") + (differs.length ? "; " + differs.join(", ") : "");
  }

  function thumbnail(i, pixels) {
    const small = document.createElement("canvas");
    small.width = small.height = pixels;
    small.setAttribute("aria-hidden", "true");
    drawPhoto(small.getContext("2d"), i, 0, 0, pixels);
    return small;
  }

  function showChosen() {
    if (chosen < 0) return;
    const section = document.getElementById("chosen");
    const p = products[chosen];
    document.getElementById("chosen-title").textContent = p[1];
    const facts = [p[0] === p[1] ? "" : p[0]];
    data.attributes.forEach((name, a) => {
      if (p[ATTRIBUTES + a] !== null) facts.push(name + " " + p[ATTRIBUTES + a]);
    });
    document.getElementById("facts").textContent = facts.filter(f => f).join(" · ");
    section.querySelector(":scope > canvas")?.remove();
    if (p[5] >= 0) document.getElementById("facts").after(thumbnail(chosen, 2 * data.cell));
    document.getElementById("nearest").replaceChildren(...nearest(chosen).map(([j, similarity], rank) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      const text = document.createElement("span");
      text.textContent = products[j][1];
      const reason = document.createElement("small");
      reason.textContent = (rank === 0 ? "nearest of all, " : "") + "similarity " + similarity.toFixed(3) + why(chosen, j);
      text.append(reason);
      button.append(thumbnail(j, data.cell), text);
      button.addEventListener("click", () => { choose(j); show(j); });
      item.append(button);
      return item;
    }));
  }

  function choose(i) {
    chosen = i;
    showChosen();
    redraw();
  }

  /** Brings a product into the middle, near enough to see its photo. */
  function show(i) {
    middleX = x[i];
    middleY = y[i];
    scale = Math.max(scale, whole * 6);
    redraw();
  }

  // ---- hands

  const pointers = new Map();
  let moved = 0;
  const place = event => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("pointerdown", event => {
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, place(event));
    if (pointers.size === 1) moved = 0;
  });
  canvas.addEventListener("pointermove", event => {
    const before = pointers.get(event.pointerId);
    if (!before) {
      canvas.style.cursor = closest(...place(event), 22) >= 0 ? "pointer" : "grab";
      return;
    }
    const now = place(event);
    moved += Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]);
    if (pointers.size === 2) {
      const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
      const span = p => Math.hypot(p[0] - other[0], p[1] - other[1]) || 1;
      zoom(span(now) / span(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else {
      move(now[0] - before[0], now[1] - before[1]);
    }
    pointers.set(event.pointerId, now);
  });
  canvas.addEventListener("pointerup", event => {
    const at = pointers.get(event.pointerId);
    pointers.delete(event.pointerId);
    if (at && moved < 6) {
      const found = closest(...at, event.pointerType === "mouse" ? 22 : 34);
      if (found >= 0) choose(found);
    }
  });
  canvas.addEventListener("pointercancel", event => pointers.delete(event.pointerId));
  canvas.addEventListener("wheel", event => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)), ...place(event));
  }, {passive: false});
  canvas.addEventListener("keydown", event => {
    const step = 60;
    const moves = {ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step]};
    if (moves[event.key]) move(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") zoom(1.3, width / 2, height / 2);
    else if (event.key === "-") zoom(1 / 1.3, width / 2, height / 2);
    else if (event.key === "Enter") {
      const found = closest(width / 2, height / 2, Math.max(width, height));
      if (found >= 0) choose(found);
    } else return;
    event.preventDefault();
  });
  document.getElementById("closer").addEventListener("click", () => zoom(1.5, width / 2, height / 2));
  document.getElementById("farther").addEventListener("click", () => zoom(1 / 1.5, width / 2, height / 2));
  document.getElementById("whole").addEventListener("click", () => {
    scale = whole;
    middleX = middleY = 0.5;
    redraw();
  });
  const legend = [...document.querySelectorAll(".legend button")];
  legend.forEach(button => button.addEventListener("click", () => {
    const own = Number(button.dataset.color);
    alone = alone === own ? -1 : own;
    legend.forEach(b => b.setAttribute("aria-pressed", String(Number(b.dataset.color) === alone)));
    redraw();
  }));

  let asked = "";
  let matches = [];
  let next = 0;
  document.getElementById("find").addEventListener("submit", event => {
    event.preventDefault();
    const query = document.getElementById("query").value.trim().toLowerCase();
    if (query !== asked) {
      asked = query;
      next = 0;
      matches = [];
      if (query) products.forEach((p, i) => {
        if (p[0].toLowerCase().includes(query) || p[1].toLowerCase().includes(query)) matches.push(i);
      });
    }
    const found = document.getElementById("found");
    if (!matches.length) {
      found.textContent = query ? "no product is called so" : "";
      return;
    }
    const i = matches[next % matches.length];
    found.textContent = next % matches.length + 1 + " of " + matches.length;
    next++;
    choose(i);
    show(i);
  });

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", readColors);
  new ResizeObserver(resize).observe(canvas);
  readColors();
  resize();
})();
