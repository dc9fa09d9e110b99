import type { SamplerName } from '../../preload/samplers.ts';
import type { SyntheticProvenance } from '../imaging/export/synthetic-marks.ts';

/** Everything that decides the bytes of one image, and nothing else. */
export interface Provenance extends Omit<SyntheticProvenance, 'application'> {
  sampler: SamplerName;
}

/**
 * The text chunks of a canonical PNG: the settings as JSON, and the IPTC digital source type as XMP (IPTC Photo Metadata
 * Standard 2023.1, 13.1.7). No time and no run id, so that the same seed gives the same bytes in any run.
 */
export function generationText(provenance: Provenance): Record<string, string> {
  const type = provenance.sourceSha256 === null ? 'trainedAlgorithmicMedia' : 'compositeWithTrainedAlgorithmicMedia';
  const uri = `http://cv.iptc.org/newscodes/digitalsourcetype/${type}`;
  return {
    Software: 'Verisim',
    Description: `Synthetic image made by the model ${provenance.modelId} ${provenance.modelVersion}; not of a patient.`,
    'Verisim:generation': JSON.stringify(provenance),
    'XML:com.adobe.xmp': xmp(uri),
  };
}

/** What `generationText` wrote; null for a PNG of another origin. */
export function readProvenance(text: Record<string, string>): Provenance | null {
  const json = text['Verisim:generation'];
  return json === undefined ? null : (JSON.parse(json) as Provenance);
}

function xmp(digitalSourceType: string): string {
  return [
    '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">',
    `<Iptc4xmpExt:DigitalSourceType>${digitalSourceType}</Iptc4xmpExt:DigitalSourceType>`,
    '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>',
  ].join('');
}
