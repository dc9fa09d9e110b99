/** The address of everything with pixels. Apart from the contract, so that the window can use it without zod. */
export const assetOrigin = 'app://verisim';
export const assetUrl = {
  volume: (volumeId: string) => `${assetOrigin}/volumes/${volumeId}`,
  thumbnail: (seriesId: string) => `${assetOrigin}/thumbnails/${seriesId}`,
  /** The middle slice, large enough for a first look. */
  preview: (seriesId: string) => `${assetOrigin}/previews/${seriesId}`,
  image: (imageId: string) => `${assetOrigin}/images/${imageId}`,
  /** 8-bit PNG preview of an output. */
  outputPreview: (runId: string, outputIndex: number) => `${assetOrigin}/outputs/${runId}/${outputIndex}`,
  /** The sample sheet of a pack, where it has one. */
  modelSheet: (modelId: string) => `${assetOrigin}/models/${modelId}/sheet`,
  /** A picture of an evaluation. */
  runPicture: (runId: string, name: string) => `${assetOrigin}/pictures/${runId}/${name}`,
  /** JPEG of 512 pixels; level 0 holds the whole slide in one pixel, each next one is twice as fine. */
  slideTile: (slideId: string, level: number, column: number, row: number) =>
    `${assetOrigin}/tiles/${slideId}/${level}/${column}_${row}`,
  reviewCase: (reviewId: string, position: number) => `${assetOrigin}/review/${reviewId}/${position}`,
};
