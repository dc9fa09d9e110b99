// One image of a case, with the tools that the design allows: wheel zooms, Alt and drag pans, right drag windows, left drag marks.
'use strict';

globalThis.makeFrame = function makeFrame({ image, label, tools, onmark }) {
  const frame = Object.assign(document.createElement('div'), { className: 'frame' });
  frame.setAttribute('role', 'group');
  frame.setAttribute('aria-label', label);
  const surface = Object.assign(document.createElement('div'), { className: 'surface' });
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 1 1');
  surface.append(image, svg);
  frame.append(surface);
  const view = { zoom: 1, x: 0, y: 0, brightness: 1, contrast: 1 };
  const draw = () => {
    surface.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`;
    surface.style.filter = `brightness(${view.brightness}) contrast(${view.contrast})`;
  };
  frame.addEventListener('wheel', (event) => {
    if (!tools.zoom) return;
    view.zoom = Math.min(8, Math.max(1, view.zoom * (event.deltaY < 0 ? 1.15 : 1 / 1.15)));
    if (view.zoom === 1) [view.x, view.y] = [0, 0];
    draw();
  });
  let drag = null;
  surface.addEventListener('pointerdown', (event) => {
    const pan = event.button === 1 || (event.button === 0 && event.altKey);
    const kind = pan ? 'pan' : event.button === 2 ? 'window' : 'mark';
    if (!{ pan: tools.zoom, window: tools.window, mark: tools.mark }[kind]) return;
    event.preventDefault();
    surface.setPointerCapture(event.pointerId);
    drag = { kind, x: event.clientX, y: event.clientY, from: shareOf(surface, event) };
    if (kind === 'mark') onmark(drag.from, 0.05);
  });
  surface.addEventListener('pointermove', (event) => {
    if (drag === null) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (drag.kind === 'mark') {
      const at = shareOf(surface, event);
      onmark(drag.from, Math.min(0.5, Math.max(0.02, Math.hypot(at.x - drag.from.x, at.y - drag.from.y))));
      return;
    }
    if (drag.kind === 'pan') [view.x, view.y] = [view.x + dx, view.y + dy];
    else {
      view.contrast = Math.min(4, Math.max(0.25, view.contrast * (1 + dx / 300)));
      view.brightness = Math.min(3, Math.max(0.25, view.brightness * (1 - dy / 300)));
    }
    drag = { ...drag, x: event.clientX, y: event.clientY };
    draw();
  });
  surface.addEventListener('pointerup', () => (drag = null));
  surface.addEventListener('contextmenu', (event) => event.preventDefault());
  return frame;
};

function shareOf(surface, event) {
  const box = surface.getBoundingClientRect();
  const within = (value) => Math.min(1, Math.max(0, value));
  return { x: within((event.clientX - box.left) / box.width), y: within((event.clientY - box.top) / box.height) };
}
