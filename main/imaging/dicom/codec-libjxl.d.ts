declare module '@cornerstonejs/codec-libjxl/decodewasmjs' {
  export interface JpegXlDecoder {
    getEncodedBuffer(length: number): Uint8Array;
    decode(): void;
    getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number };
    getDecodedBuffer(): Uint8Array;
    delete(): void;
  }
  const create: (options: {
    wasmBinary: Uint8Array;
    print: (line: string) => void;
    printErr: (line: string) => void;
  }) => Promise<{ JpegXLDecoder: new () => JpegXlDecoder }>;
  export { create as default };
}
