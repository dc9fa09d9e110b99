import { describe, expect, it } from 'vitest';
import { isAllowedExternal } from '../../../main/app/external-links.ts';

describe('links that leave the application', () => {
  it('opens the named sites over https', () => {
    expect(isAllowedExternal('https://dicom.nema.org/medical/dicom/current/output/html/part03.html')).toBe(true);
    expect(isAllowedExternal('https://creativecommons.org/licenses/by/4.0/')).toBe(true);
  });

  it.each([
    'http://dicom.nema.org/',
    'https://dicom.nema.org.example.com/',
    'https://example.com/?https://dicom.nema.org',
    'https://dicom.nema.org:8443/',
    'https://somebody@dicom.nema.org/',
    'https://dicom.nema.org@example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'app://verisim/index.html',
    'dicom.nema.org',
    '',
  ])('refuses %s', (address) => {
    expect(isAllowedExternal(address)).toBe(false);
  });
});
