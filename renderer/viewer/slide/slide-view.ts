import OpenSeadragon from 'openseadragon';
import { assetUrl } from '../../client.ts';

export interface SlideToShow {
  id: string;
  width: number;
  height: number;
}

/** What of level 0 is in view, and how many of its pixels lie along one of the screen. */
export interface SlideBounds {
  x: number;
  y: number;
  width: number;
  height: number;
  pixelsPerScreenPixel: number;
}

export interface SlideView {
  bounds(): SlideBounds;
  /** Level 0 to pixels of the element, and back. */
  toScreen(point: readonly [number, number]): [number, number];
  toSlide(point: readonly [number, number]): [number, number];
  show(bounds: Pick<SlideBounds, 'x' | 'y' | 'width' | 'height'>): void;
  /** While something is drawn the slide stays where it is. */
  setPanning(on: boolean): void;
  destroy(): void;
}

const tileSide = 512;

export interface SlideWatch {
  /** The view changed. */
  onmove(): void;
  /** The slide is there, or its element has another size. */
  onsettled(): void;
}

/** A slide in an element, its tiles from app://, with a small map of the whole. */
export function openSlideView(element: HTMLElement, slide: SlideToShow, { onmove, onsettled }: SlideWatch): SlideView {
  const { width } = slide;
  const viewer = new OpenSeadragon.Viewer({
    element,
    drawer: 'canvas',
    showNavigationControl: false,
    showNavigator: true,
    navigatorPosition: 'BOTTOM_RIGHT',
    navigatorSizeRatio: 0.16,
    navigatorAutoFade: false,
    maxZoomPixelRatio: 8,
    // A small slide beside a large one is seen at its size, also where the view leaves it.
    minZoomImageRatio: 0.001,
    visibilityRatio: 0,
    animationTime: 0.4,
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    tileSources: [tileSourceOf(slide)],
  });
  for (const event of ['open', 'animation', 'animation-finish', 'resize'] as const) viewer.addHandler(event, onmove);
  for (const event of ['open', 'resize'] as const) viewer.addHandler(event, () => requestAnimationFrame(onsettled));
  const { viewport } = viewer;
  const toScreen: SlideView['toScreen'] = ([x, y]) => {
    const point = viewport.pixelFromPoint(new OpenSeadragon.Point(x / width, y / width), true);
    return [point.x, point.y];
  };
  const toSlide: SlideView['toSlide'] = ([x, y]) => {
    const point = viewport.pointFromPixel(new OpenSeadragon.Point(x, y), true);
    return [point.x * width, point.y * width];
  };
  return {
    bounds() {
      const box = viewport.getBounds(true);
      const shown = { x: box.x * width, y: box.y * width, width: box.width * width, height: box.height * width };
      return { ...shown, pixelsPerScreenPixel: shown.width / Math.max(1, element.clientWidth) };
    },
    toScreen,
    toSlide,
    show({ x, y, width: across, height: down }) {
      viewport.fitBounds(new OpenSeadragon.Rect(x / width, y / width, across / width, down / width), true);
    },
    setPanning: (on) => viewer.setMouseNavEnabled(on),
    destroy: () => viewer.destroy(),
  };
}

function tileSourceOf({ id, width, height }: SlideToShow): OpenSeadragon.TileSource {
  const source = new OpenSeadragon.TileSource({
    width,
    height,
    tileSize: tileSide,
    tileOverlap: 0,
    minLevel: 0,
    maxLevel: Math.ceil(Math.log2(Math.max(width, height))),
  });
  source.getTileUrl = (level, x, y) => assetUrl.slideTile(id, level, x, y);
  return source;
}
