/** True for the few sites that a link may open in the person's own browser: https, the standard port, no credentials. */
export function isAllowedExternal(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return url.protocol === 'https:' && url.port === '' && url.username === '' && externalHosts.has(url.hostname);
}

/** The standard, licences, sources and publications that the application names. */
const externalHosts = new Set(['dicom.nema.org', 'doi.org', 'github.com', 'www.apache.org', 'creativecommons.org']);
