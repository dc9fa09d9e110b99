/** IPTC's digital source type as XMP: what is cut from or written as a synthetic slide carries it. */
export const syntheticXmp = xmpOf('trainedAlgorithmicMedia');
/** Of what was made from another picture. */
export const derivedXmp = xmpOf('compositeWithTrainedAlgorithmicMedia');

function xmpOf(type: string): string {
  return `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/${type}</Iptc4xmpExt:DigitalSourceType></rdf:Description></rdf:RDF></x:xmpmeta>`;
}
