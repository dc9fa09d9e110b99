import { describe, expect, it } from 'vitest';
import { decodeText } from '../../../main/imaging/dicom/character-set.ts';

/** Bytes and names of PS3.5 annexes H, I, J and K. */
const examples = [
  { characterSet: '', bytes: 'Adams^John', text: 'Adams^John' },
  { characterSet: 'ISO_IR 100', bytes: 'Buc^J\xe9r\xf4me', text: 'Buc^Jérôme' },
  { characterSet: 'ISO_IR 144', bytes: '\xbb\xee\xdace\xdc\xd1yp\xd3', text: 'Люкceмбypг' },
  {
    characterSet: '\\ISO 2022 IR 87',
    bytes: 'Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B',
    text: 'Yamada^Tarou=山田^太郎',
  },
  {
    characterSet: '\\ISO 2022 IR 149',
    bytes: 'Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7',
    text: 'Hong^Gildong=洪^吉洞',
  },
  {
    characterSet: 'ISO_IR 192',
    bytes: 'Wang^XiaoDong=\xe7\x8e\x8b^\xe5\xb0\x8f\xe6\x9d\xb1',
    text: 'Wang^XiaoDong=王^小東',
  },
  { characterSet: 'GB18030', bytes: 'Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab', text: 'Wang^XiaoDong=王^小东' },
];

describe('character sets', () => {
  for (const { characterSet, bytes, text } of examples) {
    it(`${characterSet || 'the default repertoire'} is read as the standard shows it`, () => {
      expect(decodeText(Buffer.from(bytes, 'latin1'), characterSet)).toBe(text);
    });
  }
});
