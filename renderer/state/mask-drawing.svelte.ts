import {
  emptyMask,
  markedPixels,
  type MaskPoint,
  type MaskRaster,
  type MaskRectangle,
  paintRectangle,
  paintStroke,
} from './mask-raster.ts';

export type MaskTool = 'brush' | 'eraser' | 'rectangle';

const mostUndone = 100;

/** A mask that is being drawn over one slice, with what was drawn before to go back to. */
export class MaskDrawing {
  tool = $state<MaskTool>('brush');
  /** Pixels. */
  brushRadius = $state(8);
  mask = $state.raw<MaskRaster>(emptyMask(1, 1));
  #undone = $state.raw<MaskRaster[]>([]);
  #done = $state.raw<MaskRaster[]>([]);
  readonly canUndo: boolean = $derived(this.#done.length > 0);
  readonly canRedo: boolean = $derived(this.#undone.length > 0);
  readonly marked: number = $derived(markedPixels(this.mask));

  /** Another size begins anew; the same size keeps what is drawn. */
  fit(columns: number, rows: number): void {
    if (this.mask.columns === columns && this.mask.rows === rows) return;
    this.mask = emptyMask(columns, rows);
    this.#done = [];
    this.#undone = [];
  }

  /** One stroke from its first point on is one step to undo. */
  begin(): void {
    this.#done = [...this.#done, this.mask].slice(-mostUndone);
    this.#undone = [];
  }

  /** A piece of the stroke that was begun. */
  stroke(from: MaskPoint, to: MaskPoint): void {
    const value = this.tool === 'eraser' ? 0 : 1;
    this.#change((mask) => paintStroke(mask, { from, to, radius: this.brushRadius, value }));
  }

  rectangle(rectangle: MaskRectangle, value: 0 | 1): void {
    this.begin();
    this.#change((mask) => paintRectangle(mask, rectangle, value));
  }

  clear(): void {
    this.rectangle({ left: 0, top: 0, width: this.mask.columns, height: this.mask.rows }, 0);
  }

  undo(): void {
    const before = this.#done.at(-1);
    if (before === undefined) return;
    this.#done = this.#done.slice(0, -1);
    this.#undone = [...this.#undone, this.mask];
    this.mask = before;
  }

  redo(): void {
    const after = this.#undone.at(-1);
    if (after === undefined) return;
    this.#undone = this.#undone.slice(0, -1);
    this.#done = [...this.#done, this.mask];
    this.mask = after;
  }

  #change(paint: (mask: MaskRaster) => void): void {
    const next = { ...this.mask, values: this.mask.values.slice() };
    paint(next);
    this.mask = next;
  }
}
